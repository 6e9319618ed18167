// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import com.google.protobuf.ByteString;
import java.util.LinkedHashSet;
import java.util.Set;

/// What an executor that the framework brings has beyond the built-in ones: a container of its own,
/// and a stream on which it hears of tasks.
///
/// ```
/// REGISTERING --subscribe--> RUNNING --shutdown, timeout--> TERMINATING --exit--> (terminated)
/// ```
final class Custom {
  enum Phase {
    REGISTERING,
    RUNNING,
    TERMINATING
  }

  /// More than an executor can have waiting for an acknowledgement without being at fault.
  static final int MAX_SEEN = 10_000;

  Phase phase = Phase.REGISTERING;

  /// Where it listens; 0 while it does not.
  long stream;

  long pid;
  boolean over;
  boolean everSent;
  final boolean recovered;

  /// Updates taken, by uuid: an executor that is not sure sends them again.
  final Set<ByteString> seen = new LinkedHashSet<>();

  Custom(boolean recovered) {
    this.recovered = recovered;
  }

  /// Whether the update is new.
  boolean take(ByteString uuid) {
    if (seen.size() >= MAX_SEEN) {
      seen.remove(seen.iterator().next());
    }
    return seen.add(uuid);
  }
}
