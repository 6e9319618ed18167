// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads RecordIO from a blocking stream: decimal length, line feed, that many bytes.
final class RecordReader {
  private final InputStream in;
  private final int maxBytes;

  RecordReader(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /// The next record, or null at a proper end of the stream.
  byte @Nullable [] next() throws IOException {
    long length = 0;
    int digits = 0;
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (digits == 0) {
          return null;
        }
        throw new EOFException("the stream ended within a record's length");
      }
      if (c < '0' || c > '9') {
        throw new IOException("a record's length has the byte " + c + " (expected: a digit)");
      }
      digits++;
      length = length * 10 + (c - '0');
      if (length > maxBytes) {
        throw new IOException("a record has more than " + maxBytes + " bytes");
      }
    }
    if (digits == 0) {
      throw new IOException("a record's length is empty");
    }
    var bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException(
          "the stream ended after " + bytes.length + " of " + length + " bytes of a record");
    }
    return bytes;
  }
}
