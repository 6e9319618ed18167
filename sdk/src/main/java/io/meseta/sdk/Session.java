// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One subscription: an open stream of one master.
///
/// The reading thread marks when it begins to wait for bytes, so only a silent master is idle, not
/// a framework busy with an event.
final class Session {
  final URI master;
  final String streamId;
  private final InputStream stream;
  private final RecordReader records;
  private volatile long waitingSince;
  private volatile boolean waiting;
  private volatile @Nullable String closedBecause;

  Session(URI master, String streamId, InputStream stream, int maxRecordBytes) {
    this.master = master;
    this.streamId = streamId;
    this.stream = stream;
    this.records = new RecordReader(stream, maxRecordBytes);
  }

  byte @Nullable [] next() throws IOException {
    waitingSince = System.nanoTime();
    waiting = true;
    try {
      return records.next();
    } finally {
      waiting = false;
    }
  }

  boolean idleFor(Duration limit) {
    return waiting && System.nanoTime() - waitingSince > limit.toNanos();
  }

  /// Ends the stream; the reading thread notices. The first reason counts.
  void close(String reason) {
    synchronized (this) {
      if (closedBecause == null) {
        closedBecause = reason;
      }
    }
    try {
      stream.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }

  boolean closed() {
    return closedBecause != null;
  }

  /// Why the session ended, if it was ended from this side.
  String reason(String otherwise) {
    var reason = closedBecause;
    return reason != null ? reason : otherwise;
  }
}
