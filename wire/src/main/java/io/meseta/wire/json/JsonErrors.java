// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import tools.jackson.core.JacksonException;

/// What is wrong with a JSON text, in words for whoever sent it.
public final class JsonErrors {
  private JsonErrors() {}

  /// The parser's message without what concerns the parser alone, with the line and column.
  public static String plain(JacksonException failure) {
    var message = failure.getOriginalMessage();
    var text =
        (message == null ? "unexpected end" : message)
            .lines()
            .findFirst()
            .orElse("")
            .replaceAll(" \\(start marker at \\[Source:[^\\]]*\\]\\)", "")
            .replaceAll(", from `[^`]*`", "");
    var where = failure.getLocation();
    return where == null || where.getLineNr() < 1
        ? text
        : text + " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
  }
}
