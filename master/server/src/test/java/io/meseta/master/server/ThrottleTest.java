// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.wire.Upid;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private static final RateLimits NONE_WAITS =
      RateLimits.parse("{\"limits\":[{\"principal\":\"p\",\"qps\":0.001,\"capacity\":0}]}");

  private static Upid driver(int i) {
    return new Upid("scheduler-" + i, "127.0.0.1", 1);
  }

  @Test
  void driversThatComeAndGoAreNotRememberedWithoutEnd() {
    try (var throttle = new Throttle(NONE_WAITS)) {
      var ran = new AtomicInteger();
      throttle.subscribed(driver(0), Optional.of("p"));
      for (int i = 1; i <= Throttle.MAX_DRIVERS + 100; i++) {
        throttle.subscribed(driver(i), Optional.of("p"));
        if (i % 1000 == 0) { // one that still speaks
          assertThat(throttle.pass(driver(0), ran::incrementAndGet)).contains(0L);
        }
      }
      assertThat(throttle.drivers()).isEqualTo(Throttle.MAX_DRIVERS);
      assertThat(throttle.pass(driver(0), ran::incrementAndGet)).contains(0L);
      assertThat(throttle.pass(driver(1), ran::incrementAndGet)).as("forgotten").isEmpty();
      assertThat(ran).hasValue(1);
    }
  }
}
