// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.files;

import java.util.Arrays;

/// Text in pieces: a piece of a file may end within a character.
final class Utf8 {
  private Utf8() {}

  /// `bytes` without an incomplete character at the end, unless nothing else is there.
  static byte[] whole(byte[] bytes) {
    for (int back = 1; back <= Math.min(3, bytes.length); back++) {
      int b = bytes[bytes.length - back] & 0xff;
      if ((b & 0xc0) == 0xc0) { // begins a character
        int needs = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
        return needs > back && bytes.length > back
            ? Arrays.copyOf(bytes, bytes.length - back)
            : bytes;
      }
      if ((b & 0x80) == 0) {
        return bytes;
      }
    }
    return bytes;
  }
}
