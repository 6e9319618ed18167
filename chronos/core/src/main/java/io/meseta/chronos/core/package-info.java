// SPDX-License-Identifier: Apache-2.0

/// Chronos' decisions: jobs, their schedules, the graph of their dependencies, the tasks that run
/// them.
///
/// [io.meseta.chronos.core.ChronosCore] is fed API calls, events of the scheduler client, timers
/// and answers of the store, and returns effects. Whatever must survive a crash is persisted first:
/// a job before its POST is answered, a queue entry together with the advanced schedule, a running
/// task before its launch is sent.
@NullMarked
package io.meseta.chronos.core;

import org.jspecify.annotations.NullMarked;
