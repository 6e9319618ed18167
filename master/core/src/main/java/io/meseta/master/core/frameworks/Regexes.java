// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.meseta.model.Invalid;
import java.util.HashMap;
import java.util.Map;

/// The regular expressions of one framework's offer constraints, each compiled once however often
/// it is used. How many there are and what they take to compile together is bounded: the master
/// does nothing else meanwhile.
final class Regexes {
  static final int MAX_COUNT = 1000;
  private static final int MAX_LENGTH = 10_000;

  /// The size of a program that is compiled to learn its size, which takes some milliseconds.
  private static final long COMPILED_SIZE = 50_000;

  /// Of all together; a thousand of a hundred characters and the default program size take less
  /// than half of it.
  private static final long MAX_TOTAL = 500_000;

  private final int maxProgramSize;
  private final Map<String, Pattern> compiled = new HashMap<>();
  private long total;

  Regexes(int maxProgramSize) {
    this.maxProgramSize = maxProgramSize;
  }

  Pattern get(String regex) throws Invalid {
    var known = compiled.get(regex);
    if (known != null) {
      return known;
    }
    if (compiled.size() >= MAX_COUNT) {
      throw new Invalid(
          "More than " + MAX_COUNT + " different regexes, which is the most a framework may have");
    }
    var pattern = compile(regex);
    compiled.put(regex, pattern);
    return pattern;
  }

  private Pattern compile(String regex) throws Invalid {
    if (regex.length() > MAX_LENGTH) {
      throw new Invalid("Regex of " + regex.length() + " characters is too long");
    }
    var cost = RegexCost.of(regex);
    if (cost.problem().isPresent()) {
      throw notRegex(regex, cost.problem().get());
    }
    // The estimate knows nothing of what the compiler makes shorter: hence the distance.
    if (cost.size() > Math.max(COMPILED_SIZE, 10L * maxProgramSize)) {
      throw tooComplex(regex, cost.size());
    }
    var tables = RegexTables.of(regex);
    if (tables.problem().isPresent()) {
      throw notRegex(regex, tables.problem().get());
    }
    total += regex.length() + cost.size() + tables.size();
    long most = Math.max(MAX_TOTAL, 10L * maxProgramSize);
    if (total > most) {
      throw new Invalid(
          "The first "
              + (compiled.size() + 1)
              + " regexes are too complex together: size of "
              + total
              + " is larger than maximum of "
              + most
              + " allowed for a framework");
    }
    try {
      var pattern = Pattern.compile(regex);
      if (pattern.programSize() > maxProgramSize) {
        throw tooComplex(regex, pattern.programSize());
      }
      return pattern;
    } catch (PatternSyntaxException e) {
      throw notRegex(regex, e.getDescription());
    }
  }

  private static Invalid notRegex(String regex, String why) {
    return new Invalid("Failed to construct regex from pattern '" + regex + "': " + why);
  }

  private Invalid tooComplex(String regex, long size) {
    return new Invalid(
        "Regex '"
            + regex
            + "' is too complex: program size of "
            + size
            + " is larger than maximum of "
            + maxProgramSize
            + " allowed");
  }
}
