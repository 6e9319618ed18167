// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class JsonErrorsTest {
  private static String problem(String text) {
    return JsonErrors.plain(
        assertThrows(
            JacksonException.class,
            () -> {
              try (var parser =
                  new JsonFactory()
                      .createParser(
                          ObjectReadContext.empty(), text.getBytes(StandardCharsets.ISO_8859_1))) {
                while (parser.nextToken() != null) {
                  var unused = parser.getString();
                }
              }
            }));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"cpus\": NaN}|NaN is not a value of JSON (line 1, column 13)",
        "{\"a\": -Infinity}|-Infinity is not a value of JSON",
        "{\"a\": yes}|'yes' is not a value of JSON",
        "{\"a\" 1}|'1' stands where the colon after a key is expected",
        "{\"a\":1 \"b\":2}|'\"' stands where a comma or the end of the list or object is expected",
        "{a:1}|'a' stands where a key in double quotes is expected",
        "{'a':1}|''' stands where a key in double quotes is expected",
        "[1,]|']' stands where a value is expected",
        "{\"a\": }|'}' stands where a value is expected",
        "{|the text ends before an object is closed",
        "[1, 2|the text ends",
        "{\"a\": \"b|the text ends within a string",
        "{\"a\": [1}|'}' stands where ']' is expected",
        "{\"a\": 01}|a number must not begin with 0",
        "\"\\x\"|\\x is not an escape of JSON",
        "\"\u0007\"|a text holds the control character with code 7",
        "\"\u00ff\"|the text is not valid UTF-8",
      })
  void saysWhatIsWrongAndWhere(String text, String expected) {
    assertThat(problem(text)).startsWith(expected.replaceAll(" \\(line.*", ""));
    if (expected.contains("(line")) {
      assertThat(problem(text)).isEqualTo(expected);
    }
    assertThat(problem(text)).matches(".*\\(line 1, column \\d+\\)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nul",
        "tru",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":0x1}",
        "{\"a\":\"\\u12\"}",
        "/* x */{}",
        "{\"a\":1,}",
        "\u0001",
        "{,}",
        "-",
        "--1",
        "\"\n\"",
        "{\"a\":\"\t\"}",
        "]",
        "}",
      })
  void namesNothingOfTheParser(String text) {
    assertThat(problem(text))
        .doesNotContain("Source", "`", "Json", "Feature", "token", "VALUE_", "CTRL-CHAR")
        .matches("(?s).{8,200}");
  }
}
