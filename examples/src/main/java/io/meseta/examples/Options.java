// SPDX-License-Identifier: Apache-2.0
package io.meseta.examples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// `--name=value` arguments of an example; it says which there are, with their defaults and
/// meaning.
final class Options {
  private record Option(String name, String standard, String help) {}

  private final Map<String, Option> known = new LinkedHashMap<>();
  private final Map<String, String> values = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  Options with(String name, String standard, String help) {
    known.put(name, new Option(name, standard, help));
    return this;
  }

  /// Takes the arguments; what is wrong with them is in [#problems()].
  Options parse(String... args) {
    for (var arg : args) {
      int equals = arg.indexOf('=');
      var name = equals < 0 ? arg : arg.substring(0, equals);
      if (!name.startsWith("--") || !known.containsKey(name.substring(2))) {
        problems.add("'" + arg + "': unknown option");
      } else if (equals < 0) {
        problems.add(name + " has no value (expected: " + name + "=value)");
      } else {
        values.put(name.substring(2), arg.substring(equals + 1));
      }
    }
    return this;
  }

  String text(String name) {
    return values.getOrDefault(name, known.get(name).standard());
  }

  /// A number of at least `least`.
  double number(String name, double least) {
    try {
      double value = Double.parseDouble(text(name));
      if (value >= least && value < Double.POSITIVE_INFINITY) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    problems.add("--" + name + "=" + text(name) + ": expected a number of at least " + least);
    return least;
  }

  /// A whole number of at least `least`.
  int count(String name, int least) {
    try {
      int value = Integer.parseInt(text(name));
      if (value >= least) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    problems.add("--" + name + "=" + text(name) + ": expected a whole number of at least " + least);
    return least;
  }

  /// One line each.
  List<String> problems() {
    return problems;
  }

  void help(String usage, Consumer<String> out) {
    out.accept("Usage: " + usage + "\n");
    for (var option : known.values()) {
      out.accept("  --" + option.name() + "=VALUE");
      out.accept("      " + option.help() + " (default: " + option.standard() + ")");
    }
    out.accept("  --help\n      Prints this and ends.");
  }
}
