// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// One flag: a component of a record. Types: String, boolean, int, long, double, Duration, [Bytes],
/// Path, `List<String>` (comma separated) and `Optional` of each of them.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Flag {
  /// Stands for "no default": the flag must be given, unless it is Optional or boolean.
  String NONE = "\0";

  /// The name after the two hyphens; by default the component's own, `httpPort` as `http_port`.
  String name() default "";

  /// Older names that still work.
  String[] aliases() default {};

  /// Used when the flag is given nowhere.
  String defaultValue() default NONE;

  /// What it does, with units; a sentence or two.
  String help();

  /// Whether the value must never be printed.
  boolean secret() default false;
}
