// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.flags.Style;

/// The flags of the original master that do nothing here, and why. Refused is what operators rely
/// on: who may do what, where agents are, how fast they are removed.
final class OriginalFlags {
  private OriginalFlags() {}

  static Style known(Style style) {
    return style.refusing(REFUSED).ignoring(IGNORED);
  }

  private static final String REFUSED =
      """
      allocator=HierarchicalDRF|hierarchical: there is one allocator, HierarchicalDRF
      hooks: there are no loadable modules
      master_contender: there are no loadable modules; the election is ZooKeeper's
      master_detector: there are no loadable modules; the leader is found in ZooKeeper
      modules: there are no loadable modules
      modules_dir: there are no loadable modules
      """;

  private static final String IGNORED =
      """
      initialize_driver_logging: there is no native driver in this process
      log_auto_initialize: there is no replicated log; the registry is ZooKeeper's
      logbufsecs: the log is written at once
      max_executors_per_agent: executors take no port of their own here, which it was for
      max_executors_per_slave: the older name of --max_executors_per_agent
      memory_profiling: there is no jemalloc; the JVM's own tools show the memory
      offer_constraints_re2_max_mem: the program's size bounds the memory, and what would be much larger is not compiled; see --offer_constraints_re2_max_program_size
      registry_fetch_timeout: the registry is ZooKeeper's; the session's timeout counts
      registry_store_timeout: the registry is ZooKeeper's; the session's timeout counts
      registry_strict: the registry is always strict
      webui_dir: the web interface is built in
      """;
}
