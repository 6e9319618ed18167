// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

/// Where the client's own words go.
final class Log {
  static final System.Logger LOGGER = System.getLogger(SchedulerClient.class.getName());

  private Log() {}
}
