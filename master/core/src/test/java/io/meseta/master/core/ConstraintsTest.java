// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.meseta.testkit.Covers;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.Attribute;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Offer constraints: which agents a role is shown.
class ConstraintsTest {
  private final Stage stage = new Stage();

  ConstraintsTest() {
    var registration = Stage.registration(1, "cpus:4;mem:400").toBuilder();
    registration
        .getSlaveBuilder()
        .addAttributes(
            Attribute.newBuilder()
                .setName("rack")
                .setType(Value.Type.TEXT)
                .setText(Value.Text.newBuilder().setValue("r1")))
        .addAttributes(
            Attribute.newBuilder()
                .setName("n")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(3)));
    stage.say(1, registration.build());
  }

  private static OfferConstraints constraints(String group) throws Exception {
    return Json.parse(
            ("{\"role_constraints\":{\"*\":{\"groups\":[" + group + "]}}}")
                .getBytes(StandardCharsets.UTF_8),
            OfferConstraints.newBuilder())
        .build();
  }

  private String subscribe(String groups) throws Exception {
    var stream = "constrained-" + groups.hashCode();
    stage.feed(
        new MasterEvent.Subscribe(
            stream,
            Optional.empty(),
            Call.newBuilder()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(
                    Call.Subscribe.newBuilder()
                        .setFrameworkInfo(Stage.PLAIN)
                        .setOfferConstraints(constraints(groups)))
                .build()));
    return stream;
  }

  private static String group(String selector, String predicate) {
    return "{\"attribute_constraints\":[{\"selector\":{"
        + selector
        + "},\"predicate\":{"
        + predicate
        + "}}]}";
  }

  @ParameterizedTest
  @Covers("S30")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"attribute_name\":\"rack\"|\"exists\":{}|true",
        "\"attribute_name\":\"none\"|\"exists\":{}|false",
        "\"attribute_name\":\"none\"|\"not_exists\":{}|true",
        "\"attribute_name\":\"n\"|\"not_exists\":{}|false",
        "\"attribute_name\":\"rack\"|\"text_equals\":{\"value\":\"r1\"}|true",
        "\"attribute_name\":\"rack\"|\"text_equals\":{\"value\":\"r2\"}|false",
        "\"attribute_name\":\"n\"|\"text_equals\":{\"value\":\"4\"}|true",
        "\"attribute_name\":\"none\"|\"text_equals\":{\"value\":\"x\"}|false",
        "\"attribute_name\":\"rack\"|\"text_not_equals\":{\"value\":\"r1\"}|false",
        "\"attribute_name\":\"none\"|\"text_not_equals\":{\"value\":\"r1\"}|true",
        "\"attribute_name\":\"rack\"|\"text_matches\":{\"regex\":\"r[0-9]\"}|true",
        "\"attribute_name\":\"rack\"|\"text_matches\":{\"regex\":\"r\"}|false",
        "\"attribute_name\":\"rack\"|\"text_not_matches\":{\"regex\":\"r[0-9]\"}|false",
        "\"pseudoattribute_type\":\"HOSTNAME\"|\"text_equals\":{\"value\":\"host\"}|true",
        "\"pseudoattribute_type\":\"REGION\"|\"exists\":{}|false",
        "\"pseudoattribute_type\":\"ZONE\"|\"not_exists\":{}|true",
      })
  void aPredicateDecides(String selector, String predicate, boolean offered) throws Exception {
    var stream = subscribe(group(selector, predicate));
    assertThat(stage.offers(stream).isEmpty()).isNotEqualTo(offered);
  }

  @Test
  @Covers("S30")
  void groupsAreAlternatives() throws Exception {
    var no = group("\"attribute_name\":\"rack\"", "\"text_equals\":{\"value\":\"r2\"}");
    var yes = group("\"attribute_name\":\"rack\"", "\"text_equals\":{\"value\":\"r1\"}");
    assertThat(stage.offers(subscribe(no + "," + yes))).hasSize(1);
  }

  @Test
  @Covers("S30")
  void changedConstraintsCountAtOnce() throws Exception {
    var stream =
        subscribe(group("\"attribute_name\":\"rack\"", "\"text_equals\":{\"value\":\"r2\"}"));
    assertThat(stage.offers(stream)).isEmpty();
    var update = Call.newBuilder().setType(Call.Type.UPDATE_FRAMEWORK);
    update
        .getUpdateFrameworkBuilder()
        .setFrameworkInfo(Stage.PLAIN.toBuilder().setId(stage.frameworkId(stream)))
        .setOfferConstraints(OfferConstraints.getDefaultInstance());
    assertThat(stage.call(stream, update).status()).isEqualTo(200);
    assertThat(stage.offers(stream)).hasSize(1);
  }

  @ParameterizedTest
  @Covers("S30")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{}|contains an empty RoleConstraints::Group",
        "{\"attribute_constraints\":[{\"selector\":{\"attribute_name\":\"a\"},\"predicate\":{\"text_matches\":{\"regex\":\"(\"}}}]}|Failed to construct regex from pattern '('",
        "{\"attribute_constraints\":[{\"selector\":{\"attribute_name\":\"a\"},\"predicate\":{\"text_matches\":{\"regex\":\"(a{100}){10}\"}}}]}|is too complex: program size",
        "{\"attribute_constraints\":[{\"selector\":{},\"predicate\":{\"exists\":{}}}]}|must be set",
      })
  void badConstraintsAreRefused(String group, String message) throws Exception {
    var stream = subscribe(group);
    assertThat(stage.events(stream, Event.Type.ERROR).getFirst().getError().getMessage())
        .contains(message);
  }

  /// What a few characters compile to could fill the master's memory.
  @ParameterizedTest
  @Covers("S30")
  @CsvSource(
      delimiter = ' ',
      value = {
        "(((a{100}){100}){100}){100} construct",
        "(?:(?:(?P<x>a{1000}){1000}){1000}){1000} construct",
        "(?i:[)]{10}(a{2,99}){1,99}) construct",
        "[!-[:]((a{100}){100}){100} construct",
        "\\Q(\\E(a{100}){100} construct",
        "(a{2000}) construct",
      })
  void expressionsThatMultiplyAreNotCompiled(String regex, String message) throws Exception {
    assertThat(error(regex)).contains(message).contains("invalid repetition size: {");
  }

  @Test
  @Covers("S30")
  void longExpressionsAreNotCompiled() throws Exception {
    assertThat(error("x{1000}".repeat(1400))).contains("program size of 1400000 is larger");
    assertThat(error("(".repeat(4000) + "x" + ")".repeat(4000))).contains("nests too deeply");
    assertThat(error("x".repeat(10_001))).contains("too long");
  }

  @ParameterizedTest
  @Covers("S30")
  @ValueSource(
      strings = {
        "(r|s){20}[0-9]{1,3}",
        "[[:alpha:](){}]{2}|r1",
        "(?i)R[\\]\\d]{1}",
        "a{x}|r{1}1",
        "\\Q(((\\E|\\p{L}1",
        "(?P<rack>r)(?:1|2)"
      })
  void ordinaryExpressionsAreCompiled(String regex) throws Exception {
    var predicate = "\"text_matches\":{\"regex\":\"" + regex.replace("\\", "\\\\") + "\"}";
    var stream = subscribe(group("\"attribute_name\":\"rack\"", predicate));
    assertThat(stage.events(stream, Event.Type.ERROR)).isEmpty();
  }

  private Effect.Reply update(String stream, Stream<String> regexes) {
    var group = OfferConstraints.RoleConstraints.Group.newBuilder();
    regexes.forEach(regex -> {
      var constraint = group.addAttributeConstraintsBuilder();
      constraint.getSelectorBuilder().setAttributeName("rack");
      constraint.getPredicateBuilder().getTextNotMatchesBuilder().setRegex(regex);
    });
    var update = Call.newBuilder().setType(Call.Type.UPDATE_FRAMEWORK);
    update
        .getUpdateFrameworkBuilder()
        .setFrameworkInfo(Stage.PLAIN.toBuilder().setId(stage.frameworkId(stream)))
        .getOfferConstraintsBuilder()
        .putRoleConstraints(
            "*", OfferConstraints.RoleConstraints.newBuilder().addGroups(group).build());
    return stage.call(stream, update);
  }

  private String subscribe() throws Exception {
    return subscribe(group("\"attribute_name\":\"rack\"", "\"exists\":{}"));
  }

  /// Together they would keep the master from all else for seconds.
  @Test
  @Covers("S30")
  void theRegexesOfAFrameworkAreCounted() throws Exception {
    var stream = subscribe();
    assertThat(update(stream, IntStream.range(0, 1000).mapToObj(i -> "x" + i)).status())
        .isEqualTo(200);
    var refused = update(stream, IntStream.range(0, 1001).mapToObj(i -> "x" + i));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message()).contains("More than 1000 different regexes");
  }

  @Test
  @Covers("S30")
  void theSameRegexCountsOnce() throws Exception {
    var stream = subscribe();
    assertThat(update(stream, Stream.generate(() -> "r[2-9]").limit(99_999)).status())
        .isEqualTo(200);
    assertThat(stage.offers(stream)).hasSize(1);
  }

  @Test
  @Covers("S30")
  void constraintsAreCounted() throws Exception {
    var refused = update(subscribe(), Stream.generate(() -> "x").limit(100_000));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message())
        .contains("100001 groups and constraints are more than the 100000 allowed");
  }

  /// Few instructions each, and many characters, ranges or tables.
  @ParameterizedTest
  @Covers("S30")
  @ValueSource(
      strings = {
        "[abcdefghijklmnopqrstuvwxyz0123456789]{1}.{1}.{1}.{1}.{1}.{1}",
        "[\\pL\\pN\\PZ]",
        "(?i)[!-~!-~!-~!-~!-~!-~!-~!-~]",
        "(?i)[B-\u1c7f]",
        "(?i)[B-\\x{1c7f}]"
      })
  void whatAllRegexesTakeIsBounded(String part) throws Exception {
    var regexes = IntStream.range(0, 1000).mapToObj(i -> i + part.repeat(8));
    var refused = update(subscribe(), regexes);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message())
        .contains("regexes are too complex together")
        .contains("larger than maximum of 500000 allowed for a framework");
  }

  /// To fold them takes RE2/J for ever.
  @ParameterizedTest
  @Covers("S30")
  @ValueSource(
      strings = {
        "(?i)\u1c80",
        "(?i)\\x{1C88}",
        "(?i)[a\\x{001c84}]",
        "(?i)[B-\\x{10FFFF}]",
        "x(?s-i:x)(?mi:[^B-\uffff])",
        "(?i)\\Q\u1c81\\E"
      })
  void charactersThatCannotBeFoldedAreRefused(String regex) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> assertThat(error(regex)).contains("construct").contains("is not supported"));
  }

  @ParameterizedTest
  @Covers("S30")
  @ValueSource(strings = {"(?i)[\u0430-\u044f]", "(?i)\u1ea1", "\u1c80|r1", "[B-\\x{10FFFF}]"})
  void otherCharactersAreFolded(String regex) throws Exception {
    var predicate = "\"text_matches\":{\"regex\":\"" + regex.replace("\\", "\\\\") + "\"}";
    var stream = subscribe(group("\"attribute_name\":\"rack\"", predicate));
    assertThat(stage.events(stream, Event.Type.ERROR)).isEmpty();
  }

  private String error(String regex) throws Exception {
    var predicate = "\"text_matches\":{\"regex\":\"" + regex.replace("\\", "\\\\") + "\"}";
    var stream = subscribe(group("\"attribute_name\":\"rack\"", predicate));
    return stage.events(stream, Event.Type.ERROR).getFirst().getError().getMessage();
  }
}
