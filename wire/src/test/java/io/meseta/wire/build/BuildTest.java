// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class BuildTest {
  @Test
  void saysWhenTheSourcesWereWritten() {
    assertThat(Build.time()).isAfterOrEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(Build.date()).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC");
    assertThat(Build.commit()).matches("([0-9a-f]{40})?");
    var info = Build.info("1.2.3");
    assertThat(info.getVersion()).isEqualTo("1.2.3");
    assertThat((long) info.getBuildTime()).isEqualTo(Build.time().getEpochSecond());
  }
}
