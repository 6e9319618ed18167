// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Pattern;

/// What it takes to compile a regular expression, told from its text: counted repeats are written
/// out when compiled, and nested ones multiply, so that a few characters make millions of
/// instructions.
final class RegexCost {
  /// RE2's own bound on the product of nested repeats.
  private static final int MAX_REPEAT = 1000;

  /// The compiler calls itself for each group.
  private static final int MAX_DEPTH = 200;

  private static final Pattern COUNT = Pattern.compile("\\{([0-9]{1,9})(,([0-9]{0,9}))?\\}");
  private static final Pattern GROUP = Pattern.compile("\\(\\?(P?<\\w+>|[a-zA-Z^-]*([:)]))");
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\([pP]\\{[^}]*\\}|[pP].|x\\{[^}]*\\}|.)", Pattern.DOTALL);

  /// What was read of a group that is still open.
  private static final class Open {
    private long size;
    private long repeat = 1;
    private long lastSize;
    private long lastRepeat = 1;

    void atom(long ofSize, long ofRepeat) {
      size += ofSize;
      lastSize = ofSize;
      lastRepeat = ofRepeat;
      repeat = Math.max(repeat, ofRepeat);
    }

    void times(long count) {
      size += lastSize * (count - 1);
      lastSize *= count;
      lastRepeat *= count;
      repeat = Math.max(repeat, lastRepeat);
    }
  }

  private final String regex;
  private final Deque<Open> open = new ArrayDeque<>();
  private Optional<String> problem = Optional.empty();
  private int at;

  private RegexCost(String regex) {
    this.regex = regex;
    open.push(new Open());
  }

  /// @param problem in RE2's words, if it should not be compiled whatever its size
  /// @param size of the program, roughly
  record Cost(Optional<String> problem, long size) {}

  static Cost of(String regex) {
    var cost = new RegexCost(regex);
    while (cost.at < regex.length() && cost.problem.isEmpty()) {
      cost.step();
    }
    // A group that is not closed is the compiler's to refuse.
    while (cost.open.size() > 1) {
      cost.close();
    }
    return new Cost(cost.problem, cost.open.element().size);
  }

  private void step() {
    switch (regex.charAt(at)) {
      case '(' -> open();
      case ')' -> {
        if (open.size() > 1) {
          close();
        }
        at++;
      }
      case '{' -> repeat();
      case '[' -> {
        at = classEnd();
        open.element().atom(1, 1);
      }
      case '\\' -> escape();
      case '*', '+', '?' -> {
        open.element().size++;
        open.element().lastSize++;
        at++;
      }
      default -> {
        open.element().atom(1, 1);
        at++;
      }
    }
  }

  private void open() {
    var matcher = GROUP.matcher(regex).region(at, regex.length());
    if (!matcher.lookingAt()) {
      at++;
    } else {
      at = matcher.end();
      if (")".equals(matcher.group(2))) {
        return;
      }
    }
    open.push(new Open());
    if (open.size() > MAX_DEPTH) {
      problem = Optional.of("expression nests too deeply");
    }
  }

  private void close() {
    var group = open.pop();
    open.element().atom(group.size + 2, group.repeat);
  }

  private void repeat() {
    var matcher = COUNT.matcher(regex).region(at, regex.length());
    if (!matcher.lookingAt()) {
      open.element().atom(1, 1);
      at++;
      return;
    }
    long least = Long.parseLong(matcher.group(1));
    var most = matcher.group(3);
    long count = Math.max(1, most == null || most.isEmpty() ? least : Long.parseLong(most));
    if (count > MAX_REPEAT || open.element().lastRepeat * count > MAX_REPEAT) {
      problem = Optional.of("invalid repetition size: " + matcher.group());
      return;
    }
    open.element().times(count);
    at = matcher.end();
  }

  private void escape() {
    if (regex.startsWith("\\Q", at)) {
      int end = regex.indexOf("\\E", at);
      int length = (end < 0 ? regex.length() : end) - at - 2;
      open.element().size += Math.max(0, length - 1);
      open.element().atom(1, 1);
      at = end < 0 ? regex.length() : end + 2;
    } else {
      at = escapeEnd(at);
      open.element().atom(1, 1);
    }
  }

  private int escapeEnd(int from) {
    var matcher = ESCAPE.matcher(regex).region(from, regex.length());
    return matcher.lookingAt() ? matcher.end() : from + 1;
  }

  /// Where the class that begins here ends, read as the compiler does.
  private int classEnd() {
    int i = at + (regex.startsWith("[^", at) ? 2 : 1);
    boolean first = true;
    while (i < regex.length() && (first || regex.charAt(i) != ']')) {
      first = false;
      int named = regex.startsWith("[:", i) ? regex.indexOf(":]", i + 2) : -1;
      if (named >= 0) {
        i = named + 2;
        continue;
      }
      boolean set =
          regex.charAt(i) == '\\'
              && i + 1 < regex.length()
              && "pPdDsSwW".indexOf(regex.charAt(i + 1)) >= 0;
      i = character(i);
      boolean range =
          !set && i + 1 < regex.length() && regex.charAt(i) == '-' && regex.charAt(i + 1) != ']';
      if (range) {
        i = character(i + 1);
      }
    }
    return Math.min(regex.length(), i + 1);
  }

  private int character(int from) {
    return regex.charAt(from) == '\\' ? escapeEnd(from) : from + 1;
  }
}
