// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.maintenance;

import io.meseta.wire.json.Json;
import io.meseta.wire.v1.MachineID;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A machine by name, address or both; names do not differ by case.
record Machine(String hostname, String ip) {
  static Machine of(MachineID id) {
    return new Machine(id.getHostname().toLowerCase(Locale.ROOT), id.getIp());
  }

  /// In the registry's keys.
  String key() {
    return hostname + "|" + ip;
  }

  static String text(MachineID id) {
    return "Machine '" + new String(Json.write(id), StandardCharsets.UTF_8) + "'";
  }
}
