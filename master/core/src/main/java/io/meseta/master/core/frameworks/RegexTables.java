// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import java.util.Optional;
import java.util.regex.Pattern;

/// What the compiler does with Unicode's tables for a regular expression, which the size of its
/// program does not tell: a class is one instruction, however many characters it took to fold.
final class RegexTables {
  /// Their upper case is another letter's too, which never leads back to them: RE2/J goes round for
  /// ever when it folds one of them.
  private static final int FIRST_UNFOLDABLE = 0x1C80;

  private static final int LAST_UNFOLDABLE = 0x1C88;

  /// Of a named class such as `\pL`, of some hundred ranges.
  private static final int NAMED = 100;

  /// Ranges are folded character by character, several in the time of an instruction.
  private static final int FOLDED = 8;

  /// Of a range within ASCII or Latin-1.
  private static final int SHORT_RANGE = 10;

  private static final Pattern NAMED_CLASS = Pattern.compile("\\\\[pP]");
  private static final Pattern FOLDS = Pattern.compile("\\(\\?[a-zA-Z-]*i");
  private static final Pattern CHARACTER =
      Pattern.compile("(-?)(?:\\\\x\\{0*([0-9A-Fa-f]{1,6})\\}|([^\\x00-\\x7F]))");

  private RegexTables() {}

  /// @param problem if it must not be compiled
  /// @param size in instructions, roughly
  record Use(Optional<String> problem, long size) {}

  static Use of(String regex) {
    long size = NAMED * NAMED_CLASS.matcher(regex).results().count();
    if (!FOLDS.matcher(regex).find()) {
      return new Use(Optional.empty(), size);
    }
    size += SHORT_RANGE * regex.chars().filter(c -> c == '-').count();
    var characters = CHARACTER.matcher(regex);
    while (characters.find()) {
      int character =
          characters.group(2) == null
              ? characters.group(3).codePointAt(0)
              : Integer.parseInt(characters.group(2), 16);
      boolean range = !characters.group(1).isEmpty();
      if (character >= FIRST_UNFOLDABLE && (range || character <= LAST_UNFOLDABLE)) {
        return new Use(
            Optional.of(
                "case-insensitive "
                    + (range ? "range up to" : "character")
                    + String.format(" U+%04X is not supported", character)),
            size);
      }
      size += range ? character / FOLDED : 0;
    }
    return new Use(Optional.empty(), size);
  }
}
