// SPDX-License-Identifier: Apache-2.0

/// ZooKeeper for every server: who leads ([io.meseta.zk.Election], [io.meseta.zk.Detector]), small
/// records that only the leader can write ([io.meseta.zk.FencedStore]), and the real server
/// embedded for local clusters and tests.
///
/// Leadership is a suspicion: a leader that was paused believes in itself until it asks. So every
/// write is a transaction that also checks the leader's own candidate node. That node is ephemeral:
/// it is gone as soon as the session is, and only then can another candidate lead.
@NullMarked
package io.meseta.zk;

import org.jspecify.annotations.NullMarked;
