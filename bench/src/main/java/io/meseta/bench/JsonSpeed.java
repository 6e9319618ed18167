// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.wire.json.Json;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.Environment;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.Value;

/// JSON of a TaskInfo with a command, an environment, resources and labels.
final class JsonSpeed {
  private static final int COUNT = 20_000;

  private JsonSpeed() {}

  static void run(Arguments arguments) throws Exception {
    var message = message();
    var bytes = Json.write(message);
    System.out.printf(
        "%d bytes of JSON, %d of protobuf%n", bytes.length, message.getSerializedSize());
    for (int round = 0; round < 6; round++) {
      long begin = System.nanoTime();
      long written = 0;
      for (int i = 0; i < COUNT; i++) {
        written += Json.write(message).length;
      }
      double write = (System.nanoTime() - begin) / 1e3 / COUNT;
      begin = System.nanoTime();
      for (int i = 0; i < COUNT; i++) {
        if (!Json.parse(bytes, TaskInfo.newBuilder()).hasCommand()) {
          throw new IllegalStateException("the command is gone");
        }
      }
      double read = (System.nanoTime() - begin) / 1e3 / COUNT;
      if (round >= 3) {
        System.out.printf(
            "written in %.1f us (%.0f MB/s), read in %.1f us; load %s%n",
            write, written / (write * COUNT), read, Machine.load());
      }
    }
  }

  private static TaskInfo message() {
    var command = CommandInfo.newBuilder().setValue("exec ./server --port=$PORT0");
    for (int i = 0; i < 10; i++) {
      command
          .getEnvironmentBuilder()
          .addVariables(
              Environment.Variable.newBuilder().setName("VARIABLE_" + i).setValue("value " + i));
    }
    var task = TaskInfo.newBuilder().setName("server").setCommand(command);
    task.getTaskIdBuilder().setValue("server.instance-5a0f7b3c-0f4e-4e0a-9a63-6d1c3b7a2f11._app.1");
    task.getAgentIdBuilder().setValue("5a0f7b3c-0f4e-4e0a-9a63-6d1c3b7a2f11-S0");
    for (var name : new String[] {"cpus", "mem", "disk"}) {
      task.addResources(
          Resource.newBuilder()
              .setName(name)
              .setType(Value.Type.SCALAR)
              .setScalar(Value.Scalar.newBuilder().setValue(12.5)));
    }
    for (int i = 0; i < 5; i++) {
      task.getLabelsBuilder().addLabelsBuilder().setKey("label-" + i).setValue("value-" + i);
    }
    return task.build();
  }
}
