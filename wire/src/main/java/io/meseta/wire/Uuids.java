// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.UUID;

/// UUIDs as messages carry them: 16 bytes, the most significant first.
public final class Uuids {
  private Uuids() {}

  public static ByteString bytes(UUID uuid) {
    return ByteString.copyFrom(
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .flip());
  }

  /// As a message of its own.
  public static io.meseta.wire.v1.UUID message(UUID uuid) {
    return io.meseta.wire.v1.UUID.newBuilder().setValue(bytes(uuid)).build();
  }
}
