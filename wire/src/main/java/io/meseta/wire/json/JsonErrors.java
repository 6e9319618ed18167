// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/// What is wrong with a JSON text, in words for whoever sent it.
public final class JsonErrors {
  private record Rule(Pattern message, String words) {
    Rule(String message, String words) {
      this(Pattern.compile(message), words);
    }
  }

  /// The parser's messages name its own classes and options; these say the same of the text alone.
  private static final List<Rule> RULES =
      List.of(
          new Rule("Non-standard token '([^']*)'.*", "$1 is not a value of JSON"),
          new Rule("Unrecognized token '([^']*)'.*", "'$1' is not a value of JSON"),
          new Rule(
              "Unexpected character \\('(.)' \\(code \\d+[^)]*\\)\\): was expecting comma to.*",
              "'$1' stands where a comma or the end of the list or object is expected"),
          new Rule(
              "Unexpected character \\('(.)' \\(code \\d+[^)]*\\)\\): was expecting double-quote to.*",
              "'$1' stands where a key in double quotes is expected"),
          new Rule(
              "Unexpected character \\('(.)' \\(code \\d+[^)]*\\)\\): was expecting a colon.*",
              "'$1' stands where the colon after a key is expected"),
          new Rule(
              "Unexpected character \\('(.)' \\(code \\d+[^)]*\\)\\).*",
              "'$1' stands where a value is expected"),
          new Rule(
              "Unexpected character \\((?:.*?)code (\\d+).*",
              "the character with code $1 is unexpected"),
          new Rule(
              "Illegal character \\((?:.*?)code (\\d+)\\).*",
              "the character with code $1 is unexpected"),
          new Rule(
              "Illegal unquoted character \\((?:.*?)code (\\d+)\\).*",
              "a text holds the control character with code $1, which must be escaped"),
          new Rule("Unrecognized character escape '(.)'.*", "\\\\$1 is not an escape of JSON"),
          new Rule(
              "Unexpected end-of-input in (?:VALUE_STRING|field name|property name).*",
              "the text ends within a string"),
          new Rule(
              "Unexpected end-of-input: expected close marker for (\\w+).*",
              "the text ends before an $1 is closed"),
          new Rule("Unexpected end-of-input.*", "the text ends too early"),
          new Rule("No content to map.*", "there is no JSON"),
          new Rule(
              "Unexpected close marker '(.)': expected '(.)'.*",
              "'$1' stands where '$2' is expected"),
          new Rule("Trailing token.*", "something follows the end of the JSON"),
          new Rule("Invalid numeric value: [Ll]eading zero.*", "a number must not begin with 0"),
          new Rule("Invalid (?:UTF-8|UTF-16|UTF-32).*", "the text is not valid UTF-8"),
          new Rule(
              "Document nesting depth \\(\\d+\\) exceeds the maximum allowed \\((\\d+).*",
              "lists and objects are nested deeper than $1"),
          new Rule(
              "String value length \\(\\d+\\) exceeds the maximum allowed \\((\\d+).*",
              "a text is longer than $1 characters"),
          new Rule(
              "Number value length \\(\\d+\\) exceeds the maximum allowed \\((\\d+).*",
              "a number is longer than $1 digits"));

  private JsonErrors() {}

  /// What is wrong, with the line and column.
  public static String plain(JacksonException failure) {
    var original = failure.getOriginalMessage();
    var message =
        original == null ? "Unexpected end-of-input" : original.lines().findFirst().orElse("");
    var where = failure.getLocation();
    var text = words(message);
    return where == null || where.getLineNr() < 1
        ? text
        : text + " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
  }

  private static String words(String message) {
    for (var rule : RULES) {
      var matcher = rule.message().matcher(message);
      if (matcher.matches()) {
        return matcher
            .replaceFirst(rule.words())
            .replace("an Array", "a list")
            .replace("an Object", "an object");
      }
    }
    return message
        .replaceAll(" \\([^()]*\\[Source:[^\\]]*\\]\\)", "")
        .replaceAll("[^.;:,(]*`[^`]*`.*", "")
        .strip();
  }
}
