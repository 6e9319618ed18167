// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Records in a stream: the length in decimal, a line feed, then so many bytes.
public final class RecordIo {
  /// No length of a record has more digits than this.
  private static final int MAX_DIGITS = 10;

  private RecordIo() {}

  /// One record as it goes over the wire.
  public static byte[] encode(byte[] record) {
    var length = head(record.length);
    var framed = new byte[length.length + record.length];
    System.arraycopy(length, 0, framed, 0, length.length);
    System.arraycopy(record, 0, framed, length.length, record.length);
    return framed;
  }

  /// What stands before a record of so many bytes.
  public static byte[] head(long size) {
    return (size + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /// The stream is not RecordIO, or a record is longer than allowed.
  public static final class MalformedException extends RuntimeException {
    MalformedException(String message) {
      super(message);
    }
  }

  /// Cuts a stream into records, however it was cut into pieces on the way. Not thread-safe.
  public static final class Decoder {
    private final int maxBytes;
    private final StringBuilder length = new StringBuilder();
    private int expected = -1;
    private ByteArrayOutputStream record = new ByteArrayOutputStream();

    /// @param maxBytes the longest record taken
    public Decoder(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    /// Takes the next piece of the stream and returns the records that it completes, in order.
    ///
    /// @throws MalformedException when the piece breaks the framing; the decoder is then of no
    ///   further use
    public List<byte[]> feed(byte[] bytes) {
      var records = new ArrayList<byte[]>();
      int at = 0;
      while (at < bytes.length || expected == 0) {
        if (expected < 0) {
          at = readLength(bytes, at);
        } else {
          int count = Math.min(expected - record.size(), bytes.length - at);
          record.write(bytes, at, count);
          at += count;
          if (record.size() < expected) {
            break;
          }
          records.add(record.toByteArray());
          record = new ByteArrayOutputStream();
          expected = -1;
        }
      }
      return records;
    }

    /// Whether the stream may end here: no record is half read.
    public boolean atBoundary() {
      return expected < 0 && length.isEmpty();
    }

    private int readLength(byte[] bytes, int from) {
      int at = from;
      while (at < bytes.length) {
        char c = (char) (bytes[at++] & 0xff);
        if (c == '\n') {
          if (length.isEmpty()) {
            throw new MalformedException("a record has no length before the line feed");
          }
          long value = Long.parseLong(length.toString());
          if (value > maxBytes) {
            throw new MalformedException(
                "a record of " + value + " bytes (expected: at most " + maxBytes + ")");
          }
          expected = (int) value;
          length.setLength(0);
          return at;
        }
        if (c < '0' || c > '9' || length.length() == MAX_DIGITS) {
          throw new MalformedException(
              "a record's length has the character '"
                  + printable(c)
                  + "' (expected: at most 10 digits, line feed)");
        }
        length.append(c);
      }
      return at;
    }

    private static String printable(char c) {
      return c >= ' ' && c < 127 ? String.valueOf(c) : String.format("\\x%02x", (int) c);
    }
  }
}
