// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AbsenceTest {
  @Test
  void saysSoonAndThenEveryHalfMinuteThatNothingAnswers() {
    var connected = new AtomicBoolean();
    var said = new ArrayList<String>();
    var absence = new Absence("--zk=zk://h:1/m", connected::get, said::add);
    for (int second = 0; second < 70; second++) {
      absence.look(Duration.ofSeconds(1));
    }
    assertThat(said)
        .containsExactly(
            "--zk=zk://h:1/m: no ZooKeeper answers there for 3 s; trying on",
            "--zk=zk://h:1/m: no ZooKeeper answers there for 33 s; trying on",
            "--zk=zk://h:1/m: no ZooKeeper answers there for 63 s; trying on");
    said.clear();
    connected.set(true);
    absence.look(Duration.ofSeconds(1));
    absence.look(Duration.ofSeconds(1));
    assertThat(said).containsExactly("--zk=zk://h:1/m: ZooKeeper answers again");
  }

  @Test
  void aShortAbsenceIsNotWorthAWord() {
    var connected = new AtomicBoolean();
    var said = new ArrayList<String>();
    var absence = new Absence("--zk", connected::get, said::add);
    for (int second = 0; second < 20; second++) {
      connected.set(second % 2 == 0);
      absence.look(Duration.ofSeconds(1));
    }
    assertThat(said).isEmpty();
  }

  @Test
  void wrongAddressesAreShownWithoutTheirPassword() {
    assertThat(ZkUrl.masked("zk://u:secret@h:x/p")).isEqualTo("zk://u:***@h:x/p");
    assertThat(ZkUrl.masked("zk:/h:2181/p")).isEqualTo("zk:/h:2181/p");
    assertThat(ZkUrl.masked("u:secret@h")).isEqualTo("u:***@h");
    assertThat(ZkUrl.masked("zk://secret@h")).isEqualTo("zk://***@h");
  }
}
