// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// Collects a document in pieces, so that a long one is copied once and not at every growth.
final class Chunks extends OutputStream {
  private static final int FIRST = 512;
  private static final int MOST = 1 << 20;

  private final List<byte[]> full = new ArrayList<>();
  private byte[] current = new byte[FIRST];
  private int used;
  private long before;

  @Override
  public void write(int b) {
    if (used == current.length) {
      next();
    }
    current[used++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      if (used == current.length) {
        next();
      }
      int part = Math.min(left, current.length - used);
      System.arraycopy(bytes, from, current, used, part);
      used += part;
      from += part;
      left -= part;
    }
  }

  private void next() {
    full.add(current);
    before += used;
    current = new byte[Math.min(MOST, current.length * 2)];
    used = 0;
  }

  byte[] toByteArray() {
    var result = new byte[Math.toIntExact(before + used)];
    int at = 0;
    for (var chunk : full) {
      System.arraycopy(chunk, 0, result, at, chunk.length);
      at += chunk.length;
    }
    System.arraycopy(current, 0, result, at, used);
    return result;
  }
}
