// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.model.Invalid;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Value;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceTextTest {
  @Test
  @Covers("R01")
  void readsEveryKind() throws Invalid {
    var resources =
        ResourceText.parse(
            "cpus:4;mem(role):1024; ports:[1-3, 7-9, 4-4] ;x:{b,a};cpus:0.5;nothing:0", "*");
    assertThat(resources.cpus()).isEqualTo(4.5);
    assertThat(resources.named("mem").reservations().keySet()).containsExactly("role");
    assertThat(resources.ports()).hasToString("[1-4, 7-9]");
    assertThat(resources)
        .hasToString(
            "cpus:4.5; mem(reservations: [(STATIC,role)]):1024; ports:[1-4, 7-9]; x:{a, b}");
  }

  @Test
  @Covers("R01")
  void countsInThousandths() throws Invalid {
    var sum = ResourceText.parse("cpus:0.1", "*").plus(ResourceText.parse("cpus:0.2", "*"));
    assertThat(sum).isEqualTo(ResourceText.parse("cpus:0.3", "*"));
    assertThat(sum.cpus()).isEqualTo(0.3);
    assertThat(ResourceText.parse("cpus:1.0005", "*").cpus()).isEqualTo(1.001);
    assertThat(ResourceText.parse("cpus:1.00049", "*").cpus()).isEqualTo(1.0);
  }

  @Test
  @Covers("R03")
  void defaultRoleReservesWhatHasNone() throws Invalid {
    var resources = ResourceText.parse("cpus:1;mem(other):5", "ops");
    assertThat(resources.reservations().keySet()).containsExactly("ops", "other");
    assertThat(resources.unreserved().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cpus", "cpus:1:2", "cpus(a:1", "cpus)a(:1", "ports:[1-", "ports:[5-1]", "ports:[1,2]",
        "x:{a,a}", "cpus:some", "cpus:-1", "cpus:0.0001", ":4", "mem(a//b):1", "mem(*x):1;mem(-):2",
        "x:1;x:{a}", "cpus:NaN", "cpus:1e99"
      })
  @Covers({"R01", "R03"})
  void refusesWhatIsMalformed(String text) {
    assertThatThrownBy(() -> ResourceText.parse(text, "*")).isInstanceOf(Invalid.class);
  }

  @Test
  @Covers("R01")
  void readsJson() throws Invalid {
    var resources =
        ResourceText.parse(
            """
            [{"name":"cpus","type":"SCALAR","scalar":{"value":2}},
             {"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":3}]},"role":"r"}]
            """,
            "ops");
    assertThat(resources.reservations().keySet()).containsExactly("ops", "r");
    assertThat(resources.ports()).hasToString("[1-3]");
    assertThatThrownBy(() -> ResourceText.parse("[{\"name\":1}]", "*")).isInstanceOf(Invalid.class);
    assertThatThrownBy(() ->
            ResourceText.parse(
                "[{\"name\":\"c\",\"type\":\"SCALAR\",\"scalar\":{\"value\":2},\"revocable\":{}}]",
                "*"))
        .hasMessageContaining("Revocable");
  }

  @ParameterizedTest
  @CsvSource({"4000,4", "100,0.1", "1,0.001", "1010,1.01", "0,0", "-500,-0.5"})
  void printsThousandthsShort(long thousandths, String text) {
    assertThat(Thousandths.toString(thousandths)).isEqualTo(text);
  }

  @Test
  @Covers("R01")
  @SuppressWarnings("deprecation")
  void refusesContradictionsOnTheWire() {
    var scalar =
        Resource.newBuilder()
            .setName("cpus")
            .setType(Value.Type.SCALAR)
            .setScalar(Value.Scalar.newBuilder().setValue(1));
    var twice = scalar.clone().setSet(Value.Set.newBuilder().addItem("a")).build();
    assertThatThrownBy(() -> ResourceWire.decode(twice)).hasMessage("Invalid scalar resource");
    var negative = scalar.clone().setScalar(Value.Scalar.newBuilder().setValue(-1)).build();
    assertThatThrownBy(() -> ResourceWire.decode(negative))
        .hasMessage("Invalid scalar resource: value <= 0");
    var mixed = scalar.clone().setRole("a");
    mixed.addReservationsBuilder().setType(Resource.ReservationInfo.Type.STATIC).setRole("b");
    assertThatThrownBy(() -> ResourceWire.decode(mixed.build()))
        .hasMessageContaining("does not match the role 'b'");
  }

  @Test
  void summaryHasTheFourAndTheRest() throws Invalid {
    var summary = ResourceSummary.of(ResourceText.parse("cpus:1;ports:[1-2];x:{b,a};lic:3", "*"));
    assertThat(summary)
        .isEqualTo(
            Map.of(
                "cpus", 1.0, "gpus", 0.0, "mem", 0.0, "disk", 0.0, "lic", 3.0, "ports", "[1-2]",
                "x", "{a, b}"));
  }

  @Test
  void quantitiesAddUpWhateverTheReservation() throws Invalid {
    var quantities = ResourceText.parse("cpus:1;cpus(a):2;ports:[1-2]", "*").quantities();
    assertThat(quantities).hasToString("cpus:3").isEqualTo(Quantities.parse("cpus:3"));
    assertThat(quantities.contains(Quantities.parse("cpus:3.001"))).isFalse();
    assertThatThrownBy(() -> Quantities.parse("ports:[1-2]")).isInstanceOf(Invalid.class);
  }
}
