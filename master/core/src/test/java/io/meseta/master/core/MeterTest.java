// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.loop.Ids;
import io.meseta.model.acls.Acls;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.MasterInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// What the core has measured.
class MeterTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final List<String> told = new ArrayList<>();
  private final MasterCore core =
      new MasterCore(
          MasterConfig.defaults(),
          Acls.NONE,
          MasterInfo.newBuilder().setId("m").setIp(1).setPort(5050).build(),
          Ids.seeded(1),
          new Meter() {
            @Override
            public void event() {
              told.add("event");
            }

            @Override
            public void nothingToAllocate() {
              told.add("nothing");
            }

            @Override
            public <T> T allocation(Supplier<T> run) {
              told.add("allocation");
              return run.get();
            }
          });

  /// What one batch, and the batches that come of it, are measured as.
  private List<String> batch(MasterEvent event) {
    told.clear();
    var unused = core.on(event, NOW);
    for (var effect : core.endOfBatch(NOW)) {
      if (effect instanceof Effect.Persist persist) {
        unused = core.on(new MasterEvent.Persisted(persist.batch()), NOW);
        unused = core.endOfBatch(NOW);
      }
    }
    return List.copyOf(told);
  }

  @Test
  @Covers("MET03")
  void whatNeedsNoRunOfTheAllocatorDoesNotWaitForTheNextOne() throws Exception {
    assertThat(batch(new MasterEvent.RegistryLoaded(Map.of()))).containsExactly("event", "nothing");
    var pid = new Upid("slave(1)", "127.0.0.1", 1);
    assertThat(batch(new MasterEvent.AgentExited(pid))).containsExactly("event", "nothing");
    var info =
        AgentInfo.newBuilder()
            .setHostname("h")
            .setPort(1)
            .addAllResources(
                ResourceWire.encode(
                    ResourceText.parse("cpus:1;mem:64", "*"), ResourceWire.Format.POST));
    var message = RegisterSlaveMessage.newBuilder().setSlave(info).setVersion("1.12.0").build();
    assertThat(batch(new MasterEvent.AgentMessage(pid, message)))
        .containsExactly("event", "nothing", "event", "allocation");
  }
}
