// SPDX-License-Identifier: Apache-2.0
package io.meseta.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.fakes.FakeMaster;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunCopiesTest {
  private static Event offer(String id, double cpus) {
    return Event.newBuilder()
        .setType(Event.Type.OFFERS)
        .setOffers(
            Event.Offers.newBuilder()
                .addOffers(
                    Offer.newBuilder()
                        .setId(OfferID.newBuilder().setValue(id))
                        .setFrameworkId(FrameworkID.newBuilder().setValue("F"))
                        .setAgentId(AgentID.newBuilder().setValue("A"))
                        .setHostname("h")
                        .addResources(scalar("cpus", cpus))
                        .addResources(scalar("mem", 1000))))
        .build();
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  private static Event update(TaskInfo task, TaskState state) {
    return Event.newBuilder()
        .setType(Event.Type.UPDATE)
        .setUpdate(
            Event.Update.newBuilder()
                .setStatus(TaskStatus.newBuilder().setTaskId(task.getTaskId()).setState(state)))
        .build();
  }

  private static List<TaskInfo> launched(FakeMaster master) throws Exception {
    return master
        .call(Call.Type.ACCEPT)
        .call()
        .getAccept()
        .getOperations(0)
        .getLaunch()
        .getTaskInfosList();
  }

  @Test
  @Covers("S06")
  void launchesWhatFitsReportsAndTearsDown() throws Exception {
    try (var master = new FakeMaster()) {
      var out = new ByteArrayOutputStream();
      var args = new String[] {"--master=" + master.address(), "--copies=3", "--command=true"};
      var exit =
          CompletableFuture.supplyAsync(
              () -> RunCopies.run(args, new PrintStream(out, true), System.err));
      var stream = master.subscription();
      stream.subscribed("F", 15);
      master.call(Call.Type.RECONCILE);
      stream.send(offer("O1", 0.2));
      var first = launched(master);
      assertThat(first).hasSize(2);
      assertThat(first.getFirst().getCommand().getValue()).isEqualTo("true");
      stream.send(offer("O2", 4));
      var second = launched(master);
      assertThat(second).hasSize(1);
      for (var task : List.of(first.get(0), first.get(1), second.get(0))) {
        stream.send(update(task, TaskState.TASK_RUNNING));
      }
      stream.send(update(first.get(0), TaskState.TASK_FINISHED));
      stream.send(update(first.get(1), TaskState.TASK_FAILED));
      stream.send(update(second.get(0), TaskState.TASK_FINISHED));
      master.call(Call.Type.TEARDOWN);
      assertThat(exit.get(10, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(out.toString()).contains("copy-1 TASK_FINISHED", "copy-2 TASK_FAILED");
    }
  }

  private static String run(int code, String... args) {
    var text = new ByteArrayOutputStream();
    var stream = new PrintStream(text, true);
    assertThat(RunCopies.run(args, stream, stream)).isEqualTo(code);
    return text.toString();
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(run(0, "--help"))
        .contains("Usage: ./meseta run-copies", "--master=VALUE", "--copies=VALUE", "(default: 3)");
  }

  @Test
  void everyWrongArgumentIsNamed() {
    assertThat(run(1, "copies", "--copys=2", "--copies=x", "--cpus=NaN", "--mem"))
        .hasLineCount(6)
        .contains(
            "'copies': unknown option",
            "'--copys=2': unknown option",
            "--copies=x: expected a whole number of at least 1",
            "--cpus=NaN: expected a number of at least 0.001",
            "--mem has no value (expected: --mem=value)");
  }

  @Test
  void saysAtOnceThatNoMasterAnswersAndWhy() throws Exception {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    var text = new ByteArrayOutputStream();
    var out = new PrintStream(text, true);
    var waits =
        Thread.ofVirtual()
            .start(() -> RunCopies.run(new String[] {"--master=127.0.0.1:" + port}, out, out));
    var end = Instant.now().plusSeconds(20);
    while (!text.toString().contains("no master") && Instant.now().isBefore(end)) {
      Thread.onSpinWait();
    }
    waits.interrupt();
    assertThat(text.toString())
        .startsWith("no master at http://127.0.0.1:" + port + ": ")
        .contains("; trying on (--master, Ctrl-C ends)")
        .hasLineCount(1);
  }
}
