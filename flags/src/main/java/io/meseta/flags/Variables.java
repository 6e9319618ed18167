// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Looks at variables with a program's prefix that set none of its flags. Others may use the prefix
/// too (tasks of Mesos get MESOS_TASK_ID, for one), so only what looks like a flag is spoken of.
final class Variables {
  /// Variables of this prefix reach Marathon from the app that runs it.
  private static final String OF_APPS = "MARATHON_APP_";

  private Variables() {}

  static void judge(
      List<Declared> flags,
      Style style,
      Map<String, String> environment,
      List<String> problems,
      Consumer<String> warnings) {
    var names = flags.stream().flatMap(flag -> flag.names().stream()).toList();
    for (var variable : new TreeMap<>(environment).entrySet()) {
      for (var prefix : style.environment()) {
        var key = variable.getKey();
        if (!key.startsWith(prefix) || key.startsWith(OF_APPS)) {
          continue;
        }
        var name = key.substring(prefix.length()).toLowerCase(Locale.ROOT);
        var absent = style.absent().get(name);
        if (names.contains(name)) {
          continue;
        } else if (absent != null && absent.refuses(variable.getValue())) {
          problems.add(key + ": " + absent.why());
        } else if (absent != null) {
          warnings.accept(key + " has no effect: " + absent.why());
        } else {
          Nearest.of(name, names)
              .ifPresent(other ->
                  warnings.accept(
                      key
                          + " sets no flag, did you mean "
                          + prefix
                          + other.toUpperCase(Locale.ROOT)
                          + "?"));
        }
      }
    }
  }
}
