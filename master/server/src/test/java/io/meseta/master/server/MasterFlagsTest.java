// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.flags.FlagException;
import io.meseta.testkit.Covers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the master's flags take and refuse, as the original's do.
class MasterFlagsTest {
  private static MasterFlags parse(String... flags) throws FlagException {
    return MasterFlags.parse(List.of(flags), Map.of());
  }

  @Test
  @Covers({"CFG01", "M01", "M02", "H05", "A03"})
  void theOlderNamesOfFlagsStillWork() throws Exception {
    var flags =
        MasterFlags.parse(
            List.of(
                "--slave_reregister_timeout=11mins",
                "--recovery_slave_removal_limit=25%",
                "--slave_removal_rate_limit=1/10mins",
                "--user_sorter=random",
                "--slave_ping_timeout=20secs",
                "--max_executors_per_slave=5"),
            Map.of("MESOS_MAX_SLAVE_PING_TIMEOUTS", "7"));
    assertThat(flags.agentReregisterTimeout()).isEqualTo(Duration.ofMinutes(11));
    assertThat(flags.recoveryAgentRemovalLimit()).isEqualTo("25%");
    assertThat(flags.agentRemovalRateLimit()).hasValue("1/10mins");
    assertThat(flags.roleSorter()).isEqualTo("random");
    assertThat(flags.agentPingTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(flags.maxAgentPingTimeouts()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--offer_timeout=0secs;--offer_timeout: expected a positive value",
        "--agent_ping_timeout=500ms;--agent_ping_timeout: expected 1secs to 15mins",
        "--agent_ping_timeout=16mins;--agent_ping_timeout: expected 1secs to 15mins",
        "--max_agent_ping_timeouts=0;--max_agent_ping_timeouts: expected a positive value",
        "--registry_gc_interval=0secs;--registry_gc_interval: expected a positive value",
        "--registry_max_agent_count=-1;--registry_max_agent_count: expected 0 or more",
        "--max_completed_frameworks=-1;--max_completed_frameworks: expected 0 or more",
        "--recovery_agent_removal_limit=50;--recovery_agent_removal_limit=50: expected 0% to 100%",
        "--recovery_agent_removal_limit=101%;--recovery_agent_removal_limit=101%: expected 0% to 100%",
        "--framework_sorter=fair;--framework_sorter=fair: expected drf or random",
        "--min_allocatable_resources=cpus;--min_allocatable_resources=cpus: ",
        "--weights=a=0;--weights: 'a=0' (expected: role=weight, the weight positive)",
        "--agent_reregister_timeout=9mins;--agent_reregister_timeout: expected at least 10mins",
        "--agent_removal_rate_limit=0/1secs;--agent_removal_rate_limit=0/1secs: expected",
        "--agent_removal_rate_limit=1/0secs;--agent_removal_rate_limit=1/0secs: expected",
      })
  @Covers("CFG01")
  void valuesThatCannotWorkAreRefused(String flag, String problem) {
    assertThatThrownBy(() -> parse(flag))
        .isInstanceOf(FlagException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void problemsAreSaidAllAtOnce() {
    assertThatThrownBy(() -> parse("--role_sorter=a", "--framework_sorter=a", "--weights=x"))
        .hasMessageContaining("--role_sorter=a: expected drf or random")
        .hasMessageContaining("--framework_sorter=a: expected drf or random")
        .hasMessageContaining("--weights: 'x'");
  }

  @Test
  @Covers("A08")
  void weightsAreOfRolesThatThereMayBe() throws Exception {
    assertThatThrownBy(() -> parse("--roles=dev", "--weights=ops=2"))
        .hasMessageContaining("--weights: 'ops=2' (expected: a role of --roles)");
    var flags = parse("--roles=dev,ops", "--weights=dev=1.5,*=2");
    assertThat(CoreConfig.of(flags).weights()).isEqualTo(Map.of("dev", 1.5, "*", 2.0));
  }

  @Test
  @Covers("A13")
  void theWhitelistIsAPathOrAUrl() throws Exception {
    for (var flag : List.of("--whitelist=/etc/hosts", "--whitelist=file:///etc/hosts")) {
      assertThat(parse(flag).whitelist()).hasValue(Path.of("/etc/hosts"));
    }
  }
}
