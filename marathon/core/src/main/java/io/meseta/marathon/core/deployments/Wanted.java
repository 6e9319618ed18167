// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.deployments;

import io.meseta.marathon.core.apps.App;

/// What is wanted of an app at a moment.
public sealed interface Wanted {
  /// So many instances of any configuration; new ones of this.
  record Count(App app, int instances) implements Wanted {}

  /// All instances of this configuration, replaced little by little.
  record Replace(App app, Rolling rolling) implements Wanted {}

  /// No instances.
  record None() implements Wanted {}

  /// As it is: another step of its deployment comes first.
  record Hold() implements Wanted {}
}
