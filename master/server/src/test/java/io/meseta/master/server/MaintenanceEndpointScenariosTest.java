// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.maintenance.ClusterStatus;
import io.meseta.wire.v1.maintenance.Schedule;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's master_maintenance_tests that are about endpoints, by their names.
@Covers({"L07", "M07", "U01", "U03"})
class MaintenanceEndpointScenariosTest extends EndpointScenario {
  private static final String ONE = "{\"hostname\":\"Machine1\"}";
  private static final String TWO = "{\"ip\":\"0.0.0.2\"}";
  private static final String THREE = "{\"hostname\":\"Machine3\",\"ip\":\"0.0.0.3\"}";
  private static final String NONE = "{}";
  private static final String NOW = "{\"start\":{\"nanoseconds\":1796000000000000000}}";

  private static String window(String unavailability, String... machines) {
    return "{\"machine_ids\":["
        + String.join(",", machines)
        + "],\"unavailability\":"
        + unavailability
        + "}";
  }

  private int schedule(String... windows) throws Exception {
    return post(BOSS, "/maintenance/schedule", "{\"windows\":[" + String.join(",", windows) + "]}");
  }

  private Schedule schedule() throws Exception {
    return Json.parse(
            read(BOSS, "/maintenance/schedule").getBytes(StandardCharsets.UTF_8),
            Schedule.newBuilder())
        .build();
  }

  private ClusterStatus status(String who) throws Exception {
    return Json.parse(
            read(who, "/maintenance/status").getBytes(StandardCharsets.UTF_8),
            ClusterStatus.newBuilder())
        .build();
  }

  private int down(String who, String... machines) throws Exception {
    return post(who, "/machine/down", "[" + String.join(",", machines) + "]");
  }

  private int up(String who, String... machines) throws Exception {
    return post(who, "/machine/up", "[" + String.join(",", machines) + "]");
  }

  /// The guest may do nothing of this kind on any machine.
  private static String notForGuests(String action) {
    return "{\""
        + action
        + "\":[{\"principals\":{\"values\":[\"guest\"]},\"machines\":{\"type\":\"NONE\"}}]}";
  }

  // UpdateSchedule
  @Test
  void updateSchedule() throws Exception {
    start("{}");
    assertThat(schedule(window(NOW, ONE))).isEqualTo(200);
    assertThat(schedule().getWindowsCount()).isEqualTo(1);
    assertThat(schedule().getWindows(0).getMachineIdsList())
        .extracting(MachineID::getHostname)
        .containsExactly("Machine1");
    assertThat(schedule(window(NOW))).as("no machine").isEqualTo(400);
    assertThat(schedule(window("{\"start\":{\"nanoseconds\":-10000000000}}", ONE)))
        .as("long ago")
        .isEqualTo(200);
    assertThat(
            schedule(
                window(
                    "{\"start\":{\"nanoseconds\":1796000000000000000},\"duration\":"
                        + "{\"nanoseconds\":-10000000000}}",
                    ONE)))
        .as("a negative duration")
        .isEqualTo(400);
    assertThat(schedule(window(NOW, ONE), window(NOW, ONE))).as("one twice").isEqualTo(400);
    assertThat(schedule(window(NOW, NONE))).as("no name").isEqualTo(400);
    assertThat(schedule(window(NOW, ONE, TWO))).isEqualTo(200);
    assertThat(schedule().getWindows(0).getMachineIdsCount()).isEqualTo(2);
    assertThat(schedule(new String[0])).isEqualTo(200);
    assertThat(schedule().getWindowsCount()).isZero();
  }

  // FailToUnscheduleDeactivatedMachines
  @Test
  void failToUnscheduleDeactivatedMachines() throws Exception {
    start("{}");
    assertThat(schedule(window(NOW, ONE, TWO))).isEqualTo(200);
    assertThat(down(BOSS, ONE)).isEqualTo(200);
    assertThat(schedule(window(NOW, TWO))).isEqualTo(400);
    assertThat(up(BOSS, ONE)).isEqualTo(200);
  }

