// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The original, recorded on the wire; see `golden/README.md` among the test resources.
final class Golden {
  private static final Path ROOT = Path.of("src/test/resources/golden");

  private Golden() {}

  /// Files of `folder` whose names begin and end so, in order; never empty.
  static List<Path> files(String folder, String prefix, String suffix) {
    try (var files = Files.list(ROOT.resolve(folder))) {
      var found =
          files
              .filter(f -> f.getFileName().toString().startsWith(prefix))
              .filter(f -> f.getFileName().toString().endsWith(suffix))
              .sorted()
              .toList();
      if (found.isEmpty()) {
        throw new AssertionError("no recording " + folder + "/" + prefix + "*" + suffix);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The body of a recorded HTTP request or answer, taken out of its chunks.
  static byte[] body(Path file) {
    var bytes = bytes(file);
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      throw new AssertionError("no header block in " + file);
    }
    int at = end + 4;
    if (!text.substring(0, end).toLowerCase().contains("transfer-encoding: chunked")) {
      return Arrays.copyOfRange(bytes, at, bytes.length);
    }
    var body = new java.io.ByteArrayOutputStream();
    while (at < bytes.length) {
      int line = text.indexOf("\r\n", at);
      int size = Integer.parseInt(text.substring(at, line), 16);
      if (size == 0) {
        break;
      }
      body.write(bytes, line + 2, size);
      at = line + 2 + size + 2;
    }
    return body.toByteArray();
  }
}
