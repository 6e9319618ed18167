// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts by the original's metric names, without what comes before them. Written by the core
/// alone, read by any thread.
public final class Counters {
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  public void add(String name) {
    add(name, 1);
  }

  public void add(String name, int count) {
    var adder = counts.get(name);
    if (adder == null) {
      adder = counts.computeIfAbsent(name, n -> new LongAdder());
    }
    adder.add(count);
  }

  public Map<String, Long> copy() {
    var result = new TreeMap<String, Long>();
    counts.forEach((name, count) -> result.put(name, count.sum()));
    return result;
  }
}
