// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import io.meseta.flags.Flag;
import io.meseta.flags.Style;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The flags of `meseta emulate`.
public record EmulateFlags(
    @Flag(help = "The master, as host:port or zk://host1:port1,host2:port2/path.") String master,
    @Flag(defaultValue = "100", help = "How many agents.") int agents,
    @Flag(
            defaultValue = "cpus:8;mem:16384;disk:100000;ports:[31000-32000]",
            help = "What each agent has.")
        String resources,
    @Flag(
            defaultValue = "30secs",
            help = "How long a task runs on average; 0secs for as long as nobody kills it.")
        Duration taskTime,
    @Flag(defaultValue = "10secs", help = "The standard deviation of that.")
        Duration taskTimeDeviation,
    @Flag(
            defaultValue = "127.0.0.1",
            help =
                "The address that the agents listen on, a port each; the master must be able to"
                    + " reach it. Messages are not authenticated.")
        String ip,
    @Flag(defaultValue = "1", help = "Of the random times and ids.") long seed,
    @Flag(help = "End after this time; by default on Ctrl-C.") Optional<Duration> duration) {

  /// How the flags are taken.
  public static final Style STYLE =
      new Style("meseta emulate", List.of("MESETA_EMULATE_"), true, Map.of());

  public EmulateFlags {
    if (agents < 1 || agents > 100_000) {
      throw new IllegalArgumentException("--agents=" + agents + ": expected 1 to 100000");
    }
  }
}
