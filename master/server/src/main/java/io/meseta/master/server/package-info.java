// SPDX-License-Identifier: Apache-2.0

/// The master as a server: flags, HTTP, libprocess, election, registry and the loop between them.
///
/// [MasterServer] puts everything together; [Node] is what stands between the edges and the core.
/// Handlers decode, check what can be checked without state, and hand events to the loop; documents
/// are rendered from snapshots on virtual threads.
@NullMarked
package io.meseta.master.server;

import org.jspecify.annotations.NullMarked;
