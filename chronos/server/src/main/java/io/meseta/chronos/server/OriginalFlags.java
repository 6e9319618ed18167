// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.server;

import io.meseta.flags.Style;

/// The flags of the original that do nothing here, and why. Refused is what operators rely on: that
/// they are told of failures and that history is kept.
final class OriginalFlags {
  private OriginalFlags() {}

  static Style known(Style style) {
    return style.refusing(REFUSED).ignoring(IGNORED);
  }

  private static final String REFUSED =
      """
      cassandra_contact_points: the history of runs is not kept in Cassandra
      graphite_host_port: metrics are not pushed; read /metrics
      http_notification_url: failures are not notified; the list of jobs shows them
      mail_server: failures are not notified; the list of jobs shows them
      mattermost_url: failures are not notified; the list of jobs shows them
      raven_dsn: failures are not notified; the list of jobs shows them
      slack_url: failures are not notified; the list of jobs shows them
      ssl_keystore_password: there is no TLS; put a TLS proxy in front
      ssl_keystore_path: there is no TLS; put a TLS proxy in front
      """;

  private static final String NO_CASSANDRA = ": the history of runs is not kept in Cassandra\n";
  private static final String NO_MAIL = ": failures are not notified by mail\n";
  private static final String NO_GRAPHITE = ": metrics are not pushed\n";

  private static final String IGNORED =
      """
      assets_path: the web interface is built in
      disable_http: there is no TLS, and this server listens on --http_port only
      http_notification_credentials: failures are not notified
      https_address: there is no TLS
      https_port: there is no TLS
      job_history_limit: the history of single runs is not kept
      leader_max_idle_time: the election needs no such time
      min_revive_offers_interval: offers are revived when a job waits, so there is no interval
      revive_offers_for_new_jobs: offers are always revived when a job waits
      task_epsilon: it had no effect in the original either
      """
          + String.join(
              NO_CASSANDRA,
              "cassandra_consistency",
              "cassandra_keyspace",
              "cassandra_password",
              "cassandra_port",
              "cassandra_stat_count_table",
              "cassandra_table",
              "cassandra_ttl",
              "cassandra_user",
              "")
          + String.join(NO_MAIL, "mail_from", "mail_password", "mail_ssl", "mail_user", "")
          + String.join(NO_GRAPHITE, "graphite_group_prefix", "graphite_reporting_interval", "");
}
