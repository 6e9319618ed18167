// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Ends a transfer that brings nothing for too long, by closing it from outside.
final class Watchdog implements AutoCloseable {
  /// Makes the transfer's blocked read fail or end.
  @FunctionalInterface
  interface End {
    void now() throws IOException;
  }

  private final AtomicLong moved = new AtomicLong();
  private final Thread thread;
  private volatile boolean bit;

  Watchdog(Duration stall, End end) {
    thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                for (long seen = -1; seen != moved.get(); ) {
                  seen = moved.get();
                  Thread.sleep(stall);
                }
                bit = true;
                end.now();
              } catch (InterruptedException | IOException done) {
                Thread.currentThread().interrupt();
              }
            });
  }

  void moved(long bytes) {
    moved.addAndGet(bytes);
  }

  /// Bytes so far.
  long moved() {
    return moved.get();
  }

  /// Whether it ended the transfer.
  boolean bit() {
    return bit;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
