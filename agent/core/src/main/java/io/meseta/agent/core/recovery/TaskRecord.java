// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.recovery;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;

/// The content of `task.info`: a `Task`, as in the original, and in two fields beyond it what the
/// original's executor kept in its own memory. The original's tools skip them as unknown.
public record TaskRecord(Task task, TaskInfo info, String containerId) {
  private static final int INFO = 1000;
  private static final int CONTAINER = 1001;

  public ByteString encode() {
    var extra =
        UnknownFieldSet.newBuilder()
            .addField(
                INFO,
                UnknownFieldSet.Field.newBuilder().addLengthDelimited(info.toByteString()).build())
            .addField(
                CONTAINER,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8(containerId))
                    .build());
    return task.toBuilder().setUnknownFields(extra.build()).build().toByteString();
  }

  /// @throws InvalidProtocolBufferException if it is not what [#encode] makes
  public static TaskRecord decode(byte[] bytes) throws InvalidProtocolBufferException {
    var task = Task.parseFrom(bytes);
    var unknown = task.getUnknownFields();
    var info = unknown.getField(INFO).getLengthDelimitedList();
    var container = unknown.getField(CONTAINER).getLengthDelimitedList();
    if (info.isEmpty() || container.isEmpty()) {
      throw new InvalidProtocolBufferException("the task was written by another program");
    }
    return new TaskRecord(
        task.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance()).build(),
        TaskInfo.parseFrom(info.getLast()),
        container.getLast().toStringUtf8());
  }
}
