// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/// Writes texts in quotes, with what JSON wants escaped.
final class Strings {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private Strings() {}

  static void write(Chunks out, String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (!plain(text.charAt(i))) {
        out.write('"');
        escape(out, text.getBytes(StandardCharsets.UTF_8));
        out.write('"');
        return;
      }
    }
    out.write('"');
    out.writeAscii(text);
    out.write('"');
  }

  /// The text of a message's field as it came, which need not be made a `String` of.
  static void write(Chunks out, ByteString text) {
    int length = text.size();
    out.room(length + 2);
    var array = out.array();
    int from = out.position() + 1;
    text.copyTo(array, from);
    for (int i = from; i < from + length; i++) {
      int b = array[i];
      if (b < 0x20 || b == '"' || b == '\\') { // bytes above 0x7f are negative
        out.write('"');
        // What is not UTF-8 is replaced.
        escape(out, text.toStringUtf8().getBytes(StandardCharsets.UTF_8));
        out.write('"');
        return;
      }
    }
    array[from - 1] = '"';
    array[from + length] = '"';
    out.position(from + length + 1);
  }

  private static boolean plain(char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
  }

  private static void escape(Chunks out, byte[] utf8) {
    int from = 0;
    for (int i = 0; i < utf8.length; i++) {
      int b = utf8[i];
      if (b >= 0x20 && b != '"' && b != '\\' || b < 0) {
        continue;
      }
      out.write(utf8, from, i - from);
      from = i + 1;
      out.write('\\');
      switch (b) {
        case '"', '\\' -> out.write(b);
        case '\b' -> out.write('b');
        case '\t' -> out.write('t');
        case '\n' -> out.write('n');
        case '\f' -> out.write('f');
        case '\r' -> out.write('r');
        default -> {
          out.write('u');
          out.write('0');
          out.write('0');
          out.write(HEX[b >> 4]);
          out.write(HEX[b & 15]);
        }
      }
    }
    out.write(utf8, from, utf8.length - from);
  }
}
