// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Ranges.Range;
import io.meseta.wire.v1.Value;
import java.util.ArrayList;
import java.util.TreeSet;

/// The text form of values, shared by resources and attributes: `4.5`, `[1-3,7-9]`, `{a,b}`,
/// `anything else`. Blanks do not count. Original: src/common/values.cpp.
public final class ValueText {
  private ValueText() {}

  /// The value that `text` denotes; ranges come out coalesced.
  public static Value parse(String text) throws Invalid {
    var compact = text.replace(" ", "");
    if (compact.isEmpty()) {
      throw new Invalid("Expecting non-empty string");
    }
    return switch (compact.charAt(0)) {
      case '[' -> ranges(text, inside(text, compact, ']'));
      case '{' -> set(text, inside(text, compact, '}'));
      default -> scalarOrText(compact);
    };
  }

  private static String inside(String text, String compact, char close) throws Invalid {
    if (compact.indexOf(close) != compact.length() - 1 || compact.length() < 2) {
      throw new Invalid(
          "Mismatched brackets in '" + text + "': expecting one '" + close + "' at the end");
    }
    return compact.substring(1, compact.length() - 1);
  }

  private static Value ranges(String text, String inside) throws Invalid {
    var ranges = new ArrayList<Range>();
    for (var token : inside.isEmpty() ? new String[0] : inside.split(",", -1)) {
      int dash = token.indexOf('-');
      try {
        if (dash < 1) {
          throw new Invalid(
              "Expecting one or more \"ranges\" such as [1-3,7-9], not '" + text + "'");
        }
        ranges.add(
            new Range(
                Long.parseLong(token.substring(0, dash)),
                Long.parseLong(token.substring(dash + 1))));
      } catch (IllegalArgumentException e) {
        throw new Invalid(
            "Expecting non-negative integers, begin not above end, in '" + token + "'");
      }
    }
    var result = Value.Ranges.newBuilder();
    for (var range : Ranges.of(ranges).ranges()) {
      result.addRangeBuilder().setBegin(range.begin()).setEnd(range.end());
    }
    return Value.newBuilder().setType(Value.Type.RANGES).setRanges(result).build();
  }

  private static Value set(String text, String inside) throws Invalid {
    var items = new TreeSet<String>();
    for (var item : inside.isEmpty() ? new String[0] : inside.split(",", -1)) {
      if (item.isEmpty() || !items.add(item)) {
        throw new Invalid("Expecting distinct names in '" + text + "'");
      }
    }
    return Value.newBuilder()
        .setType(Value.Type.SET)
        .setSet(Value.Set.newBuilder().addAllItem(items))
        .build();
  }

  private static Value scalarOrText(String compact) throws Invalid {
    if (compact.chars().anyMatch(c -> "[]{}".indexOf(c) >= 0)) {
      throw new Invalid("Unexpected bracket in '" + compact + "'");
    }
    if (compact.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?")) {
      double value = Double.parseDouble(compact);
      if (value >= 0 && !Double.isInfinite(value)) {
        return Value.newBuilder()
            .setType(Value.Type.SCALAR)
            .setScalar(Value.Scalar.newBuilder().setValue(value))
            .build();
      }
    }
    return Value.newBuilder()
        .setType(Value.Type.TEXT)
        .setText(Value.Text.newBuilder().setValue(compact))
        .build();
  }
}
