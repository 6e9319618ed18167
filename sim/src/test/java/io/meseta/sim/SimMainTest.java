// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SimMainTest {
  private static int run(String... args) {
    return SimMain.run(args);
  }

  @Test
  void argumentsThatMakeNoSenseAreRefused() {
    assertThat(run("--seed")).isEqualTo(1);
    assertThat(run("--seed", "x")).isEqualTo(1);
    assertThat(run("--hours", "0")).isEqualTo(1);
    assertThat(run("--runs", "0")).isEqualTo(1);
    assertThat(run("--threads", "0")).isEqualTo(1);
    assertThat(run("--what", "1")).isEqualTo(1);
    assertThat(run("--what=1")).isEqualTo(1);
    assertThat(run("seed")).isEqualTo(1);
  }

  @Test
  void helpEndsWithZero() {
    assertThat(run("--help")).isZero();
  }

  @Test
  void aGoodRunEndsWithZero() {
    assertThat(run("--seed", "1", "--hours=0.02", "--runs", "5", "--threads=2")).isZero();
  }
}
