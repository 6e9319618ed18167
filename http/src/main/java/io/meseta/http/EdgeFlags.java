// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.FlagsProvider;

/// Where Armeria's own choices do not suit us and its builder cannot say so. Found by the service
/// loader.
public final class EdgeFlags implements FlagsProvider {
  /// Below the system properties, above the defaults.
  @Override
  public int priority() {
    return 100;
  }

  /// Clients that read up to the end of the connection wait for it, so it comes soon; but not at
  /// once, or whoever still sends would never read why it was refused.
  @Override
  public Long defaultHttp1ConnectionCloseDelayMillis() {
    return 50L;
  }

  /// Requests that make no sense are their senders' business: no stack traces of them in the log.
  /// Our own mistakes are logged where they are caught.
  @Override
  public Long defaultUnloggedExceptionsReportIntervalMillis() {
    return 0L;
  }
}
