// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads a record of flags from arguments and environment; arguments win.
public final class Flags {
  private Flags() {}

  /// Reads the flags of `type`.
  ///
  /// @throws FlagException with every problem found
  public static <R extends Record> R parse(
      Class<R> type, Style style, List<String> args, Map<String, String> environment)
      throws FlagException {
    return parse(type, style, args, environment, warning -> {});
  }

  /// The same, telling `warnings` of flags without effect and of variables that look misspelt, a
  /// line each.
  ///
  /// @throws FlagException with every problem found
  public static <R extends Record> R parse(
      Class<R> type,
      Style style,
      List<String> args,
      Map<String, String> environment,
      Consumer<String> warnings)
      throws FlagException {
    var problems = new ArrayList<String>();
    var values = new LinkedHashMap<String, String>();
    fromArguments(Declared.of(type), style, args, values, problems, warnings);
    fromEnvironment(Declared.of(type), style, environment, values);
    Variables.judge(Declared.of(type), style, environment, problems, warnings);
    var components = type.getRecordComponents();
    var fields = new Object[components.length];
    var wrong = new HashSet<String>();
    for (int i = 0; i < components.length; i++) {
      var flag = Declared.of(components[i]);
      var text = values.get(flag.name());
      try {
        fields[i] = value(flag, text);
      } catch (IllegalArgumentException e) {
        var shown = flag.secret() ? "***" : text;
        problems.add(
            text == null
                ? "--" + flag.name() + " is missing (" + e.getMessage() + ")"
                : "--" + flag.name() + "=" + shown + ": " + e.getMessage());
        wrong.add(flag.name());
        fields[i] = standIn(flag);
      }
    }
    R flags = null;
    try {
      flags = construct(type, components, fields, style);
    } catch (FlagException e) {
      e.problems().stream()
          .filter(problem -> !wrong.contains(name(problem)))
          .forEach(problems::add);
    }
    if (flags == null || !problems.isEmpty()) {
      throw new FlagException(problems);
    }
    return flags;
  }

  /// What stands in for a value that cannot be read, so that the record's own checks still run;
  /// what they say of this flag is not passed on.
  private static Object standIn(Declared flag) {
    if (flag.optional()) {
      return Optional.empty();
    }
    if (flag.defaultOrNull() != null || flag.type() == boolean.class) {
      return value(flag, null);
    }
    return switch (flag.type().getSimpleName()) {
      case "int" -> 1;
      case "long" -> 1L;
      case "double" -> 1.0;
      case "Duration" -> Duration.ofSeconds(1);
      case "Bytes" -> new Bytes(1);
      case "Path" -> Path.of("");
      case "List" -> List.of();
      default -> "";
    };
  }

  /// The flag that a problem begins with.
  private static String name(String problem) {
    int end = 2;
    while (end < problem.length()
        && (Character.isLetterOrDigit(problem.charAt(end))
            || problem.charAt(end) == '_'
            || problem.charAt(end) == '-')) {
      end++;
    }
    return problem.startsWith("--") ? problem.substring(2, end) : "";
  }

  /// The values in force, by name, as the original prints them in /flags; secrets are masked.
  public static Map<String, String> effective(Record flags) {
    var values = new LinkedHashMap<String, String>();
    for (var component : flags.getClass().getRecordComponents()) {
      var flag = Declared.of(component);
      var value = print(get(flags, component));
      if (value != null) {
        values.put(flag.name(), flag.secret() ? "***" : value);
      }
    }
    return values;
  }

  /// Whether the help is asked for.
  public static boolean help(List<String> args) {
    return args.contains("--help") || args.contains("-h");
  }

  /// What `--help` prints: every flag with its default and meaning, wrapped at 100 columns.
  public static String help(Class<? extends Record> type, Style style, String summary) {
    var text = new StringBuilder();
    text.append("Usage: ")
        .append(style.program())
        .append(" [options]\n\n")
        .append(summary)
        .append("\n\n");
    var flags = Declared.of(type).stream().sorted((a, b) -> a.name().compareTo(b.name())).toList();
    for (var flag : flags) {
      text.append("  --").append(flag.type() == boolean.class ? "[no-]" : "").append(flag.name());
      text.append(flag.type() == boolean.class ? "" : "=VALUE").append('\n');
      var help = flag.help();
      if (flag.required()) {
        help += " Required.";
      } else if (!flag.defaultText().isEmpty()) {
        help += " (default: " + flag.defaultText() + ")";
      }
      wrap(help, text);
    }
    text.append(
        "  --help, -h\n      Prints this and ends.\n  --version\n      Prints the version and ends.\n");
    if (!style.environment().isEmpty()) {
      text.append("\nEach flag can also be set in the environment as ")
          .append(style.environment().getFirst())
          .append("NAME; a value of the form file:///path is read from that file.\n");
    }
    return text.toString();
  }

