// SPDX-License-Identifier: Apache-2.0

/// Planned unavailability of machines.
///
/// ```
///   UP --in the schedule--> DRAINING --START_MAINTENANCE--> DOWN --STOP_MAINTENANCE--> UP
///    ^                          |
///    '--out of the schedule ----'
/// ```
///
/// Offers of a draining machine's agents say when it will be unavailable, and frameworks that hold
/// something on it are asked for it by inverse offers. Agents of a machine that is down are shut
/// down and not admitted. Schedule and modes are kept in the registry.
@NullMarked
package io.meseta.master.core.maintenance;

import org.jspecify.annotations.NullMarked;
