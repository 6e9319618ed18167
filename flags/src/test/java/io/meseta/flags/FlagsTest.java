// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Covers("CFG01")
class FlagsTest {
  record Sample(
      @Flag(help = "Where to listen.", defaultValue = "5050") int port,
      @Flag(help = "Where to keep things.") Path workDir,
      @Flag(help = "Whether to be quiet.") boolean quiet,
      @Flag(help = "Checked by default.", defaultValue = "true") boolean checkpoint,
      @Flag(help = "How long.", defaultValue = "10secs", aliases = "slave_timeout")
          Duration agentTimeout,
      @Flag(help = "How much.", defaultValue = "2GB") Bytes cacheSize,
      @Flag(help = "Which.", defaultValue = "") List<String> roles,
      @Flag(help = "Password.", secret = true) Optional<String> password) {
    Sample {
      new Checks()
          .that(port >= 0, "--port=" + port + ": expected 0 to 65535")
          .that(roles.size() < 3, "--roles: expected at most 2")
          .that(workDir.isAbsolute(), "--work_dir=" + workDir + ": expected an absolute path")
          .done();
    }
  }

  private static final Style MESOS =
      Style.mesos("sample")
          .refusing(
              """
              hooks: modules are not supported
              allocator=HierarchicalDRF: there is one allocator
              """)
          .ignoring("quorum: there is no replicated log");

  @Test
  void argumentsWinOverTheEnvironmentAndTheEnvironmentOverDefaults() throws Exception {
    var flags =
        Flags.parse(
            Sample.class,
            MESOS,
            List.of(
                "--port=1",
                "--quiet",
                "--no-checkpoint",
                "--roles=a, b",
                "--slave_timeout=1.5mins"),
            Map.of("MESOS_PORT", "2", "MESOS_WORK_DIR", "/w", "MESOS_NOSUCH", "x"));
    assertThat(flags)
        .isEqualTo(
            new Sample(
                1,
                Path.of("/w"),
                true,
                false,
                Duration.ofSeconds(90),
                new Bytes(2L << 30),
                List.of("a", "b"),
                Optional.empty()));
  }