  /// The same as a Markdown table, for the docs.
  public static String markdown(Class<? extends Record> type, Style style) {
    var text = new StringBuilder("| flag | default | meaning |\n|---|---|---|\n");
    for (var flag :
        Declared.of(type).stream().sorted((a, b) -> a.name().compareTo(b.name())).toList()) {
      var standard =
          flag.required()
              ? "required"
              : flag.defaultText().isEmpty() ? "" : "`" + flag.defaultText() + "`";
      text.append("| `--")
          .append(flag.name())
          .append("` | ")
          .append(standard.replace("|", "\\|"))
          .append(" | ");
      text.append(flag.help().replace("|", "\\|")).append(" |\n");
    }
    list(style, true, "Flags of the original that are refused, with the reason:", text);
    list(style, false, "Flags of the original that are accepted and have no effect:", text);
    return text.toString();
  }

  private static void list(Style style, boolean refused, String title, StringBuilder text) {
    var flags = new TreeMap<>(style.absent());
    flags.values().removeIf(flag -> flag.refused() != refused);
    if (flags.isEmpty()) {
      return;
    }
    text.append('\n').append(title).append("\n\n");
    flags.forEach((name, flag) -> {
      text.append("- `--").append(name).append("`: ").append(flag.why());
      if (!flag.harmless().isEmpty()) {
        text.append(" (accepted: ")
            .append(String.join(", ", flag.harmless().stream().sorted().toList()))
            .append(')');
      }
      text.append('\n');
    });
  }

  private static void wrap(String help, StringBuilder text) {
    int column = 0;
    for (var word : help.strip().split("\\s+")) {
      if (column == 0 || column + word.length() > 94) {
        text.append(column == 0 ? "" : "\n").append("      ");
        column = 0;
      } else {
        text.append(' ');
      }
      text.append(word);
      column += word.length() + 1;
    }
    text.append('\n');
  }

  private static void fromArguments(
      List<Declared> flags,
      Style style,
      List<String> args,
      Map<String, String> values,
      List<String> problems,
      Consumer<String> warnings) {
    Set<String> given = new HashSet<>();
    for (int i = 0; i < args.size(); i++) {
      var arg = args.get(i);
      if (!arg.startsWith("--") || arg.length() == 2) {
        problems.add("'" + arg + "': unexpected argument (expected: --name=value)");
        continue;
      }
      int equals = arg.indexOf('=');
      var name = equals < 0 ? arg.substring(2) : arg.substring(2, equals);
      String value = equals < 0 ? null : arg.substring(equals + 1);
      var flag = find(flags, name);
      if (flag == null && value == null) {
        flag = negated(flags, style, name);
        value = flag == null ? null : "false";
      }
      if (flag == null) {
        var absent = absent(style, name);
        if (absent == null) {
          problems.add("--" + name + ": " + unknown(flags, style, name));
        } else if (absent.refuses(absentValue(style, name, value, args, i))) {
          problems.add("--" + name + ": " + absent.why());
        } else {
          warnings.accept("--" + name + " has no effect: " + absent.why());
        }
        if (style.spaced()
            && equals < 0
            && i + 1 < args.size()
            && !args.get(i + 1).startsWith("--")) {
          i++; // its value, not another mistake
        }
        continue;
      }
      if (value == null && flag.type() == boolean.class) {
        value = "true";
      } else if (value == null && style.spaced() && i + 1 < args.size()) {
        value = args.get(++i);
      }
      if (value == null) {
        problems.add("--" + name + " has no value (expected: --" + name + "=value)");
      } else if (!given.add(flag.name())) {
        problems.add("--" + name + " is given more than once");
      } else {
        values.put(flag.name(), value);
      }
    }
  }

  private static void fromEnvironment(
      List<Declared> flags,
      Style style,
      Map<String, String> environment,
      Map<String, String> values) {
    for (var prefix : style.environment()) {
      for (var flag : flags) {
        for (var name : flag.names()) {
          var value = environment.get(prefix + name.toUpperCase(Locale.ROOT));
          if (value != null) {
            values.putIfAbsent(flag.name(), value);
          }
        }
      }
    }
  }

