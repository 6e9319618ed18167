// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.maintenance;

import io.meseta.model.Invalid;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.MachineInfo;
import io.meseta.wire.v1.maintenance.Schedule;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// What a schedule and a list of machines may be. Original: src/master/maintenance.cpp.
final class MaintenanceRules {
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");

  private static final int MAX_SCHEDULE_BYTES = 500_000;

  /// No name of a host is longer, and records of the registry are named after machines.
  private static final int MAX_HOSTNAME = 255;

  private MaintenanceRules() {}

  static void check(Schedule schedule, Map<Machine, MachineInfo> machines) throws Invalid {
    if (schedule.getSerializedSize() > MAX_SCHEDULE_BYTES) { // one record of the registry
      throw new Invalid(
          "The schedule takes "
              + schedule.getSerializedSize()
              + " bytes (expected: at most "
              + MAX_SCHEDULE_BYTES
              + ")");
    }
    Set<Machine> seen = new LinkedHashSet<>();
    for (var window : schedule.getWindowsList()) {
      if (window.getMachineIdsCount() == 0) {
        throw new Invalid("List of machines in the maintenance window is empty");
      }
      if (window.getUnavailability().getDuration().getNanoseconds() < 0) {
        throw new Invalid("Unavailability 'duration' is negative");
      }
      checkAll(window.getMachineIdsList(), seen);
    }
    for (var entry : machines.entrySet()) {
      if (entry.getValue().getMode() == MachineInfo.Mode.DOWN && !seen.contains(entry.getKey())) {
        throw new Invalid(
            Machine.text(entry.getValue().getId())
                + " is deactivated and cannot be removed from the schedule");
      }
    }
  }

  static void check(List<MachineID> ids) throws Invalid {
    if (ids.isEmpty()) {
      throw new Invalid("List of machines is empty");
    }
    checkAll(ids, new LinkedHashSet<>());
  }

  private static void checkAll(List<MachineID> ids, Set<Machine> seen) throws Invalid {
    for (var id : ids) {
      if (id.getHostname().isEmpty() && id.getIp().isEmpty()) {
        throw new Invalid("Both 'hostname' and 'ip' for a machine are empty");
      }
      if (id.getHostname().length() > MAX_HOSTNAME) {
        throw new Invalid(
            "The hostname '"
                + id.getHostname().substring(0, 32)
                + "...' of a machine is longer than "
                + MAX_HOSTNAME
                + " characters");
      }
      if (!id.getIp().isEmpty() && !IPV4.matcher(id.getIp()).matches()) {
        throw new Invalid("Failed to parse the IP '" + id.getIp() + "' (expected: 10.0.0.1)");
      }
      if (!seen.add(Machine.of(id))) {
        throw new Invalid(Machine.text(id) + " appears more than once in the schedule");
      }
    }
  }
}