  @Test
  void everyProblemIsReportedAtOnce() {
    assertThatThrownBy(() ->
            Flags.parse(
                Sample.class,
                MESOS,
                List.of(
                    "--port=x",
                    "--prot=1",
                    "--agent_timeout=5",
                    "--cache_size=2",
                    "--hooks=a",
                    "stray",
                    "--quiet=maybe",
                    "--quiet",
                    "--roles"),
                Map.of()))
        .isInstanceOfSatisfying(
            FlagException.class,
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "--prot: unknown flag, did you mean --port?",
                        "--hooks: modules are not supported",
                        "'stray': unexpected argument (expected: --name=value)",
                        "--quiet is given more than once",
                        "--roles has no value (expected: --roles=value)",
                        "--port=x: expected a whole number",
                        "--work_dir is missing (expected: Where to keep things.)",
                        "--quiet=maybe: expected true or false",
                        "--agent_timeout=5: expected a duration such as 500ms, 10secs, 5mins, 2hrs, 1days or 1weeks",
                        "--cache_size=2: expected a size such as 512MB or 2GB"));
  }

  @Test
  void whatConcernsSeveralFlagsIsCheckedByTheRecord() {
    assertThatThrownBy(
            () -> Flags.parse(Sample.class, MESOS, List.of("--port=-1", "--work_dir=/w"), Map.of()))
        .isInstanceOf(FlagException.class)
        .hasMessage("--port=-1: expected 0 to 65535");
  }

  @Test
  void valuesAreCheckedEvenIfOthersCannotBeRead() {
    assertThatThrownBy(() ->
            Flags.parse(
                Sample.class,
                MESOS,
                List.of("--nope=1", "--agent_timeout=x", "--port=-1", "--roles=a,b,c"),
                Map.of()))
        .isInstanceOfSatisfying(
            FlagException.class,
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "--nope: unknown flag; --help lists them",
                        "--work_dir is missing (expected: Where to keep things.)",
                        "--agent_timeout=x: expected a duration such as 500ms, 10secs, 5mins, 2hrs, 1days or 1weeks",
                        "--port=-1: expected 0 to 65535",
                        "--roles: expected at most 2"));
  }

  @Test
  void misspeltNamesAreGuessedByOneRule() {
    var names = List.of("ip", "zk", "port", "work_dir", "agent_timeout");
    assertThat(Nearest.of("prot", names)).contains("port");
    assertThat(Nearest.of("por", names)).contains("port");
    assertThat(Nearest.of("pp", names)).contains("ip");
    assertThat(Nearest.of("nope", names)).isEmpty();
    assertThat(Nearest.of("workdri", names)).contains("work_dir");
    assertThat(Nearest.of("agent_timeuot", names)).contains("agent_timeout");
    assertThat(Nearest.of("agent_time", names)).isEmpty();
  }

  @Test
  void valuesMayStandInFiles(@TempDir Path dir) throws Exception {
    var file = Files.writeString(dir.resolve("secret"), "s3cret\n");
    var flags =
        Flags.parse(
            Sample.class,
            MESOS,
            List.of("--work_dir=file:///w", "--password=file://" + file),
            Map.of());
    assertThat(flags.workDir()).isEqualTo(Path.of("/w"));
    assertThat(flags.password()).contains("s3cret");
    assertThat(Flags.effective(flags))
        .containsEntry("password", "***")
        .containsEntry("cache_size", "2GB");
    assertThatThrownBy(() ->
            Flags.parse(
                Sample.class,
                MESOS,
                List.of("--work_dir=/w", "--password=file:///no/such"),
                Map.of()))
        .hasMessage("--password=***: cannot read /no/such (NoSuchFileException)");
  }

  @Test
  void spacedStyleTakesTheNextArgument() throws Exception {
    var style = Style.spaced("marathon", "MARATHON_");
    var flags =
        Flags.parse(
            Sample.class,
            style,
            List.of("--port", "7", "--work_dir", "/w", "--disable_checkpoint"),
            Map.of());
    assertThat(flags.port()).isEqualTo(7);
    assertThat(flags.checkpoint()).isFalse();
  }

  @Test
  void helpNamesEveryFlag() {
    assertThat(Flags.help(Sample.class, MESOS, "A sample."))
        .contains(
            "Usage: sample [options]",
            "--work_dir=VALUE",
            "Required.",
            "--[no-]quiet",
            "(default: 10secs)");
  }

  @Test
  void unitsAreThoseOfTheOriginal() {
    assertThat(Durations.print(Duration.ofDays(7))).isEqualTo("1weeks");
    assertThat(Durations.print(Duration.ofSeconds(75))).isEqualTo("1.25mins");
    assertThat(Durations.print(Duration.ZERO)).isEqualTo("0ns");
    assertThat(Durations.parse("2weeks")).isEqualTo(Duration.ofDays(14));
    assertThat(Durations.parse("100ms")).isEqualTo(Duration.ofMillis(100));
    assertThat(new Bytes(3 << 10)).hasToString("3KB");
    assertThat(Bytes.parse("1.5KB")).isEqualTo(new Bytes(1536));
    for (var wrong : new String[] {"", "5", "x", "GB", "-1GB", "1 parsec"}) {
      assertThatThrownBy(() -> Bytes.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
      if (!wrong.startsWith("-")) {
        assertThatThrownBy(() -> Durations.parse(wrong))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void flagsOfTheOriginalThatDoNothingHereAreKnown() throws Exception {
    var warnings = new ArrayList<String>();
    Flags.parse(
        Sample.class,
        MESOS,
        List.of("--work_dir=/w", "--quorum=2", "--allocator=HierarchicalDRF", "--no-hooks"),
        Map.of("MESOS_QUORUM", "1", "MESOS_HOOKS", "false"),
        warnings::add);
    assertThat(warnings)
        .containsExactly(
            "--quorum has no effect: there is no replicated log",
            "--allocator has no effect: there is one allocator",
            "--no-hooks has no effect: modules are not supported",
            "MESOS_HOOKS has no effect: modules are not supported",
            "MESOS_QUORUM has no effect: there is no replicated log");
    assertThatThrownBy(() ->
            Flags.parse(
                Sample.class,
                MESOS,
                List.of("--work_dir=/w", "--allocator=mine", "--hoks=a"),
                Map.of("MESOS_HOOKS", "a")))
        .isInstanceOfSatisfying(
            FlagException.class,
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "--allocator: there is one allocator",
                        "--hoks: unknown flag, did you mean --hooks?",
                        "MESOS_HOOKS: modules are not supported"));
    assertThat(Flags.markdown(Sample.class, MESOS))
        .contains("- `--allocator`: there is one allocator (accepted: HierarchicalDRF)")
        .contains("have no effect:\n\n- `--quorum`: there is no replicated log");
  }

  @Test
  void flagsWithoutEffectMayHaveTheirValueInTheNextArgument() throws Exception {
    var style = Style.spaced("marathon", "MARATHON_").ignoring("sentry: nothing is sent");
    var warnings = new ArrayList<String>();
    var flags =
        Flags.parse(
            Sample.class,
            style,
            List.of("--sentry", "uri", "--work_dir", "/w", "--disable_sentry", "--port", "1"),
            Map.of(),
            warnings::add);
    assertThat(flags.port()).isEqualTo(1);
    assertThat(warnings).hasSize(2);
  }

  @Test
  void variablesThatLookMisspeltAreNamed() throws Exception {
    var warnings = new ArrayList<String>();
    Flags.parse(
        Sample.class,
        Style.spaced("marathon", "MARATHON_"),
        List.of("--work_dir=/w"),
        Map.of("MARATHON_PROT", "1", "MARATHON_TASK_ID", "2", "MARATHON_APP_PRT", "3"),
        warnings::add);
    assertThat(warnings).containsExactly("MARATHON_PROT sets no flag, did you mean MARATHON_PORT?");
  }
}
