// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Compresses bodies.
final class Gzip {
  /// Long bodies are compressed as fast as can be: they are repetitive, and others wait.
  private static final int LONG_BYTES = 64 << 10;

  private Gzip() {}

  private static final class Out extends GZIPOutputStream {
    Out(ByteArrayOutputStream to, boolean fast) throws IOException {
      super(to, 8192);
      if (fast) {
        def.setLevel(Deflater.BEST_SPEED);
      }
    }
  }

  static List<byte[]> of(List<byte[]> body) {
    long size = body.stream().mapToLong(piece -> piece.length).sum();
    var bytes = new ByteArrayOutputStream((int) Math.min(size / 4 + 64, 64 << 20));
    try (var zip = new Out(bytes, size > LONG_BYTES)) {
      for (var piece : body) {
        zip.write(piece);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory
    }
    return List.of(bytes.toByteArray());
  }
}
