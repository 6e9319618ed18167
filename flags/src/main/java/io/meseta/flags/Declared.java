// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One flag as its record declares it.
record Declared(
    String name,
    List<String> aliases,
    Class<?> type,
    boolean optional,
    String rawDefault,
    String help,
    boolean secret) {
  static List<Declared> of(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents()).map(Declared::of).toList();
  }

  static Declared of(RecordComponent component) {
    var flag = component.getAnnotation(Flag.class);
    if (flag == null) {
      throw new IllegalStateException(component + " has no @Flag");
    }
    boolean optional = component.getType() == Optional.class;
    Class<?> type = component.getType();
    if (optional) {
      var argument = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      type =
          (Class<?>)
              (argument instanceof ParameterizedType generic ? generic.getRawType() : argument);
    }
    var name = flag.name().isEmpty() ? snake(component.getName()) : flag.name();
    return new Declared(
        name,
        List.of(flag.aliases()),
        type,
        optional,
        flag.defaultValue(),
        flag.help(),
        flag.secret());
  }

  /// Its name and its older ones.
  List<String> names() {
    return java.util.stream.Stream.concat(java.util.stream.Stream.of(name), aliases.stream())
        .toList();
  }

  @Nullable String defaultOrNull() {
    return rawDefault.equals(Flag.NONE) ? null : rawDefault;
  }

  boolean required() {
    return defaultOrNull() == null && !optional && type != boolean.class;
  }

  String defaultText() {
    var text = defaultOrNull();
    return text == null
        ? (type == boolean.class && !optional ? "false" : "")
        : text.isEmpty() ? "none" : text;
  }

  private static String snake(String camel) {
    return camel.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
