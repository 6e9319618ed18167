// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.maintenance.ClusterStatus;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// The whole master at one moment, safe to read on any thread.
///
/// @param unreachable agents, and since when
/// @param counters by metric name without `master/`
/// @param watchers open event streams of operators
/// @param weights of roles that do not have 1
/// @param quotas by role
/// @param schedule of maintenance, and `maintenance` what came of it
/// @param operations whose answers are not acknowledged
public record Snapshot(
    Instant at,
    Instant electedTime,
    List<AgentView> agents,
    List<AgentInfo> recoveredAgents,
    Map<String, Instant> unreachable,
    List<FrameworkView> frameworks,
    List<FrameworkView> completedFrameworks,
    Map<String, Double> weights,
    List<Operation> operations,
    Map<String, QuotaConfig> quotas,
    Schedule schedule,
    ClusterStatus maintenance,
    Map<String, Long> counters,
    int watchers,
    int queuedRegistryOperations) {}
