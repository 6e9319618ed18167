// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.recovery;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.v1.Resource;
import java.util.Collection;
import java.util.List;

/// The content of `resources_and_operations.state`: resources in field 1, as in the original
/// (src/slave/state.proto). What is owed for operations is not kept: the master asks again for what
/// it misses.
public final class ResourceState {
  private ResourceState() {}

  public static ByteString encode(Collection<Resource> resources) {
    return CheckpointResourcesMessage.newBuilder()
        .addAllResources(resources)
        .build()
        .toByteString();
  }

  /// @throws InvalidProtocolBufferException if it is not what [#encode] makes
  public static List<Resource> decode(byte[] bytes) throws InvalidProtocolBufferException {
    return CheckpointResourcesMessage.parseFrom(bytes).getResourcesList();
  }
}
