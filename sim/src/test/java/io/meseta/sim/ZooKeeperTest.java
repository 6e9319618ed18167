// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.meseta.wire.v1.MasterInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the simulated registry finds in what is written to it.
class ZooKeeperTest {
  @Test
  void anAgentInTwoStatesIsFound() {
    var cluster = new Cluster(Options.of(1));
    var node = cluster.masters().getFirst();
    var info = MasterInfo.newBuilder().setId("m").setIp(0).setPort(1).build();
    cluster.zooKeeper.enter("s", info, node, () -> {});
    assertThat(cluster.zooKeeper.write("s", Map.of("agents/A", ByteString.EMPTY), List.of()))
        .isTrue();
    assertThatThrownBy(() ->
            cluster.zooKeeper.write("s", Map.of("unreachable/A", ByteString.EMPTY), List.of()))
        .isInstanceOf(Broken.class)
        .hasMessageContaining("is in 2 states");
    assertThat(cluster.zooKeeper.write("other", Map.of(), List.of())).isFalse();
  }
}
