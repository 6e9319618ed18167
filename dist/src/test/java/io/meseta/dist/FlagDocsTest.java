// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlagDocsTest {
  /// Who is who and who may do what, which is being built in the master and the agent.
  private static final Pattern ACCESS =
      Pattern.compile(
          "acls|authenticat.*|authorizers|credentials?|http_(framework_)?authenticators"
              + "|http_credentials|jwt_secret_key");

  @Test
  void thePagesSayWhatTheProgramsDo() throws Exception {
    for (var page : FlagDocs.pages().entrySet()) {
      assertThat(Files.readString(Path.of("../docs/flags").resolve(page.getKey())))
          .as(page.getKey() + " (./meseta docs writes it anew)")
          .isEqualTo(page.getValue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"master", "agent", "marathon", "chronos"})
  void everyFlagOfTheOriginalIsKnown(String program) throws Exception {
    var page = FlagDocs.pages().get(program + ".md");
    var names =
        new String(
                getClass()
                    .getResourceAsStream("/original-flags/" + program + ".txt")
                    .readAllBytes(),
                StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(names).hasSizeGreaterThan(40);
    assertThat(names)
        .filteredOn(name -> program.matches("marathon|chronos") || !ACCESS.matcher(name).matches())
        .allSatisfy(name -> assertThat(page).contains("`--" + name + "`"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"master", "agent", "marathon", "chronos"})
  void noFlagIsBothDeclaredAndSaidToDoNothing(String program) {
    var page = FlagDocs.pages().get(program + ".md");
    assertThat(
            page.lines()
                .filter(line -> line.startsWith("- `--"))
                .map(line -> line.substring(2, line.indexOf('`', 3) + 1)))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(page).doesNotContain("| " + name));
  }
}
