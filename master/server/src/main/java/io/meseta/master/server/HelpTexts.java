// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Help;
import io.meseta.http.system.SystemEndpoints;

/// What each endpoint of the master is for.
final class HelpTexts {
  private HelpTexts() {}

  static Help add(Help help) {
    return SystemEndpoints.describe(help)
        .say("/api/v1", "Operator calls of the v1 API, as JSON or protobuf.")
        .say("/api/v1/scheduler", "Scheduler calls of the v1 API; SUBSCRIBE answers with a stream.")
        .say("/health", "200 as long as this process answers.")
        .say("/version", "The version of Mesos that this master speaks as.")
        .say("/flags", "The flags in force.")
        .say("/state", "Everything: agents, frameworks, tasks, executors.")
        .say("/state-summary", "Agents and frameworks with counts in place of tasks.")
        .say("/slaves", "The agents; slave_id=ID for one.")
        .say("/frameworks", "The frameworks with their tasks; framework_id=ID for one.")
        .say("/tasks", "Tasks by age: limit, offset, order=asc|desc, framework_id, task_id.")
        .say("/roles", "The roles in use with their resources, weights and frameworks.")
        .say("/weights", "The weights that were set; PUT [{role, weight}] sets more.")
        .say("/maintenance/schedule", "When machines will be away; POST sets the schedule.")
        .say("/maintenance/status", "Machines that are draining, with answers, or down.")
        .say("/machine/down", "Takes draining machines down: POST [{hostname, ip}].")
        .say("/machine/up", "Brings machines back up: POST [{hostname, ip}].")
        .say(
            "/offers/why",
            "Why a framework has no offers, agent by agent: framework_id=ID, agent_id=ID for one.")
        .say("/quota", "The quotas of roles; POST sets one, DELETE /quota/ROLE takes it away.")
        .say("/teardown", "Ends the framework of the form field frameworkId and all its tasks.")
        .say("/reserve", "Reserves resources of an agent: form fields slaveId and resources.")
        .say("/unreserve", "Undoes reservations: form fields slaveId and resources.")
        .say("/create-volumes", "Makes persistent volumes: form fields slaveId and volumes.")
        .say("/destroy-volumes", "Destroys persistent volumes: form fields slaveId and volumes.")
        .say("/registrar(1)/registry", "What the registry holds.")
        .say(
            "/allocator/offer_constraints_debug",
            "By framework, suppressed roles and the agents that offer constraints exclude.")
        .say("/metrics", "All figures in Prometheus' text format.")
        .say("/metrics/snapshot", "All figures as one JSON object; timeout=DURATION is checked.")
        .say("/files/browse", "The content of the folder path=PATH; /master/log is the log.")
        .say(
            "/files/read", "A piece of the file path=PATH: offset, length; offset=-1 for its size.")
        .say("/files/download", "The whole file path=PATH.")
        .say("/files/debug", "Which virtual paths there are, and what they stand for.");
  }
}
