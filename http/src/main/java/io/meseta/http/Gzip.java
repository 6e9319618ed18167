// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Compresses bodies of answers, and reads those of requests.
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

  /// Whether the body is said to be compressed. Other codings are left alone, as in the original.
  static boolean isSaid(RequestHeaders headers) {
    var coding = headers.get(HttpHeaderNames.CONTENT_ENCODING, "").strip();
    return coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("x-gzip");
  }

  /// @throws ContentTooLargeException when it is longer than `max` bytes
  /// @throws IOException when it is no gzip
  static byte[] read(byte[] zipped, long max) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      int most = (int) Math.min(max, Integer.MAX_VALUE - 8);
      var bytes = in.readNBytes(most);
      if (bytes.length == most && in.read() >= 0) {
        throw ContentTooLargeException.get();
      }
      return bytes;
    }
  }
}
