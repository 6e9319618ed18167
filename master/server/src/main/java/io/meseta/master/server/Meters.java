// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.ByteString;
import io.meseta.master.core.Meter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// What the master measures of itself: how long the allocator and the registry's store take, and
/// how large the registry is. Names are the original's.
final class Meters implements Meter {
  final Timings allocation = new Timings("allocator/mesos/allocation_run_ms");
  final Timings latency = new Timings("allocator/mesos/allocation_run_latency_ms");
  final Timings fetch = new Timings("registrar/state_fetch_ms");
  final Timings store = new Timings("registrar/state_store_ms");
  private final AtomicLong runs = new AtomicLong();
  private final AtomicLong authentications = new AtomicLong();
  private final Map<String, Integer> sizes = new HashMap<>();
  private final AtomicLong registryBytes = new AtomicLong();
  private volatile boolean recovered;

  /// When the first event of the batch came, by the loop's thread; 0 for none.
  private long since;

  @Override
  public void event() {
    if (since == 0) {
      since = System.nanoTime();
    }
  }

  @Override
  public void nothingToAllocate() {
    since = 0;
  }

  @Override
  public <T> T allocation(Supplier<T> run) {
    long begin = System.nanoTime();
    if (since != 0) {
      latency.add(begin - since);
      since = 0;
    }
    var result = run.get();
    allocation.add(System.nanoTime() - begin);
    runs.incrementAndGet();
    return result;
  }

  /// Somebody wants to prove who they are.
  void authenticate() {
    authentications.incrementAndGet();
  }

  synchronized void loaded(Map<String, ByteString> records) {
    recovered = true;
    written(records, List.of());
  }

  synchronized void written(Map<String, ByteString> puts, List<String> deletes) {
    puts.forEach((key, value) -> {
      var before = sizes.put(key, value.size());
      registryBytes.addAndGet(value.size() - (before == null ? 0 : before));
    });
    deletes.forEach(key -> {
      var before = sizes.remove(key);
      registryBytes.addAndGet(before == null ? 0 : -before);
    });
  }

  void put(Map<String, Double> metrics) {
    metrics.put("allocator/mesos/allocation_runs", (double) runs.get());
    metrics.put("master/messages_authenticate", (double) authentications.get());
    metrics.put("registrar/registry_size_bytes", (double) registryBytes.get());
    metrics.put("registrar/log/recovered", recovered ? 1.0 : 0.0);
    allocation.put(metrics);
    latency.put(metrics);
    fetch.put(metrics);
    store.put(metrics);
  }

  /// The last thousand durations of one kind, in milliseconds.
  static final class Timings {
    private static final int WINDOW = 1000;

    private final String name;
    private final double[] window = new double[WINDOW];
    private long count;

    Timings(String name) {
      this.name = name;
    }

    synchronized void add(long nanos) {
      window[(int) (count++ % WINDOW)] = nanos / 1e6;
    }

    /// The last value under the bare name; nothing before there was one, as the original has it.
    void put(Map<String, Double> metrics) {
      double[] sorted;
      double last;
      synchronized (this) {
        if (count == 0) {
          return;
        }
        sorted = Arrays.copyOf(window, (int) Math.min(count, WINDOW));
        last = window[(int) ((count - 1) % WINDOW)];
      }
      Arrays.sort(sorted);
      metrics.put(name, last);
      metrics.put(name + "/count", (double) sorted.length);
      metrics.put(name + "/min", sorted[0]);
      metrics.put(name + "/max", sorted[sorted.length - 1]);
      percentile(metrics, sorted, "p50", 0.5);
      percentile(metrics, sorted, "p90", 0.9);
      percentile(metrics, sorted, "p95", 0.95);
      percentile(metrics, sorted, "p99", 0.99);
      percentile(metrics, sorted, "p999", 0.999);
      percentile(metrics, sorted, "p9999", 0.9999);
    }

    /// Between the two nearest values.
    private void percentile(
        Map<String, Double> metrics, double[] sorted, String suffix, double part) {
      double position = part * (sorted.length - 1);
      int below = (int) position;
      int above = Math.min(below + 1, sorted.length - 1);
      metrics.put(
          name + "/" + suffix,
          sorted[below] + (sorted[above] - sorted[below]) * (position - below));
    }
  }
}
