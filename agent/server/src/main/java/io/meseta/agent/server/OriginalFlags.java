// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.flags.Style;

/// The flags of the original agent that do nothing here, and why. Refused is what operators rely
/// on: what keeps containers apart, what limits them, who may do what.
final class OriginalFlags {
  private OriginalFlags() {}

  static Style known(Style style) {
    return style.refusing(REFUSED).ignoring(IGNORED);
  }

  private static final String REFUSED =
      """
      agent_features: the agent's capabilities cannot be chosen
      agent_subsystems=: there are no cgroups, which it would put the agent into
      allowed_devices: devices are not kept from containers
      authenticate_http_executors: executors are not authenticated
      bounding_capabilities: capabilities of containers cannot be limited
      cgroups_enable_cfs: there are no cgroups, so the CPU of containers is not limited
      cgroups_limit_swap: there are no cgroups, so the swap of containers is not limited
      cgroups_net_cls_primary_handle: there are no cgroups, so packets are not marked
      cgroups_net_cls_secondary_handles: there are no cgroups, so packets are not marked
      check_agent_port_range_only: there is no network/ports isolator
      container_logger=org_apache_mesos_SandboxContainerLogger: there are no loadable modules; the sandbox holds stdout and stderr
      container_ports_isolated_range: there is no network/ports isolator
      csi_plugin_config_dir: there is no external storage
      default_container_dns: containers have no network of their own
      default_container_info: containers have no images or networks of their own
      disallow_sharing_agent_ipc_namespace: containers share the agent's IPC namespace
      disallow_sharing_agent_pid_namespace: containers share the agent's PID namespace
      disk_profile_adaptor: there are no storage resource providers
      domain_socket_location: executors connect over TCP only
      effective_capabilities: capabilities of containers cannot be chosen
      egress_rate_limit_per_container: there is no network/port_mapping isolator
      egress_unique_flow_per_container: there is no network/port_mapping isolator
      enforce_container_disk_quota: there is no disk quota
      enforce_container_ports: there is no network/ports isolator
      ephemeral_ports_per_container: there is no network/port_mapping isolator
      hooks: there are no loadable modules
      http_executor_domain_sockets: executors connect over TCP only
      image_providers: there are no images
      jwt_secret_key: executors are not authenticated
      ingress_isolate_existing_containers: there is no network/port_mapping isolator
      ingress_rate_limit_per_container: there is no network/port_mapping isolator
      maximum_egress_rate_limit: there is no network/port_mapping isolator
      maximum_ingress_rate_limit: there is no network/port_mapping isolator
      master_detector: there are no loadable modules; the leader is found by --master
      minimum_egress_rate_limit: there is no network/port_mapping isolator
      minimum_ingress_rate_limit: there is no network/port_mapping isolator
      modules: there are no loadable modules
      modules_dir: there are no loadable modules
      network_cni_config_dir: there is no network/cni isolator
      network_cni_plugins_dir: there is no network/cni isolator
      nvidia_gpu_devices: there are no GPUs
      qos_controller: there is no oversubscription
      resource_estimator: there is no oversubscription
      resource_provider_config_dir: there are no local resource providers
      seccomp_config_dir: there is no seccomp
      seccomp_profile_name: there is no seccomp
      secret_resolver: there are no secrets
      volume_gid_range: there is no volume gid manager
      xfs_kill_containers: there is no disk quota
      xfs_project_range=[5000-10000]: there is no disk quota
      """;

  private static final String NO_CGROUPS = ": there are no cgroups\n";
  private static final String NO_DOCKER = ": there is no docker containerizer\n";
  private static final String NO_IMAGES = ": there are no images\n";
  private static final String NO_MAPPING = ": there is no network/port_mapping isolator\n";
  private static final String NO_PERF = ": there is no cgroups/perf_event isolator\n";

  private static final String IGNORED =
      """
      authentication_backoff_factor: the agent asks again when the master did not answer, at a pace of its own
      authentication_timeout_max: the agent asks again when the master did not answer, at a pace of its own
      authentication_timeout_min: the agent asks again when the master did not answer, at a pace of its own
      container_disk_watch_interval: there is no disk quota
      container_ports_watch_interval: there is no network/ports isolator
      executor_reregistration_retry_interval: executors connect to the agent by themselves
      gc_non_executor_container_sandboxes: there are no such containers
      host_path_volume_force_creation: there are no volumes with host paths
      http_heartbeat_interval: heartbeats are sent every 30 s
      ip6: containers have no network of their own that would need it
      ip6_discovery_command: containers have no network of their own that would need it
      initialize_driver_logging: there is no native driver in this process
      logbufsecs: the log is written at once
      memory_profiling: there is no jemalloc; the JVM's own tools show the memory
      network_cni_metrics: there is no network/cni isolator
      network_cni_root_dir_persist: there is no network/cni isolator
      oversubscribed_resources_interval: there is no oversubscription
      qos_correction_interval_min: there is no oversubscription
      revocable_cpu_low_priority: there is no oversubscription
      systemd_enable_support: tasks run in sessions of their own, outside the agent's; give the agent's unit KillMode=process
      systemd_runtime_directory: tasks run in sessions of their own, outside the agent's; give the agent's unit KillMode=process
      xfs_quota_headroom: there is no disk quota
      """
          + String.join(
              NO_CGROUPS,
              "cgroups_cpu_enable_pids_and_tids_count",
              "cgroups_destroy_timeout",
              "cgroups_hierarchy",
              "cgroups_root",
              "")
          + String.join(
              NO_DOCKER,
              "default_container_shm_size",
              "docker",
              "docker_config",
              "docker_ignore_runtime",
              "docker_kill_orphans",
              "docker_mesos_image",
              "docker_remove_delay",
              "docker_socket",
              "docker_stop_timeout",
              "docker_volume_checkpoint_dir",
              "docker_volume_chown",
              "")
          + String.join(
              NO_IMAGES,
              "appc_simple_discovery_uri_prefix",
              "appc_store_dir",
              "docker_registry",
              "docker_store_dir",
              "image_gc_config",
              "image_provisioner_backend",
              "")
          + String.join(
              NO_MAPPING,
              "egress_burst",
              "egress_ceil_limit",
              "egress_flow_classifier_parent",
              "egress_rate_per_cpu",
              "eth0_name",
              "ingress_burst",
              "ingress_ceil_limit",
              "ingress_rate_per_cpu",
              "lo_name",
              "network_enable_rate_statistics",
              "network_enable_snmp_statistics",
              "network_enable_socket_statistics_details",
              "network_enable_socket_statistics_summary",
              "network_link_speed",
              "network_rate_statistics_interval",
              "network_rate_statistics_window",
              "")
          + String.join(NO_PERF, "perf_duration", "perf_events", "perf_interval", "");
}
