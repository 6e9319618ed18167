// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.attributes;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Ranges;
import io.meseta.model.resources.Ranges.Range;
import io.meseta.model.resources.ValueText;
import io.meseta.wire.v1.Attribute;
import java.util.ArrayList;
import java.util.List;

/// Attributes as operators write them: `rack:r1;n:3;ports:[1-3]`, and as documents show them.
public final class AttributeText {
  private AttributeText() {}

  public static List<Attribute> parse(String text) throws Invalid {
    var result = new ArrayList<Attribute>();
    for (var token : text.split("[;\n]")) {
      if (token.isBlank()) {
        continue;
      }
      int colon = token.indexOf(':');
      if (colon <= 0 || colon == token.length() - 1) {
        throw new Invalid(
            "Invalid attribute key:value pair '" + token.strip() + "': expecting name:value");
      }
      result.add(attribute(token.substring(0, colon).strip(), token.substring(colon + 1)));
    }
    return result;
  }

  private static Attribute attribute(String name, String text) throws Invalid {
    try {
      var value = ValueText.parse(text);
      var result = Attribute.newBuilder().setName(name).setType(value.getType());
      return switch (value.getType()) {
        case SCALAR -> result.setScalar(value.getScalar()).build();
        case RANGES -> result.setRanges(value.getRanges()).build();
        case SET -> result.setSet(value.getSet()).build();
        case TEXT -> result.setText(value.getText()).build();
      };
    } catch (Invalid e) {
      throw new Invalid("Failed to parse attribute " + name + " text " + text + ": " + e.reason());
    }
  }

  /// A `Double` for a scalar, else a `String`: `[1-3, 7-9]`, `{a, b}`, `text`.
  public static Object summary(Attribute attribute) {
    return switch (attribute.getType()) {
      case SCALAR -> attribute.getScalar().getValue();
      case TEXT -> attribute.getText().getValue();
      case SET -> "{" + String.join(", ", attribute.getSet().getItemList()) + "}";
      case RANGES -> {
        var ranges = new ArrayList<Range>();
        for (var range : attribute.getRanges().getRangeList()) {
          ranges.add(new Range(range.getBegin(), range.getEnd()));
        }
        yield Ranges.of(ranges).toString();
      }
    };
  }
}
