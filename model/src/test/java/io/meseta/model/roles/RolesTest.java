// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.roles;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Covers("S20")
class RolesTest {
  @ParameterizedTest
  @ValueSource(strings = {"*", "a", "a/b", "a-b/c.d", "...", "a*"})
  void accepts(String role) {
    assertThat(Roles.problem(role)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/a", "a/", "a//b", "a/.", "../a", "a/*", "-a", "a/-b", "a b", "a\tb", "/"})
  void refuses(String role) {
    assertThat(Roles.problem(role)).isPresent();
  }

  @Test
  void refusesWhatNoFolderCanBeNamedAfter() {
    assertThat(Roles.problem("r".repeat(255))).isEmpty();
    assertThat(Roles.problem("r".repeat(256)))
        .hasValueSatisfying(problem ->
            assertThat(problem)
                .isEqualTo("Role '" + "r".repeat(32) + "...' must not be longer than 255 bytes"));
    assertThat(Roles.problem("\u00e9".repeat(127))).isEmpty();
    assertThat(Roles.problem("\u00e9".repeat(128))).isPresent();
  }

  @Test
  void refusesRepetition() {
    assertThat(Roles.problem(List.of("a", "b"))).isEmpty();
    assertThat(Roles.problem(List.of("a", "b", "a")))
        .hasValueSatisfying(problem -> assertThat(problem).contains("'a'"));
  }

  @Test
  void knowsTheHierarchy() {
    assertThat(Roles.isBelow("a/b", "a")).isTrue();
    assertThat(Roles.isBelow("ab", "a")).isFalse();
    assertThat(Roles.isBelow("a", "a")).isFalse();
    assertThat(Roles.ancestors("a/b/c")).containsExactly("a/b", "a");
    assertThat(Roles.mayUse("a", "a/b")).isFalse();
  }
}
