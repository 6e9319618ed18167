// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.registry;

import com.google.protobuf.ByteString;
import io.meseta.zk.Fence;
import io.meseta.zk.FencedStore;
import io.meseta.zk.ZkClient;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/// Keeps the registry below `<path of --zk>/registry`, written under the fence of the leader: a
/// master that lost its leadership without noticing cannot write.
public final class ZooKeeperRegistry implements RegistryStore {
  private final FencedStore store;

  public ZooKeeperRegistry(ZkClient client) {
    this.store = FencedStore.sharded(client, client.url().child("registry"));
  }

  /// Reads everything; blocks.
  public Map<String, ByteString> load(Fence fence) throws Exception {
    return strings(store.load(fence));
  }

  private static Map<String, ByteString> strings(Map<String, byte[]> records) {
    var result = new LinkedHashMap<String, ByteString>();
    records.forEach((name, bytes) -> result.put(name, ByteString.copyFrom(bytes)));
    return result;
  }

  @Override
  public Map<String, ByteString> read() throws Exception {
    return strings(store.read());
  }

  @Override
  public CompletionStage<Void> write(Map<String, ByteString> puts, List<String> deletes) {
    var bytes = new LinkedHashMap<String, byte[]>();
    puts.forEach((name, record) -> bytes.put(name, record.toByteArray()));
    return store.write(bytes, new LinkedHashSet<>(deletes));
  }

  @Override
  public void close() {
    store.close();
  }
}
