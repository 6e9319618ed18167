// SPDX-License-Identifier: Apache-2.0

/// Marathon without its edges: apps, groups, deployments, instances, offers, health.
///
/// [MarathonCore] takes events and returns effects. Its rooms: `apps` (definitions, from JSON to
/// [io.meseta.marathon.core.apps.App]), `groups`, `instances`, `deployments` (plans and what they
/// ask of an app at a time), `matching` (offers), `queue` (launching and backoff), `health`
/// (probes).
///
/// What was promised is stored first: an answer to a change, a launch, a kill and an
/// acknowledgement wait in the [Outbox] until the records of their batch are stored. Steering is
/// convergence: at the end of a batch every app that changed is compared with what is wanted of it,
/// and instances are added or killed ([Converge]).
@NullMarked
package io.meseta.marathon.core;

import org.jspecify.annotations.NullMarked;
