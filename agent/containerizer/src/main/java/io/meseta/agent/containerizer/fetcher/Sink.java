// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Counts what is written and asks before it grows.
final class Sink extends FilterOutputStream {
  /// Grants or refuses more bytes.
  @FunctionalInterface
  interface Budget {
    /// Called before `bytes` more are written.
    void take(long bytes) throws IOException;
  }

  private final Budget budget;

  Sink(OutputStream out, Budget budget) {
    super(out);
    this.budget = budget;
  }

  /// Writes a new file; never through a link that somebody put in its place.
  static Sink to(Path file, Budget budget) throws IOException {
    return new Sink(
        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        budget);
  }

  /// A budget of `limit` bytes in all; `what` begins the message when it is used up.
  static Budget limited(long limit, String what) {
    return new Budget() {
      private long left = limit;

      @Override
      public void take(long bytes) throws IOException {
        left -= bytes;
        if (left < 0) {
          throw new FetchException(what + " is larger than the limit of " + limit + " bytes");
        }
      }
    };
  }

  @Override
  public void write(int b) throws IOException {
    budget.take(1);
    out.write(b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    budget.take(length);
    out.write(bytes, offset, length);
  }
}
