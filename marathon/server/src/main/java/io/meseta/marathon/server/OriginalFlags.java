// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.flags.Style;

/// The flags of the original that do nothing here, and why. Refused is what operators rely on.
final class OriginalFlags {
  private OriginalFlags() {}

  static Style known(Style style) {
    return style.refusing(REFUSED).ignoring(IGNORED);
  }

  private static final String REFUSED =
      """
      accepted_resource_roles_default_behavior=any: apps that name no accepted roles take any
      backup_location: there is no backup; ZooKeeper holds the state
      default_accepted_resource_roles=*: apps that name no accepted roles take any
      disable_http: there is no TLS, so nothing would listen
      executor=//cmd|: apps name their executor
      ha=true: every server contends for the lead; --internal_store_backend=mem runs one alone
      https_address=0.0.0.0: there is no TLS; put a TLS proxy in front
      https_port=8443: there is no TLS; put a TLS proxy in front
      leader_election_backend=curator: the election is ZooKeeper's
      logstash: the log goes to the standard error only
      metrics_datadog: metrics are not pushed; read /metrics or /metrics/prometheus
      metrics_statsd: metrics are not pushed; read /metrics or /metrics/prometheus
      plugin_conf: there are no plugins
      plugin_dir: there are no plugins
      sentry: errors are not reported to Sentry
      ssl_keystore_password: there is no TLS; put a TLS proxy in front
      ssl_keystore_path: there is no TLS; put a TLS proxy in front
      """;

  private static final String TUNING = ": there is no such part to be tuned\n";
  private static final String NO_PUSH = ": metrics are not pushed\n";
  private static final String NO_HISTOGRAMS = ": histograms are over the whole time\n";

  private static final String IGNORED =
      """
      assets_path: the web interface is built in
      deprecated_features: there are no deprecated features to keep
      gpu_scheduling_behavior: apps with gpus go where gpus are offered, others anywhere
      graceful_shutdown_timeout: there is nothing to wait for at the end
      http_max_concurrent_requests: what waits is limited by the server itself
      leader_proxy_max_open_connections: connections to the leader are shared
      leader_proxy_ssl_ignore_hostname: there is no TLS
      max_apps: it had no effect in the original either
      mesos_heartbeat_interval: the interval is the master's; see --mesos_heartbeat_failure_threshold
      mesos_offer_constraints: offers are not narrowed by the master
      metrics: it had no effect in the original either
      metrics_name_prefix: names begin with marathon
      metrics_prometheus: /metrics/prometheus is always there
      min_mesos_offer_constraints_update_interval: offers are not narrowed by the master
      offer_matching_timeout: offers are matched at once
      on_elected_prepare_timeout: a new leader reads its state until it is done
      sentry_tags: errors are not reported to Sentry
      task_lost_expunge_initial_delay: unreachable instances are expunged by their unreachableStrategy
      task_lost_expunge_interval: unreachable instances are expunged by their unreachableStrategy
      task_reservation_timeout: there are no resident tasks
      zk_compression: records are small and are not compressed
      zk_compression_threshold: records are small and are not compressed
      zk_connection_timeout: it keeps trying; see --zk_session_timeout
      zk_max_node_size: ZooKeeper's own limit counts
      zk_timeout: it keeps trying; see --zk_session_timeout
      """
          + String.join(
              TUNING,
              "app_info_module_execution_context_size",
              "default_info_service_execution_context_size",
              "deployment_manager_request_timeout",
              "group_manager_execution_context_size",
              "group_manager_request_timeout",
              "instance_tracker_num_parallel_loads",
              "instance_tracker_num_parallel_updates",
              "instance_tracker_update_queue_size",
              "kill_chunk_size",
              "launch_queue_request_timeout",
              "max_actor_startup_time",
              "max_parallel_offers",
              "max_parallel_status_updates",
              "max_queued_offers",
              "max_queued_root_group_updates",
              "max_queued_status_updates",
              "scheduler_actions_execution_context_size",
              "task_operation_notification_timeout",
              "task_tracker_request_timeout",
              "task_update_request_timeout",
              "zk_operation_base_retry_sleep_ms",
              "zk_operation_max_retries",
              "")
          + String.join(
              NO_PUSH,
              "metrics_datadog_api_key",
              "metrics_datadog_host",
              "metrics_datadog_port",
              "metrics_datadog_protocol",
              "metrics_datadog_transmission_interval_ms",
              "metrics_statsd_host",
              "metrics_statsd_port",
              "metrics_statsd_transmission_interval_ms",
              "")
          + String.join(
              NO_HISTOGRAMS,
              "metrics_histogram_reservoir_highest_trackable_value",
              "metrics_histogram_reservoir_reset_periodically",
              "metrics_histogram_reservoir_resetting_chunks",
              "metrics_histogram_reservoir_resetting_interval_ms",
              "metrics_histogram_reservoir_significant_digits",
              "");
}
