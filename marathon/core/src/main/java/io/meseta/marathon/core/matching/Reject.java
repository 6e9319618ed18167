// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

/// Why an offer was not used, in the order in which it is looked at.
public enum Reject {
  UnfulfilledRole,
  UnfulfilledConstraint,
  NoCorrespondingReservationFound,
  AgentMaintenance,
  InsufficientCpus,
  InsufficientMemory,
  InsufficientDisk,
  InsufficientGpus,
  InsufficientPorts,
  DeclinedScarceResources
}
