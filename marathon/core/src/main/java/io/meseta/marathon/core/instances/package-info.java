// SPDX-License-Identifier: Apache-2.0

/// Instances: the copies of an app, each with at most one task at a time.
///
/// ```
/// Scheduled -> Provisioned -> Staging -> Starting -> Running -> Killing -> (terminal)
///     ^            |             |                      |  \-> Unreachable -> UnreachableInactive
///     '------------+-------------+----- goal Running ---'
/// ```
///
/// An instance with the goal Running whose task ends is scheduled again under the same id with the
/// next attempt; one with the goal Decommissioned is forgotten. An instance is stored before its
/// task is launched, so after a failover every task that may exist has an instance.
@NullMarked
package io.meseta.marathon.core.instances;

import org.jspecify.annotations.NullMarked;
