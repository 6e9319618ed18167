// SPDX-License-Identifier: Apache-2.0

/// Deployments: a change of several apps, carried out in steps.
///
/// A [Plan] says what to do in which order; [Deployments] keeps the ones under way, locks their
/// apps, and says at any moment what is wanted of an app ([Wanted]).
@NullMarked
package io.meseta.marathon.core.deployments;

import org.jspecify.annotations.NullMarked;
