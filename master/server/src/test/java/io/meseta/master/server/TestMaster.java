// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A master of a test's own, on a free port of loopback.
final class TestMaster {
  private TestMaster() {}

  /// @param flags beside those that say where it listens
  static MasterServer start(String... flags) throws Exception {
    return start(List.of(flags));
  }

  static MasterServer start(List<String> flags) throws Exception {
    var all = new ArrayList<>(List.of("--ip=127.0.0.1", "--port=0", "--no-hostname_lookup"));
    all.addAll(flags);
    return MasterServer.start(MasterFlags.parse(all, Map.of()));
  }
}
