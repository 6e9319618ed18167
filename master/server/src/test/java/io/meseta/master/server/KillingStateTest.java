// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A task that takes a while to end: executors say TASK_KILLING to frameworks that know the state,
/// which they learn from what the agent is sent.
@Covers("S23")
class KillingStateTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void killingIsSeenByThoseThatKnowIt(boolean json) throws Exception {
    try (var master = TestMaster.start();
        var client = new Client(master.port());
        var agent = new FakeAgent()) {
      var pid = Upid.parse(master.pid()).orElseThrow();
      agent.register(pid);
      var subscribe =
          Client.subscribeCall(Map.of("capabilities", "[{\"type\":\"TASK_KILLING_STATE\"}]"));
      try (var scheduler = client.subscribe(subscribe, json)) {
        var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
        scheduler.call(
            SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("t1", offer)));
        var run = agent.awaitTask();
        assertThat(run.getFramework().getCapabilitiesList())
            .contains(
                FrameworkInfo.Capability.newBuilder()
                    .setType(FrameworkInfo.Capability.Type.TASK_KILLING_STATE)
                    .build());
        var kill = Call.newBuilder().setType(Call.Type.KILL);
        kill.getKillBuilder().setTaskId(run.getTask().getTaskId());
        kill.getKillBuilder()
            .getKillPolicyBuilder()
            .getGracePeriodBuilder()
            .setNanoseconds(5_000_000_000L);
        assertThat(scheduler.call(kill).statusCode()).isEqualTo(202);
        var told = KillTaskMessage.parseFrom(agent.await("mesos.internal.KillTaskMessage").body());
        assertThat(told.getTaskId()).isEqualTo(run.getTask().getTaskId());
        assertThat(told.getKillPolicy().getGracePeriod().getNanoseconds())
            .isEqualTo(5_000_000_000L);

        agent.update(
            pid, run.getFramework().getId(), run.getTask().getTaskId(), TaskState.TASK_KILLING);
        assertThat(scheduler.await(Event.Type.UPDATE).getUpdate().getStatus().getState())
            .isEqualTo(TaskState.TASK_KILLING);
        assertThat(client.get("/state").body()).contains("\"state\":\"TASK_KILLING\"");
        assertThat(client.get("/state-summary").body()).contains("\"TASK_KILLING\":1");
        assertThat(client.get("/metrics/snapshot").body()).contains("\"master/tasks_killing\":1.0");
        assertThat(client.get("/slaves").body())
            .as("it holds its resources")
            .contains("\"used_resources\":{\"cpus\":4");
        agent.update(
            pid, run.getFramework().getId(), run.getTask().getTaskId(), TaskState.TASK_KILLED);
        assertThat(scheduler.await(Event.Type.UPDATE).getUpdate().getStatus().getState())
            .isEqualTo(TaskState.TASK_KILLED);
        var metrics = client.get("/metrics/snapshot").body();
        assertThat(metrics).contains("\"master/tasks_killing\":0.0", "\"master/tasks_killed\":1.0");
      }
    }
  }
}
