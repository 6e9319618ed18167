// SPDX-License-Identifier: Apache-2.0

/// The agent as a function of its events: which master it belongs to, which frameworks and
/// executors it holds, what each task is doing, which updates are owed to whom, and what is on its
/// disk.
///
/// ```
/// RunTask -> Persist(task) -> Persisted -> Launch -> Started -> TASK_STARTING, TASK_RUNNING
///                                                 -> Exited  -> TASK_FINISHED ... -> Persist -> Send -> Acknowledgement
/// ```
///
/// Executors for commands and task groups are part of this core: a task costs its own process, its
/// shim and nothing else.
@NullMarked
package io.meseta.agent.core;

import org.jspecify.annotations.NullMarked;
