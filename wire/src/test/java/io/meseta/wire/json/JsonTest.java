// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Seeds;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.scheduler.Call;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void defaultsThatTheProtoStatesAreWrittenUnlessDeprecated() {
    assertThat(text(CommandInfo.newBuilder().setValue("x").build()))
        .isEqualTo("{\"shell\":true,\"value\":\"x\"}");
    assertThat(text(FrameworkInfo.newBuilder().setUser("u").setName("n").build()))
        .contains("\"failover_timeout\":0.0", "\"checkpoint\":false")
        .doesNotContain("\"role\"");
  }

  @Test
  void mapsAreObjectsAndInfinityIsLegalJson() throws Exception {
    var json =
        "{\"role\":\"r\",\"limits\":{\"cpus\":{\"value\":1.0},\"mem\":{\"value\":\"Infinity\"}}}";
    var config =
        Json.parse(json.getBytes(StandardCharsets.UTF_8), QuotaConfig.newBuilder()).build();
    assertThat(config.getLimitsMap().get("mem").getValue()).isInfinite();
    assertThat(text(config)).isEqualTo(json);
  }

  @Test
  void inputIsTakenAsTheOriginalTakesIt() throws Exception {
    assertThat(
            parse(
                "{\"timestamp\":\"1.5\",\"healthy\":\"true\",\"nosuch\":{\"a\":[1,{}]},\"message\":null}"))
        .isEqualTo(TaskStatus.newBuilder().setTimestamp(1.5).setHealthy(true).buildPartial());
    // A fraction is cut off, an unknown enum name leaves an optional field unset.
    assertThat(
            Json.parse("{\"type\":\"NO_SUCH\"}".getBytes(StandardCharsets.UTF_8), Call.newBuilder())
                .hasType())
        .isFalse();
    // One value counts as a list of one.
    assertThat(
            Json.parse(
                    "{\"arguments\":\"a\"}".getBytes(StandardCharsets.UTF_8),
                    CommandInfo.newBuilder())
                .getArgumentsList())
        .containsExactly("a");
  }

  @Test
  void wrongInputIsNamed() {
    refused(
        "{",
        JsonException.Kind.SYNTAX,
        "Failed to parse body into JSON: syntax error at line 1 near:");
    refused("", JsonException.Kind.SYNTAX, "the body is empty");
    refused("{} x", JsonException.Kind.SYNTAX, "line 1");
    refused("[1]", JsonException.Kind.CONVERSION, "Expecting a JSON object");
    refused(
        "{\"type\":1}",
        JsonException.Kind.CONVERSION,
        "Not expecting a JSON number for field 'type'");
    refused(
        "{\"accept\":true}",
        JsonException.Kind.CONVERSION,
        "Not expecting a JSON boolean for field 'accept'");
    refused(
        "{\"accept\":[]}",
        JsonException.Kind.CONVERSION,
        "Not expecting a JSON array for field 'accept'");
    refused(
        "{\"type\":{}}",
        JsonException.Kind.CONVERSION,
        "Not expecting a JSON object for field 'type'");
    refused(
        "{\"accept\":{\"filters\":{\"refuse_seconds\":\"5d\"}}}",
        JsonException.Kind.CONVERSION,
        "Failed to parse '5d' as a JSON number for field 'refuse_seconds'");
    refused(
        "{\"kill\":{}}", JsonException.Kind.CONVERSION, "Missing required fields: kill.task_id");
    refused(
        "{\"message\":{\"data\":\"*\"}}",
        JsonException.Kind.CONVERSION,
        "Failed to base64 decode bytes field 'data'");
  }

  @Test
  void wholeNumbersHaveToFit() throws Exception {
    var level = io.meseta.wire.v1.master.Call.SetLoggingLevel.newBuilder();
    for (var wrong : new String[] {"-4", "4294967296", "1e300", "1e20", "-1.5", "1e999999999"}) {
      assertThatThrownBy(() ->
              Json.parse(
                  ("{\"level\":" + wrong + ",\"duration\":{\"nanoseconds\":1}}")
                      .getBytes(StandardCharsets.UTF_8),
                  level.clone()))
          .as(wrong)
          .isInstanceOf(JsonException.class)
          .hasMessageContaining("Expecting a number from 0 to 4294967295 for field 'level', not ");
    }
    for (var right :
        new String[] {"3", "3.9", "\"3\"", "30e-1", "3" + ".0".repeat(1) + "0".repeat(90)}) {
      assertThat(
              Json.parse(
                      ("{\"level\":"
                              + right
                              + ",\"duration\":{\"nanoseconds\":-9223372036854775808}}")
                          .getBytes(StandardCharsets.UTF_8),
                      level.clone())
                  .getLevel())
          .as(right)
          .isEqualTo(3);
    }
    assertThat(
            Json.parse(
                    "{\"level\":1e-999999999,\"duration\":{\"nanoseconds\":9223372036854775807}}"
                        .getBytes(StandardCharsets.UTF_8),
                    level.clone())
                .getDuration()
                .getNanoseconds())
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void nestingBombsAreRefused() {
    var bomb = "{\"x\":" + "[".repeat(100_000);
    refused(bomb, JsonException.Kind.SYNTAX, "nested deeper than 200");
    refused("{\"x\":".repeat(100_000), JsonException.Kind.SYNTAX, "nested deeper than 200");
  }

  @Test
  void randomTextNeverBreaksTheReader() {
    var alphabet = "{}[]\":,1e-.truefalsn\\u0\n\u00e9 acceptyk";
    Seeds.forAll(
        3000,
        random -> {
          var text = new StringBuilder();
          for (int i = random.nextInt(60); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
          }
          try {
            Json.parse(text.toString().getBytes(StandardCharsets.UTF_8), Call.newBuilder());
          } catch (JsonException e) {
            assertThat(e.getMessage()).isNotEmpty();
          }
        });
  }

  @Test
  void doublesArePrintedAsTheOriginalPrintsThem() {
    assertThat(Numbers.text(1)).isEqualTo("1.0");
    assertThat(Numbers.text(-0.0)).isEqualTo("-0.0");
    assertThat(Numbers.text(0.1)).isEqualTo("0.1");
    assertThat(Numbers.text(10_000_000)).isEqualTo("10000000.0");
    assertThat(Numbers.text(1e20)).isEqualTo("100000000000000000000.0");
    assertThat(Numbers.text(1e22)).isEqualTo("1e22");
    assertThat(Numbers.text(1.5e-7)).isEqualTo("1.5e-7");
    assertThat(Numbers.text(1.5e-5)).isEqualTo("0.000015");
    assertThat(Numbers.text(1795387962.026707)).isEqualTo("1795387962.026707");
    assertThat(Numbers.text(0.1f)).isEqualTo("0.10000000149011612");
    Seeds.forAll(
        2000,
        random -> {
          double value = Double.longBitsToDouble(random.nextLong());
          if (Double.isFinite(value)) {
            assertThat(Double.parseDouble(Numbers.text(value))).isEqualTo(value);
          }
        });
  }

  @Test
  void sortedFormIsAlphabetical() {
    var task = TaskInfo.newBuilder().setName("n").buildPartial();
    assertThat(
            new String(
                Json.writeSorted(CommandInfo.newBuilder().setUser("u").setValue("v").build()),
                StandardCharsets.UTF_8))
        .isEqualTo("{\"shell\":true,\"user\":\"u\",\"value\":\"v\"}");
    assertThat(text(task)).isEqualTo("{\"name\":\"n\"}");
  }

  private static TaskStatus parse(String json) throws Exception {
    // TaskStatus has required fields, so look at what was read before they are demanded.
    var builder = TaskStatus.newBuilder();
    try {
      Json.parse(json.getBytes(StandardCharsets.UTF_8), builder);
    } catch (JsonException e) {
      assertThat(e.getMessage()).contains("Missing required fields: task_id, state");
    }
    return builder.buildPartial();
  }

  private static void refused(String json, JsonException.Kind kind, String message) {
    assertThatThrownBy(() -> Json.parse(json.getBytes(StandardCharsets.UTF_8), Call.newBuilder()))
        .as(json.length() > 80 ? json.substring(0, 80) : json)
        .isInstanceOfSatisfying(JsonException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  @Test
  void whatJsonWantsEscapedIsEscapedHoweverTheTextIsHeld() throws Exception {
    var text = "plain \"quoted\" \\ \b\t\n\f\r \u0001\u001f \u007f é € \uD83D\uDE00 /";
    var escaped =
        "plain \\\"quoted\\\" \\\\ \\b\\t\\n\\f\\r \\u0001\\u001F \u007f é € \uD83D\uDE00 /";
    var label = io.meseta.wire.v1.Label.newBuilder().setKey(text).setValue("x").build();
    var wanted = "{\"key\":\"" + escaped + "\",\"value\":\"x\"}";
    assertThat(text(label)).isEqualTo(wanted);
    // From the wire it is bytes, and after many messages of a type they are taken as they are.
    var bytes = label.toByteArray();
    for (int i = 0; i < 3_000; i++) {
      assertThat(text(io.meseta.wire.v1.Label.parseFrom(bytes))).isEqualTo(wanted);
    }
    assertThat(
            new String(
                new JsonOut().object().field(text, text).end().bytes(), StandardCharsets.UTF_8))
        .isEqualTo("{\"" + escaped + "\":\"" + escaped + "\"}");
  }

  private static String text(com.google.protobuf.Message message) {
    return new String(Json.write(message), StandardCharsets.UTF_8);
  }
}
