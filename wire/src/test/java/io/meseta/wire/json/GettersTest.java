// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.master.Event;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.scheduler.Call;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GettersTest {
  /// Every field of every message that can be reached has its own getter, or it would be slow
  /// without anybody noticing.
  @Test
  void everyFieldIsReadWithoutReflection() {
    Set<String> seen = new HashSet<>();
    for (Message root :
        List.of(
            Response.getDefaultInstance(),
            Event.getDefaultInstance(),
            Call.getDefaultInstance(),
            io.meseta.wire.v1.scheduler.Event.getDefaultInstance(),
            io.meseta.wire.v1.agent.Response.getDefaultInstance(),
            ReregisterSlaveMessage.getDefaultInstance())) {
      walk(root, seen);
    }
    assertThat(seen).hasSizeGreaterThan(100);
  }

  private static void walk(Message message, Set<String> seen) {
    if (!seen.add(message.getDescriptorForType().getFullName())) {
      return;
    }
    for (var field : message.getDescriptorForType().getFields()) {
      if (field.isMapField()) {
        continue;
      }
      var getters = Getters.fast(message.getClass(), field);
      assertThat(getters.direct()).as(field.getFullName() + " has a getter").isTrue();
      var value = getters.get().apply(message);
      if (field.isRepeated()) {
        assertThat((List<?>) value).isEmpty();
      } else {
        assertThat(getters.has().test(message)).isFalse();
      }
      if (field.getType() == FieldDescriptor.Type.MESSAGE) {
        walk(
            message.newBuilderForType().newBuilderForField(field).getDefaultInstanceForType(),
            seen);
      }
    }
  }

  /// The golden answers are written a few times only, so this writes more: both ways say the same.
  @Test
  void whatIsWrittenOftenIsWrittenTheSame() {
    var message =
        Call.newBuilder()
            .setType(Call.Type.ACCEPT)
            .setFrameworkId(io.meseta.wire.v1.FrameworkID.newBuilder().setValue("f"))
            .setAccept(
                Call.Accept.newBuilder()
                    .addOfferIds(io.meseta.wire.v1.OfferID.newBuilder().setValue("o"))
                    .setFilters(io.meseta.wire.v1.Filters.newBuilder().setRefuseSeconds(1.5)))
            .build();
    var first = new String(Json.write(message), java.nio.charset.StandardCharsets.UTF_8);
    for (int i = 0; i < 5_000; i++) {
      Json.write(message);
    }
    assertThat(new String(Json.write(message), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(first)
        .contains("\"refuse_seconds\":1.5");
  }
}
