// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.util.concurrent.CompletionStage;

/// Answers requests. Runs on an event loop, so it must not block.
@FunctionalInterface
public interface Handler {
  CompletionStage<Answer> on(Request request);

  /// Answers on a virtual thread, so it may block.
  @FunctionalInterface
  interface Blocking {
    Answer on(Request request) throws Exception;
  }
}
