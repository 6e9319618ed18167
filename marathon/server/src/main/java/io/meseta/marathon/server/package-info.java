// SPDX-License-Identifier: Apache-2.0

/// Marathon's edges: REST, event stream, ZooKeeper, the scheduler client, probes, and `main`.
///
/// [MarathonServer] builds everything. Requests are read by the endpoints into
/// [io.meseta.marathon.core.ApiCall]s and answered by the core's loop ([Runner]); a standby hands
/// them on to the leader. At most once per process does a server lead: who loses leadership ends.
@NullMarked
package io.meseta.marathon.server;

import org.jspecify.annotations.NullMarked;
