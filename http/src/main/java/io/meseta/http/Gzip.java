// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.ContentTooLargeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Compresses bodies, and reads compressed ones.
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

  /// What `body` holds.
  ///
  /// @throws ContentTooLargeException when that is more than `limit` bytes, however short `body` is
  static byte[] plain(byte[] body, long limit) throws IOException {
    try (var zip = new GZIPInputStream(new ByteArrayInputStream(body))) {
      var plain = zip.readNBytes((int) Math.min(limit + 1, Integer.MAX_VALUE - 8));
      if (plain.length > limit) {
        throw ContentTooLargeException.get();
      }
      return plain;
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
