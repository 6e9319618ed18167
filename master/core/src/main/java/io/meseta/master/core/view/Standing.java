// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Where agents and frameworks stand after a batch: what invariants are about, for whoever checks
/// them after every one. Unlike a [Snapshot] it copies nothing that it need not: it holds until the
/// next event, on the thread of the core.
///
/// @param unreachable agents, and since when
/// @param quotas by role
public record Standing(
    List<AgentView> agents,
    Collection<AgentInfo> recoveredAgents,
    Map<String, Instant> unreachable,
    List<FrameworkView> frameworks,
    Map<String, QuotaConfig> quotas) {}
