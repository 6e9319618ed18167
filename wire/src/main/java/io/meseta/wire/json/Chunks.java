// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Collects a document in pieces, so that a long one is copied once and not at every growth.
final class Chunks {
  private static final int FIRST = 512;
  private static final int MOST = 1 << 20;

  private final List<byte[]> full = new ArrayList<>();
  private byte[] current = new byte[FIRST];
  private int used;
  private long before;

  long size() {
    return before + used;
  }

  void write(int b) {
    if (used == current.length) {
      room(1);
    }
    current[used++] = (byte) b;
  }

  void write(byte[] bytes) {
    write(bytes, 0, bytes.length);
  }

  void write(byte[] bytes, int offset, int length) {
    if (length > current.length - used) {
      room(length);
    }
    System.arraycopy(bytes, offset, current, used, length);
    used += length;
  }

  /// Text of which it is known that all of it is ASCII.
  @SuppressWarnings("deprecation") // exactly what it is good for
  void writeAscii(String text) {
    int length = text.length();
    if (length > current.length - used) {
      room(length);
    }
    text.getBytes(0, length, current, used);
    used += length;
  }

  void writeUtf8(String text) {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Takes the array itself as a piece of the document.
  void share(byte[] bytes) {
    finish();
    full.add(bytes);
    before += bytes.length;
  }

  /// Where the last bytes written can be looked at: they are in one piece.
  byte[] array() {
    return current;
  }

  int position() {
    return used;
  }

  void position(int position) {
    used = position;
  }

  /// Makes room for so many bytes in one piece.
  void room(int length) {
    if (length <= current.length - used) {
      return;
    }
    if (current.length < MOST) {
      // Small documents stay in one piece.
      int wanted = Math.max(used + length, current.length * 2);
      current = Arrays.copyOf(current, Math.max(Math.min(wanted, MOST), used + length));
      return;
    }
    finish();
    current = new byte[Math.max(length, MOST)];
  }

  private void finish() {
    if (used > 0) {
      full.add(used == current.length ? current : Arrays.copyOf(current, used));
      before += used;
      current = new byte[FIRST];
      used = 0;
    }
  }

  List<byte[]> parts() {
    finish();
    return full;
  }

  byte[] toByteArray() {
    if (full.isEmpty()) {
      return Arrays.copyOf(current, used);
    }
    var result = new byte[Math.toIntExact(size())];
    int at = 0;
    for (var chunk : full) {
      System.arraycopy(chunk, 0, result, at, chunk.length);
      at += chunk.length;
    }
    System.arraycopy(current, 0, result, at, used);
    return result;
  }
}
