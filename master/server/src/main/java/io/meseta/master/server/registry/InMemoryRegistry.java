// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.registry;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Keeps the records as long as this master lives: the next one knows only the agents that come to
/// it.
public final class InMemoryRegistry implements RegistryStore {
  private final Map<String, ByteString> records = new TreeMap<>();

  @Override
  public CompletionStage<Void> write(Map<String, ByteString> puts, List<String> deletes) {
    synchronized (records) {
      records.putAll(puts);
      deletes.forEach(records::remove);
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public Map<String, ByteString> read() {
    synchronized (records) {
      return new TreeMap<>(records);
    }
  }

  @Override
  public void close() {}
}
