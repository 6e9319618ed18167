// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.acls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.model.Invalid;
import io.meseta.testkit.Covers;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Covers("U03")
class AclsTest {
  /// The original's matrix: rows are what is asked, columns what the rule says. `-` asks for
  /// nothing in particular; `p` means that the rule does not speak of it, and what is permissive
  /// decides.
  @ParameterizedTest
  @CsvSource({
    "alice, {\"values\":[\"alice\"]}, yes",
    "bob,   {\"values\":[\"alice\"]}, p",
    "-,     {\"values\":[\"alice\"]}, p",
    "alice, {\"type\":\"ANY\"},       yes",
    "-,     {\"type\":\"ANY\"},       yes",
    "alice, {\"type\":\"NONE\"},      no",
    "-,     {\"type\":\"NONE\"},      no",
  })
  void entitiesMatchAndAllow(String asked, String entity, String expected) throws Invalid {
    var who = asked.equals("-") ? Optional.<String>empty() : Optional.of(asked);
    for (boolean permissive : new boolean[] {true, false}) {
      boolean answer =
          switch (expected) {
            case "yes" -> true;
            case "no" -> false;
            default -> permissive;
          };
      var asPrincipal =
          Acls.parse(
              "{\"permissive\":%s,\"run_tasks\":[{\"principals\":%s,\"users\":{\"type\":\"ANY\"}}]}"
                  .formatted(permissive, entity));
      assertThat(asPrincipal.permits(who, Action.RUN_TASK, "root")).isEqualTo(answer);
      var asObject =
          Acls.parse(
              "{\"permissive\":%s,\"run_tasks\":[{\"principals\":{\"type\":\"ANY\"},\"users\":%s}]}"
                  .formatted(permissive, entity));
      assertThat(asObject.permits(Optional.of("x"), Action.RUN_TASK, who)).isEqualTo(answer);
    }
  }

  @Test
  void theFirstRuleThatSpeaksDecides() throws Invalid {
    var acls =
        Acls.parse(
            """
            {"register_frameworks": [
              {"principals": {"values": ["a"]}, "roles": {"values": ["x", "y"]}},
              {"principals": {"values": ["a"]}, "roles": {"type": "NONE"}},
              {"principals": {"values": ["b"]}, "roles": {"values": ["x/%"]}},
              {"principals": {"type": "NONE"}, "roles": {"values": ["x"]}}]}
            """);
    var a = Optional.of("a");
    var b = Optional.of("b");
    assertThat(acls.permits(a, Action.REGISTER_FRAMEWORK, "x")).isTrue();
    assertThat(acls.permits(a, Action.REGISTER_FRAMEWORK, "z")).isFalse();
    assertThat(acls.permits(b, Action.REGISTER_FRAMEWORK, "x/1/2")).isTrue();
    assertThat(acls.permits(b, Action.REGISTER_FRAMEWORK, "x")).isFalse();
    assertThat(acls.permits(b, Action.REGISTER_FRAMEWORK, "free")).isTrue();
    assertThat(acls.permits(a, Action.RUN_TASK, "root")).isTrue();
    assertThat(Acls.NONE.permits(Optional.empty(), Action.RUN_TASK, "root")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"permissive\":1}",
        "{\"run_task\":[]}",
        "{\"run_tasks\":{}}",
        "{\"run_tasks\":[{\"principals\":{\"type\":\"ANY\"}}]}",
        "{\"run_tasks\":[{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"ANY\"}}]}",
        "{\"run_tasks\":[{\"principals\":{\"type\":\"ALL\"},\"users\":{\"type\":\"ANY\"}}]}",
        "{\"run_tasks\":[{\"principals\":{\"values\":\"a\"},\"users\":{\"type\":\"ANY\"}}]}",
        "{\"view_flags\":[{\"principals\":{\"type\":\"ANY\"},\"flags\":{\"values\":[\"a\"]}}]}",
        "{} {}",
      })
  void badRulesAreRefused(String json) {
    assertThatThrownBy(() -> Acls.parse(json)).isInstanceOf(Invalid.class);
  }
}
