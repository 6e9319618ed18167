// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Values that are longer than a command line should be.
public final class Texts {
  private Texts() {}

  /// JSON as it is, or that of the file at an absolute path. What follows `file://` was read when
  /// the flags were.
  ///
  /// @throws IllegalArgumentException naming the flag whose file cannot be read
  public static String json(String flag, String given) {
    var text = given.strip();
    try {
      return text.startsWith("/") ? Files.readString(Path.of(text)) : text;
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException(
          "--" + flag + "=" + given + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }
}
