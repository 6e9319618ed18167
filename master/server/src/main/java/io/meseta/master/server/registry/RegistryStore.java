// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.registry;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/// Keeps the registry's records.
public interface RegistryStore extends AutoCloseable {
  /// Completes when the records are as durable as this store makes them; fails when somebody else
  /// may write now.
  CompletionStage<Void> write(Map<String, ByteString> puts, List<String> deletes);

  /// All records as they are kept now; may block.
  Map<String, ByteString> read() throws Exception;

  @Override
  void close();
}
