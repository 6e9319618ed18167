// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogFileTest {
  @Test
  void mastersAndAgentsLogIntoTheFolderOfTheFlag() {
    assertThat(Meseta.logFile("master", "--port=1", "--log_dir=/var/log/mesos"))
        .contains("/var/log/mesos/mesos-master.INFO");
    assertThat(Meseta.logFile("agent", "--log_dir=/l")).contains("/l/mesos-agent.INFO");
    assertThat(Meseta.logFile("master", "--port=1")).isEmpty();
    assertThat(Meseta.logFile("marathon", "--log_dir=/l")).isEmpty();
  }
}
