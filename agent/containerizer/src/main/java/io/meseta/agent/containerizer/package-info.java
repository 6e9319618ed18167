// SPDX-License-Identifier: Apache-2.0

/// Runs containers as processes of this machine; blocking code on virtual threads.
///
/// ```
/// launch(spec)  -> sandbox -> fetch -> isolators prepare -> Shims.launch   (one virtual thread, until the command runs)
/// `ID pid ...`   -> Started -> isolators isolate                             (the watcher's thread)
/// `ID exit ...`  -> isolators cleanup -> Exited
/// ```
///
/// While a container runs it costs this process a map entry: the shim that waits for it is a
/// process of its own, which survives the agent.
@NullMarked
package io.meseta.agent.containerizer;

import org.jspecify.annotations.NullMarked;
