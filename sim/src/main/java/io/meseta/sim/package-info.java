// SPDX-License-Identifier: Apache-2.0

/// The whole cluster in one thread, in virtual time, from one seed.
///
/// The cores are the real ones: [io.meseta.master.core.MasterCore],
/// [io.meseta.agent.core.AgentCore]. Everything around them is made here: time, the network,
/// ZooKeeper, disks, containers, and schedulers that use the v1 calls. Faults
/// ([io.meseta.sim.faults]) strike for a while; then everything is healed and the cluster must come
/// to rest with every wish fulfilled.
///
/// ```
/// Simulation --drives--> Cluster = Clock + Network + ZooKeeper + MasterNode* + AgentNode* + SchedulerNode*
///                           |
///                           '-- Truth (what really happened), MasterChecks, Progress: the invariants
/// ```
@NullMarked
package io.meseta.sim;

import org.jspecify.annotations.NullMarked;
