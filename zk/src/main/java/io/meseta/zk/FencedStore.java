// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Small named records below one path, written by the leader alone.
///
/// Writes that come while one is under way go together in the next. Each transaction holds a check
/// of the leader's [Fence], so a leader of yesterday cannot change anything: its write fails with
/// [FencedException] and changes nothing. A write is atomic as long as it fits one request of
/// ZooKeeper (1 MB).
///
/// Names may hold any character. In a sharded store they are spread over 256 folders, since
/// ZooKeeper lists a folder in one answer of 1 MB; a flat one has its records directly below the
/// path, where other tools expect them.
public final class FencedStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FencedStore.class);

  /// No record may be longer, in bytes.
  public static final int MAX_RECORD_BYTES = 900_000;

  private static final int MAX_BATCH_BYTES = 900_000;
  private static final int MAX_BATCH_RECORDS = 1_000;
  private static final int OVERHEAD_BYTES = 120;

  private record Write(Map<String, Optional<byte[]>> changes, CompletableFuture<Void> done) {}

  private final CuratorFramework curator;
  private final String path;
  private final boolean sharded;
  private final Set<String> present = new HashSet<>();
  private final Set<String> shards = new HashSet<>();
  private final Object lock = new Object();
  private List<Write> queue = new ArrayList<>();
  private boolean closed;
  private final Thread writer;
  private volatile Fence fence = new Fence("");

  private FencedStore(ZkClient client, String path, boolean sharded) {
    this.curator = client.curator();
    this.path = path;
    this.sharded = sharded;
    this.writer = Thread.ofVirtual().name("store " + path).unstarted(this::run);
  }

  /// A store below `path`, spread over folders.
  public static FencedStore sharded(ZkClient client, String path) {
    return new FencedStore(client, path, true);
  }

  /// A store whose records lie directly below `path`.
  public static FencedStore flat(ZkClient client, String path) {
    return new FencedStore(client, path, false);
  }

  /// Reads every record, in the order of names, and makes the store writable for the holder of
  /// `newFence`. Blocks.
  public Map<String, byte[]> load(Fence newFence) throws Exception {
    fence = newFence;
    makeFolder(path);
    if (sharded) {
      shards.addAll(curator.getChildren().forPath(path));
    }
    var records = new LinkedHashMap<String, byte[]>();
    for (var record : nodesAndData().entrySet()) {
      if (record.getValue().isEmpty()) {
        throw new IllegalStateException("record " + record.getKey() + " could not be read");
      }
      records.put(record.getKey(), record.getValue().get());
    }
    present.addAll(records.keySet());
    writer.start();
    return records;
  }

  /// Every record as it is now, in the order of names; of those that come or go meanwhile some may
  /// be missing. Blocks.
  public Map<String, byte[]> read() throws Exception {
    var records = new LinkedHashMap<String, byte[]>();
    nodesAndData().forEach((name, data) -> data.ifPresent(bytes -> records.put(name, bytes)));
    return records;
  }

  /// By name; empty is what could not be read.
  private Map<String, Optional<byte[]>> nodesAndData() throws Exception {
    var nodes = new TreeMap<String, String>();
    if (sharded) {
      for (var shard : curator.getChildren().forPath(path)) {
        for (var name : curator.getChildren().forPath(path + "/" + shard)) {
          nodes.put(decode(name), path + "/" + shard + "/" + name);
        }
      }
    } else {
      for (var name : curator.getChildren().forPath(path)) {
        nodes.put(decode(name), path + "/" + name);
      }
    }
    var read = new ConcurrentHashMap<String, byte[]>();
    var left = new CountDownLatch(nodes.size());
    for (var node : nodes.entrySet()) {
      curator
          .getData()
          .inBackground((c, event) -> {
            if (event.getData() != null) {
              read.put(node.getKey(), event.getData());
            }
            left.countDown();
          })
          .forPath(node.getValue());
    }
    left.await();
    var result = new LinkedHashMap<String, Optional<byte[]>>();
    nodes.keySet().forEach(name -> result.put(name, Optional.ofNullable(read.get(name))));
    return result;
  }

  /// Puts and deletes records in one go; completes when ZooKeeper holds them durably.
  public CompletionStage<Void> write(Map<String, byte[]> puts, Set<String> deletes) {
    var changes = new LinkedHashMap<String, Optional<byte[]>>();
    puts.forEach((name, data) -> changes.put(name, Optional.of(data)));
    deletes.forEach(name -> changes.put(name, Optional.empty()));
    var done = new CompletableFuture<Void>();
    for (var put : puts.entrySet()) {
      if (put.getValue().length > MAX_RECORD_BYTES) {
        done.completeExceptionally(
            new IllegalArgumentException(
                "record "
                    + put.getKey()
                    + ": "
                    + put.getValue().length
                    + " bytes (expected: at most "
                    + MAX_RECORD_BYTES
                    + ")"));
        return done;
      }
    }
    synchronized (lock) {
      if (closed) {
        done.completeExceptionally(new FencedException("the store is closed"));
      } else {
        queue.add(new Write(changes, done));
        lock.notifyAll();
      }
    }
    return done;
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
  }

  private void run() {
    while (true) {
      List<Write> batch;
      synchronized (lock) {
        while (queue.isEmpty() && !closed) {
          try {
            lock.wait();
          } catch (InterruptedException e) {
            return;
          }
        }
        if (queue.isEmpty()) {
          return;
        }
        batch = queue;
        queue = new ArrayList<>();
      }
      writeAll(batch);
    }
  }

  private void writeAll(List<Write> batch) {
    for (int next = 0; next < batch.size(); ) {
      var changes = new LinkedHashMap<String, Optional<byte[]>>();
      int first = next;
      int bytes = 0;
      while (next < batch.size()) {
        int more = size(batch.get(next).changes);
        int count = batch.get(next).changes.size();
        if (next > first
            && (bytes + more > MAX_BATCH_BYTES || changes.size() + count > MAX_BATCH_RECORDS)) {
          break;
        }
        changes.putAll(batch.get(next).changes);
        bytes += more;
        next++;
      }
      Throwable failure = null;
      try {
        commitInPieces(changes);
      } catch (Exception e) {
        failure = e;
      }
      for (var write : batch.subList(first, next)) {
        if (failure == null) {
          write.done.complete(null);
        } else {
          write.done.completeExceptionally(failure);
        }
      }
    }
  }

  private static int size(Map<String, Optional<byte[]>> changes) {
    int bytes = 0;
    for (var change : changes.entrySet()) {
      bytes +=
          OVERHEAD_BYTES
              + 3 * change.getKey().length()
              + change.getValue().map(data -> data.length).orElse(0);
    }
    return bytes;
  }

  private void commitInPieces(Map<String, Optional<byte[]>> changes) throws Exception {
    var piece = new LinkedHashMap<String, Optional<byte[]>>();
    int bytes = 0;
    for (var change : changes.entrySet()) {
      int more = size(Map.of(change.getKey(), change.getValue()));
      if (!piece.isEmpty()
          && (bytes + more > MAX_BATCH_BYTES || piece.size() == MAX_BATCH_RECORDS)) {
        commit(piece);
        piece = new LinkedHashMap<>();
        bytes = 0;
      }
      piece.put(change.getKey(), change.getValue());
      bytes += more;
    }
    commit(piece);
  }

  private void commit(Map<String, Optional<byte[]>> changes) throws Exception {
    while (true) {
      try {
        var operations = operations(changes);
        if (operations.size() > 1) {
          curator.transaction().forOperations(operations);
        }
        changes.forEach((name, data) -> {
          if (data.isPresent()) {
            present.add(name);
          } else {
            present.remove(name);
          }
        });
        return;
      } catch (KeeperException.ConnectionLossException
          | KeeperException.SessionExpiredException
          | KeeperException.OperationTimeoutException e) {
        log.warn("ZooKeeper is away while writing; trying again");
        checkFence();
        reread(changes.keySet());
      } catch (KeeperException.NodeExistsException | KeeperException.NoNodeException e) {
        checkFence();
        reread(changes.keySet()); // a lost answer of an earlier try: look what is there and go on
      }
    }
  }

  private void checkFence() throws Exception {
    if (curator.checkExists().forPath(fence.candidate()) == null) {
      throw new FencedException(
          "the candidate node " + fence.candidate() + " is gone: somebody else may lead");
    }
  }

  private void reread(Set<String> names) throws Exception {
    for (var name : names) {
      if (curator.checkExists().forPath(node(name)) == null) {
        present.remove(name);
      } else {
        present.add(name);
      }
    }
  }

  private List<CuratorOp> operations(Map<String, Optional<byte[]>> changes) throws Exception {
    var operations = new ArrayList<CuratorOp>();
    operations.add(curator.transactionOp().check().forPath(fence.candidate()));
    for (var change : changes.entrySet()) {
      var name = change.getKey();
      var node = node(name);
      if (change.getValue().isEmpty()) {
        if (present.contains(name)) {
          operations.add(curator.transactionOp().delete().forPath(node));
        }
      } else if (present.contains(name)) {
        operations.add(curator.transactionOp().setData().forPath(node, change.getValue().get()));
      } else {
        if (sharded && shards.add(shard(name))) {
          makeFolder(path + "/" + shard(name));
        }
        operations.add(curator.transactionOp().create().forPath(node, change.getValue().get()));
      }
    }
    return operations;
  }

  private void makeFolder(String folder) throws Exception {
    try {
      curator.create().creatingParentsIfNeeded().forPath(folder, new byte[0]);
    } catch (KeeperException.NodeExistsException e) {
      log.trace("there already", e);
    }
  }

  private String node(String name) {
    return sharded ? path + "/" + shard(name) + "/" + encode(name) : path + "/" + encode(name);
  }

  private static String shard(String name) {
    return String.format("%02x", (name.hashCode() ^ (name.hashCode() >>> 15)) & 0xff);
  }

  /// What cannot stand in a name of a node is written `%XXXX`, its UTF-16 code.
  static String encode(String name) {
    var text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean dots = c == '.' && (name.equals(".") || name.equals(".."));
      if (c == '/' || c == '%' || c < ' ' || dots || (c >= 127 && c <= 159) || c >= 0xd800) {
        text.append(String.format("%%%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  static String decode(String node) {
    var text = new StringBuilder();
    for (int i = 0; i < node.length(); i++) {
      char c = node.charAt(i);
      if (c == '%' && i + 4 < node.length()) {
        text.append((char) Integer.parseInt(node.substring(i + 1, i + 5), 16));
        i += 4;
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