  private static @Nullable Declared find(List<Declared> flags, String name) {
    return flags.stream().filter(flag -> flag.names().contains(name)).findFirst().orElse(null);
  }

  private static @Nullable Declared negated(List<Declared> flags, Style style, String name) {
    var prefixes = style.spaced() ? List.of("no-", "disable_") : List.of("no-");
    for (var prefix : prefixes) {
      var flag = name.startsWith(prefix) ? find(flags, name.substring(prefix.length())) : null;
      if (flag != null && flag.type() == boolean.class) {
        return flag;
      }
    }
    return null;
  }

  /// The flag of the original that `name`, or `no-name`, is.
  private static @Nullable Absent absent(Style style, String name) {
    var flag = style.absent().get(name);
    return flag != null || positive(style, name) == null
        ? flag
        : style.absent().get(positive(style, name));
  }

  private static @Nullable String positive(Style style, String name) {
    if (name.startsWith("no-")) {
      return name.substring("no-".length());
    }
    return style.spaced() && name.startsWith("disable_")
        ? name.substring("disable_".length())
        : null;
  }

  private static String absentValue(
      Style style, String name, @Nullable String value, List<String> args, int i) {
    if (value != null) {
      return value;
    }
    if (!style.absent().containsKey(name)) {
      return "false"; // --no-name
    }
    boolean next = style.spaced() && i + 1 < args.size() && !args.get(i + 1).startsWith("--");
    return next ? args.get(i + 1) : "true";
  }

  private static String unknown(List<Declared> flags, Style style, String name) {
    var names = new ArrayList<>(flags.stream().flatMap(flag -> flag.names().stream()).toList());
    names.addAll(style.absent().keySet());
    return "unknown flag"
        + Nearest.of(name, names)
            .map(other -> ", did you mean --" + other + "?")
            .orElse("; --help lists them");
  }

  private static Object value(Declared flag, @Nullable String given) {
    var text = given != null ? given : flag.defaultOrNull();
    if (flag.optional()) {
      return text == null ? Optional.empty() : Optional.of(convert(flag.type(), text));
    }
    if (text == null) {
      if (flag.type() == boolean.class) {
        return false;
      }
      throw new IllegalArgumentException("expected: " + flag.help());
    }
    return convert(flag.type(), text);
  }

  private static Object convert(Class<?> type, String given) {
    var text = given;
    if (text.startsWith("file://")) {
      text =
          type == Path.class
              ? text.substring("file://".length())
              : contents(text.substring("file://".length()));
    }
    if (type == String.class) {
      return text;
    } else if (type == boolean.class || type == Boolean.class) {
      return switch (text) {
        case "true", "1" -> true;
        case "false", "0" -> false;
        default -> throw new IllegalArgumentException("expected true or false");
      };
    } else if (type == Duration.class) {
      return Durations.parse(text);
    } else if (type == Bytes.class) {
      return Bytes.parse(text);
    } else if (type == Path.class) {
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("expected a path", e);
      }
    } else if (type == List.class) {
      return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
    }
    try {
      if (type == int.class || type == Integer.class) {
        return Integer.parseInt(text.strip());
      } else if (type == long.class || type == Long.class) {
        return Long.parseLong(text.strip());
      } else if (type == double.class || type == Double.class) {
        return Double.parseDouble(text.strip());
      }
    } catch (NumberFormatException e) {
      var kind = type == double.class || type == Double.class ? "a number" : "a whole number";
      throw new IllegalArgumentException("expected " + kind, e);
    }
    throw new IllegalStateException("flags of type " + type + " are not supported");
  }

  private static String contents(String path) {
    try {
      return Files.readString(Path.of(path)).strip();
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException(
          "cannot read " + path + " (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  private static @Nullable String print(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Optional<?> optional -> print(optional.orElse(null));
      case Duration duration -> Durations.print(duration);
      case List<?> list -> String.join(",", list.stream().map(String::valueOf).toList());
      default -> value.toString();
    };
  }

  private static Object get(Record flags, RecordComponent component) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(flags);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <R extends Record> R construct(
      Class<R> type, RecordComponent[] components, Object[] fields, Style style)
      throws FlagException {
    try {
      var constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(fields);
    } catch (InvocationTargetException e) {
      // A compact constructor checks what concerns several flags.
      if (e.getCause() instanceof Checks.Failed failed) {
        throw new FlagException(failed.problems());
      }
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        throw new FlagException(List.of(String.valueOf(wrong.getMessage())));
      }
      throw new IllegalStateException(style.program(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
