// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.json;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The type of a JSON value. Reading copies what is known (other properties are dropped, null
/// counts as absent, defaults are filled in) and notes problems under the keys the original uses.
public sealed interface Schema {
  /// A copy of `in`, or any value after noting a problem.
  JsonNode read(JsonNode in, String path, Problems problems);

  /// A string.
  static Schema string() {
    return new Text(0, null);
  }

  /// A string of at least so many characters.
  static Schema string(int minLength) {
    return new Text(minLength, null);
  }

  /// A string that matches as a whole.
  static Schema string(String pattern) {
    return new Text(0, Pattern.compile(pattern));
  }

  static Schema bool() {
    return new Bool();
  }

  /// An integer of at least `min` and at most `max`.
  static Schema integer(long min, long max) {
    return new Int(min, max);
  }

  /// Any number of at least `min`.
  static Schema number(double min) {
    return new Num(min);
  }

  /// One of these names, given in the form used inside; case-insensitive when told.
  static Schema oneOf(String... names) {
    return new Names(List.of(names));
  }

  static Schema list(Schema element) {
    return new Items(element);
  }

  /// An object with any keys.
  static Schema map(Schema value) {
    return new Entries(value);
  }

  /// Any value at all.
  static Schema any() {
    return new Any();
  }

  /// The first that fits; problems are those of the last.
  static Schema either(Schema... choices) {
    return new Either(List.of(choices));
  }

  /// An object with known properties.
  static Fields fields() {
    return new Fields(new LinkedHashMap<>());
  }

  /// See [#string].
  record Text(int minLength, @Nullable Pattern pattern) implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      if (!in.isString()) {
        problems.add(path, "error.expected.jsstring");
      } else if (in.stringValue().length() < minLength) {
        problems.add(path, "error.minLength");
      } else if (pattern != null && !pattern.matcher(in.stringValue()).matches()) {
        problems.add(path, "error.pattern");
      }
      return in;
    }
  }

  /// See [#bool].
  record Bool() implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      problems.check(in.isBoolean(), path, "error.expected.jsboolean");
      return in;
    }
  }

  /// See [#integer].
  record Int(long min, long max) implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      if (!in.isNumber()) {
        problems.add(path, "error.expected.jsnumber");
        return in;
      }
      double value = in.asDouble();
      if (value != Math.rint(value)) {
        problems.add(path, "error.expected.int");
      } else if (value < min) {
        problems.add(path, "error.min");
      } else if (value > max) {
        problems.add(path, "error.max");
      }
      return JsonNodeFactory.instance.numberNode((long) value);
    }
  }

  /// See [#number].
  record Num(double min) implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      if (!in.isNumber()) {
        problems.add(path, "error.expected.jsnumber");
        return in;
      }
      double value = in.asDouble();
      problems.check(value >= min, path, "error.min");
      problems.check(!Double.isInfinite(value), path, "error.max");
      return Docs.number(value);
    }
  }

  /// See [#oneOf].
  record Names(List<String> names) implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      if (!in.isString()) {
        problems.add(path, "error.expected.jsstring");
        return in;
      }
      for (var name : names) {
        if (loose(name).equals(loose(in.stringValue()))) {
          return JsonNodeFactory.instance.stringNode(name);
        }
      }
      problems.add(path, "error.unknown.enum.literal");
      return in;
    }

    private static String loose(String name) {
      return name.replace("_", "").toLowerCase(java.util.Locale.ROOT);
    }
  }

  /// See [#list].
  record Items(Schema element) implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      if (!in.isArray()) {
        problems.add(path, "error.expected.jsarray");
        return in;
      }
      var out = Docs.array();
      for (int i = 0; i < in.size(); i++) {
        out.add(element.read(in.get(i), path + "(" + i + ")", problems));
      }
      return out;
    }
  }

  /// See [#map].
  record Entries(Schema value) implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      if (!in.isObject()) {
        problems.add(path, "error.expected.jsobject");
        return in;
      }
      var out = Docs.object();
      for (var entry : in.properties()) {
        if (!entry.getValue().isNull()) {
          out.set(
              entry.getKey(), value.read(entry.getValue(), path + "/" + entry.getKey(), problems));
        }
      }
      return out;
    }
  }

  /// See [#any].
  record Any() implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      return in;
    }
  }

  /// See [#either].
  record Either(List<Schema> choices) implements Schema {
    @Override
    public JsonNode read(JsonNode in, String path, Problems problems) {
      for (var choice : choices) {
        var found = new Problems();
        var out = choice.read(in, path, found);
        if (found.isEmpty()) {
          return out;
        }
      }
      return choices.getLast().read(in, path, problems);
    }
  }

  /// See [#fields].
  record Fields(LinkedHashMap<String, Field> known) implements Schema {
    /// One property.
    record Field(Schema type, boolean required, Optional<JsonNode> otherwise) {}

    public Fields required(String name, Schema type) {
      known.put(name, new Field(type, true, Optional.empty()));
      return this;
    }

    public Fields optional(String name, Schema type) {
      known.put(name, new Field(type, false, Optional.empty()));
      return this;
    }

    public Fields optional(String name, Schema type, String otherwise) {
      return otherwise(name, type, JsonNodeFactory.instance.stringNode(otherwise));
    }

    public Fields optional(String name, Schema type, double otherwise) {
      return otherwise(name, type, Docs.number(otherwise));
    }

    public Fields optional(String name, Schema type, boolean otherwise) {
      return otherwise(name, type, JsonNodeFactory.instance.booleanNode(otherwise));
    }

    private Fields otherwise(String name, Schema type, JsonNode otherwise) {
      known.put(name, new Field(type, false, Optional.of(otherwise)));
      return this;
    }

    @Override
    public ObjectNode read(JsonNode in, String path, Problems problems) {
      return read(in, path, problems, true);
    }

    /// As [#read], for a change of a document: nothing is required and no default filled in, except
    /// in what is given.
    public ObjectNode readPartial(JsonNode in, Problems problems) {
      return read(in, "", problems, false);
    }

    private ObjectNode read(JsonNode in, String path, Problems problems, boolean whole) {
      var out = Docs.object();
      if (!in.isObject()) {
        problems.add(path, "error.expected.jsobject");
        return out;
      }
      known.forEach((name, field) -> {
        var value = in.get(name);
        if (value != null && !value.isNull()) {
          out.set(name, field.type().read(value, path + "/" + name, problems));
        } else if (whole && field.otherwise().isPresent()) {
          out.set(name, field.otherwise().get());
        } else if (whole && field.required()) {
          problems.add(path + "/" + name, "error.path.missing");
        }
      });
      return out;
    }
  }
}
