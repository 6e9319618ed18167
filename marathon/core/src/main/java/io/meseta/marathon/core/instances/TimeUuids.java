// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.instances;

import io.meseta.loop.Ids;
import java.time.Instant;
import java.util.UUID;

/// Version 1 UUIDs: the time in units of 100 ns since 1582, never the same twice, with a random
/// node.
public final class TimeUuids {
  private static final long SECONDS_1582_TO_1970 = 12_219_292_800L;

  private final long low;
  private long last;

  public TimeUuids(Ids ids) {
    // The multicast bit marks a node that is no network card's.
    long node = (ids.random().nextLong() & 0xFFFF_FFFF_FFFFL) | 0x0100_0000_0000L;
    long sequence = ids.random().nextInt(0x4000);
    low = (0x8000L | sequence) << 48 | node;
  }

  public String next(Instant now) {
    long ticks = (now.getEpochSecond() + SECONDS_1582_TO_1970) * 10_000_000L + now.getNano() / 100;
    last = Math.max(ticks, last + 1);
    long high =
        (last & 0xFFFF_FFFFL) << 32
            | ((last >>> 32) & 0xFFFFL) << 16
            | 0x1000L
            | ((last >>> 48) & 0x0FFFL);
    return new UUID(high, low).toString();
  }
}
