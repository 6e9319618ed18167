// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import java.io.IOException;

/// A URI that cannot be fetched; the message is for the user and names the URI and the reason.
public final class FetchException extends IOException {
  private static final long serialVersionUID = 1;

  FetchException(String message) {
    super(message);
  }
}