  // BringDownMachines
  @Test
  void bringDownMachines() throws Exception {
    start(notForGuests("start_maintenances"));
    assertThat(down(BOSS, ONE, TWO)).as("not scheduled").isEqualTo(400);
    assertThat(down(BOSS)).as("none").isEqualTo(400);
    assertThat(down(BOSS, NONE)).as("no name").isEqualTo(400);
    assertThat(schedule(window(NOW, ONE, TWO))).isEqualTo(200);
    assertThat(down(GUEST, ONE)).isEqualTo(403);
    assertThat(down(BOSS, ONE)).isEqualTo(200);
    assertThat(down(BOSS, ONE)).as("down already").isEqualTo(400);
    assertThat(down(BOSS, ONE, TWO)).as("one of them down already").isEqualTo(400);
    assertThat(down(BOSS, TWO)).isEqualTo(200);
  }

  // BringUpMachines
  @Test
  void bringUpMachines() throws Exception {
    start(notForGuests("stop_maintenances"));
    assertThat(up(BOSS, ONE, TWO)).as("not scheduled").isEqualTo(400);
    assertThat(schedule(window(NOW, ONE, TWO), window(NOW, THREE))).isEqualTo(200);
    assertThat(up(BOSS, ONE, TWO)).as("not down").isEqualTo(400);
    assertThat(down(BOSS, THREE)).isEqualTo(200);
    assertThat(up(GUEST, THREE)).isEqualTo(403);
    assertThat(up(BOSS, THREE)).isEqualTo(200);
    assertThat(schedule().getWindowsCount()).isEqualTo(1);
    assertThat(schedule().getWindows(0).getMachineIdsCount()).isEqualTo(2);
    assertThat(down(BOSS, ONE, TWO)).isEqualTo(200);
    assertThat(up(BOSS, ONE, TWO)).isEqualTo(200);
    assertThat(schedule().getWindowsCount()).isZero();
  }

  // MachineStatus
  @Test
  void machineStatus() throws Exception {
    start(notForGuests("get_maintenance_statuses"));
    assertThat(schedule(window(NOW, ONE, TWO))).isEqualTo(200);
    assertThat(status(GUEST).getDrainingMachinesCount()).isZero();
    assertThat(status(GUEST).getDownMachinesCount()).isZero();
    assertThat(status(BOSS).getDrainingMachinesCount()).isEqualTo(2);
    assertThat(status(BOSS).getDownMachinesCount()).isZero();
    assertThat(down(BOSS, ONE)).isEqualTo(200);
    assertThat(status(BOSS).getDrainingMachinesCount()).isEqualTo(1);
    assertThat(status(BOSS).getDownMachinesList())
        .extracting(MachineID::getHostname)
        .containsExactly("Machine1");
    assertThat(up(BOSS, ONE)).isEqualTo(200);
    assertThat(status(BOSS).getDrainingMachinesList())
        .extracting(machine -> machine.getId().getIp())
        .containsExactly("0.0.0.2");
    assertThat(status(BOSS).getDownMachinesCount()).isZero();
  }

  // EndpointsBadAuthentication
  @Test
  void endpointsBadAuthentication() throws Exception {
    start("{}");
    for (var who : List.of(NOBODY, BAD)) {
      assertThat(post(who, "/maintenance/schedule", "{\"windows\":[" + window(NOW, ONE) + "]}"))
          .isEqualTo(401);
      assertThat(get(who, "/maintenance/schedule")).isEqualTo(401);
      assertThat(up(who, ONE)).isEqualTo(401);
      assertThat(down(who, ONE)).isEqualTo(401);
      assertThat(get(who, "/maintenance/status")).isEqualTo(401);
    }
    assertThat(schedule().getWindowsCount()).isZero();
  }
}
