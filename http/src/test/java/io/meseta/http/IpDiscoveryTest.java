// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@Covers("N05")
class IpDiscoveryTest {
  private static final Duration SOON = Duration.ofMillis(300);

  @Test
  void theCommandSaysWhereToListen() {
    assertThat(IpDiscovery.listenOn(Optional.empty(), Optional.of("echo ' 127.0.0.1 '; echo")))
        .isEqualTo("127.0.0.1");
    assertThat(IpDiscovery.listenOn(Optional.of("10.0.0.1"), Optional.empty()))
        .isEqualTo("10.0.0.1");
    assertThat(IpDiscovery.listenOn(Optional.empty(), Optional.empty())).isEqualTo("0.0.0.0");
  }

  @Test
  void aCommandThatDoesNotSayItIsNamed() {
    assertThatThrownBy(() -> IpDiscovery.run("echo 127.0.0.1; exit 3", SOON))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--ip_discovery_command: 'echo 127.0.0.1; exit 3' ended with status 3");
    assertThatThrownBy(() -> IpDiscovery.run("echo localhost", SOON))
        .hasMessage(
            "--ip_discovery_command: 'echo localhost' printed 'localhost' (expected: an address,"
                + " as 10.0.0.1)");
    assertThatThrownBy(() -> IpDiscovery.run("echo 300.0.0.1", SOON))
        .hasMessageContaining("printed '300.0.0.1'");
    assertThatThrownBy(() -> IpDiscovery.run("seq 100000", Duration.ofSeconds(20)))
        .hasMessageContaining("printed '1\n2\n3")
        .message()
        .hasSizeLessThan(400);
    assertThatThrownBy(() -> IpDiscovery.run("sleep 60", SOON))
        .hasMessage("--ip_discovery_command: 'sleep 60' did not end within 0 seconds");
  }
}
