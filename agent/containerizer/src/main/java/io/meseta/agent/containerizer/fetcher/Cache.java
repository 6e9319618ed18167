// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Downloads that are kept for the next task of the same user: at most `capacity` bytes, the
/// longest unused go first, one that is in use stays. Requests for a URI that is being downloaded
/// wait for that download. Thread-safe.
final class Cache {
  private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

  /// Files are kept apart by user: one user's credentials must not serve another.
  record Key(String user, String uri) {}

  /// Brings the file.
  @FunctionalInterface
  interface Filler {
    /// Downloads into `target`, asking `budget` before every write.
    void fill(Path target, Sink.Budget budget) throws IOException;
  }

  /// The cache has no room, even without everything that is unused.
  static final class FullException extends IOException {
    private static final long serialVersionUID = 1;

    FullException() {
      super("the fetcher cache is full");
    }
  }

  private static final class Entry {
    final Path file;
    final CompletableFuture<Path> ready = new CompletableFuture<>();
    long bytes;
    int users;

    Entry(Path file) {
      this.file = file;
    }
  }

  private final Path folder;
  private final long capacity;
  private final LinkedHashMap<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long used;
  private long sequence;

  Cache(Path folder, long capacity) {
    this.folder = folder;
    this.capacity = capacity;
  }

  /// A cached file in use; closing it makes it a candidate for eviction again.
  final class Lease implements AutoCloseable {
    private final Entry entry;

    private Lease(Entry entry) {
      this.entry = entry;
    }

    Path file() {
      return entry.file;
    }

    @Override
    public void close() {
      synchronized (Cache.this) {
        entry.users--;
      }
    }
  }

  /// The file of `key`, downloaded by the first who asks.
  Lease get(Key key, Filler filler) throws IOException {
    Entry entry;
    boolean mine;
    synchronized (this) {
      var known = entries.get(key);
      mine = known == null;
      entry = mine ? new Entry(folder.resolve("c%08d".formatted(sequence++))) : known;
      entry.users++;
      if (mine) {
        entries.put(key, entry);
      }
    }
    if (mine) {
      fill(key, entry, filler);
    }
    try {
      entry.ready.join();
      return new Lease(entry);
    } catch (CompletionException e) {
      synchronized (this) {
        entry.users--;
      }
      switch (e.getCause()) {
        case FullException full -> throw full;
        case IOException failed -> throw failed;
        case null, default -> throw new FetchException("the download failed: " + e.getCause());
      }
    }
  }

  private void fill(Key key, Entry entry, Filler filler) {
    try {
      Files.createDirectories(folder);
      filler.fill(entry.file, bytes -> reserve(entry, bytes));
      entry.ready.complete(entry.file);
    } catch (IOException | RuntimeException e) {
      synchronized (this) {
        entries.remove(key);
        used -= entry.bytes;
      }
      delete(entry.file);
      entry.ready.completeExceptionally(e);
    }
  }

  private synchronized void reserve(Entry entry, long bytes) throws FullException {
    for (var it = entries.entrySet().iterator(); used + bytes > capacity && it.hasNext(); ) {
      Map.Entry<Key, Entry> oldest = it.next();
      if (oldest.getValue().users == 0) {
        it.remove();
        used -= oldest.getValue().bytes;
        delete(oldest.getValue().file);
      }
    }
    if (used + bytes > capacity) {
      throw new FullException();
    }
    used += bytes;
    entry.bytes += bytes;
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("cannot remove {} from the fetcher cache: {}", file, e.toString());
    }
  }

  synchronized long usedBytes() {
    return used;
  }

  long capacityBytes() {
    return capacity;
  }
}
