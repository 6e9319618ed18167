// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import org.jspecify.annotations.Nullable;

/// Names of members of hand-written documents, encoded once: in quotes, with a colon. There are
/// some hundreds of them; what does not fit, as some names are data, is encoded again.
final class Names {
  private record Entry(String name, byte[] encoded) {}

  /// Where names meet the later one stays. Entries are immutable, so threads need not agree.
  private static final @Nullable Entry[] ENTRIES = new Entry[4096];

  private Names() {}

  static byte[] of(String name) {
    int hash = name.hashCode();
    int at = (hash ^ hash >>> 12) & ENTRIES.length - 1;
    var entry = ENTRIES[at];
    if (entry == null || !entry.name.equals(name)) {
      entry = new Entry(name, encode(name));
      ENTRIES[at] = entry;
    }
    return entry.encoded;
  }

  static byte[] encode(String name) {
    var buffer = new Chunks();
    Strings.write(buffer, name);
    buffer.write(':');
    return buffer.toByteArray();
  }
}
