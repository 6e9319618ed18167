// SPDX-License-Identifier: Apache-2.0
package io.meseta.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Names the rows of the feature tables that a test proves: it fails when the feature is missing.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Covers {
  /// Row ids such as `S01`, `M-APP-05`, `C-SCH-03`.
  String[] value();
}
