// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.marathon.core.json.Docs;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// The configuration as `/v2/info` shows it: unset options are null, passwords masked.
final class Info {
  private Info() {}

  static ObjectNode json(MarathonFlags flags, int port, String masterUrl) {
    var json = Docs.object();
    var marathon = json.putObject("marathon_config");
    put(marathon, "access_control_allow_origin", flags.accessControlAllowOrigin());
    marathon.put("checkpoint", flags.checkpoint());
    marathon.put("decline_offer_duration", flags.declineOfferDuration());
    put(marathon, "default_network_name", flags.defaultNetworkName());
    put(marathon, "env_vars_prefix", flags.envVarsPrefix());
    marathon.put("executor", "//cmd");
    marathon.put("failover_timeout", flags.failoverTimeout());
    marathon.set("features", Docs.strings(flags.enableFeatures()));
    marathon.put("framework_name", flags.frameworkName());
    marathon.put("ha", flags.internalStoreBackend().equals("zk"));
    marathon.put("hostname", MarathonServer.hostname(flags));
    marathon.put("launch_token", flags.launchTokens());
    marathon.put("launch_token_refresh_interval", flags.launchTokenRefreshInterval());
    marathon.put("leader_proxy_connection_timeout_ms", flags.leaderProxyConnectionTimeout());
    marathon.put("leader_proxy_read_timeout_ms", flags.leaderProxyReadTimeout());
    marathon.put("local_port_max", flags.localPortMax());
    marathon.put("local_port_min", flags.localPortMin());
    marathon.put("maintenance_mode", flags.maintenanceMode());
    marathon.put("master", masked(flags.master()));
    marathon.put("max_instances_per_offer", flags.maxInstancesPerOffer());
    marathon.put("mesos_bridge_name", flags.mesosBridgeName());
    marathon.put("mesos_heartbeat_failure_threshold", flags.mesosHeartbeatFailureThreshold());
    marathon.put("mesos_heartbeat_interval", 15_000);
    put(
        marathon,
        "mesos_leader_ui_url",
        flags
            .mesosLeaderUiUrl()
            .or(() -> masterUrl.isEmpty() ? Optional.empty() : Optional.of(masterUrl)));
    marathon.put("mesos_role", flags.mesosRole());
    marathon.put("mesos_user", MarathonServer.user(flags));
    marathon.put("min_revive_offers_interval", flags.minReviveOffersInterval());
    marathon.put("new_group_enforce_role", flags.newGroupEnforceRole());
    marathon.put("offer_matching_timeout", 3000);
    marathon.put("on_elected_prepare_timeout", 180_000);
    marathon.put("reconciliation_initial_delay", flags.reconciliationInitialDelay());
    marathon.put("reconciliation_interval", flags.reconciliationInterval());
    marathon.put("scale_apps_initial_delay", flags.scaleAppsInitialDelay());
    marathon.put("scale_apps_interval", flags.scaleAppsInterval());
    marathon.put("store_cache", true);
    marathon.put("task_launch_confirm_timeout", flags.taskLaunchConfirmTimeout());
    marathon.put("task_launch_timeout", flags.taskLaunchTimeout());
    marathon.put("task_lost_expunge_initial_delay", 300_000);
    marathon.put("task_lost_expunge_interval", 30_000);
    marathon.put("task_reservation_timeout", 20_000);
    put(marathon, "webui_url", flags.webuiUrl());
    var zk = json.putObject("zookeeper_config");
    zk.put("zk", masked(flags.zk()));
    zk.put("zk_compression", false);
    zk.put("zk_compression_threshold", 65_536);
    zk.put("zk_connection_timeout", 10_000);
    zk.put("zk_max_node_size", 1_024_000);
    zk.put("zk_max_versions", flags.zkMaxVersions());
    zk.put("zk_session_timeout", flags.zkSessionTimeout());
    zk.put("zk_timeout", 10_000);
    json.putObject("http_config").put("http_port", port).putNull("https_port");
    return json;
  }

  private static void put(ObjectNode json, String name, Optional<String> value) {
    if (value.isPresent()) {
      json.put(name, value.get());
    } else {
      json.putNull(name);
    }
  }

  private static String masked(String url) {
    return url.replaceAll("//[^@/]*@", "//xxxxxxxx:xxxxxxxx@");
  }
}
