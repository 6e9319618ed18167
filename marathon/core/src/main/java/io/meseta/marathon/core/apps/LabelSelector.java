// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `k`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, joined by commas. Names and values may hold
/// any character after a backslash. `!=` and `notin` only match apps that have the label.
///
/// Original: src/main/scala/mesosphere/marathon/api/v2/LabelSelector.scala.
public final class LabelSelector {
  private record Term(String key, boolean any, boolean negated, Set<String> values) {
    boolean matches(Map<String, String> labels) {
      var value = labels.get(key);
      return value != null && (any || values.contains(value) != negated);
    }
  }

  private final String text;
  private int at;
  private final List<Term> terms = new ArrayList<>();

  private LabelSelector(String text) {
    this.text = text;
  }

  /// @throws RejectedException if the text is not of this language
  public static LabelSelector parse(String text) {
    var selector = new LabelSelector(text);
    do {
      selector.terms.add(selector.term());
    } while (selector.take(","));
    selector.skip();
    if (selector.at < text.length()) {
      throw selector.wrong();
    }
    return selector;
  }

  public boolean matches(Map<String, String> labels) {
    return terms.stream().allMatch(term -> term.matches(labels));
  }

  private Term term() {
    var key = word();
    if (take("==")) {
      return new Term(key, false, false, Set.of(word()));
    }
    if (take("!=")) {
      return new Term(key, false, true, Set.of(word()));
    }
    if (take("in")) {
      return new Term(key, false, false, list());
    }
    if (take("notin")) {
      return new Term(key, false, true, list());
    }
    return new Term(key, true, false, Set.of());
  }

  private Set<String> list() {
    var values = new LinkedHashSet<String>();
    if (!take("(")) {
      throw wrong();
    }
    do {
      values.add(word());
    } while (take(","));
    if (!take(")")) {
      throw wrong();
    }
    return values;
  }

  private String word() {
    skip();
    var word = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\' && at + 1 < text.length()) {
        word.append(text.charAt(at + 1));
        at += 2;
      } else if (Character.isLetterOrDigit(c) || "-._/".indexOf(c) >= 0) {
        word.append(c);
        at++;
      } else {
        break;
      }
    }
    if (word.isEmpty()) {
      throw wrong();
    }
    return word.toString();
  }

  private boolean take(String token) {
    skip();
    if (text.startsWith(token, at)) {
      at += token.length();
      return true;
    }
    return false;
  }

  private void skip() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private RejectedException wrong() {
    return RejectedException.of(
        422,
        "Parse error of label selector '"
            + text
            + "' at "
            + (at + 1)
            + " (expected: k, k==v, k!=v, k in (a,b) or k notin (a,b))");
  }
}
