// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.util.function.Supplier;

/// An invariant does not hold.
public final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Broken(String what) {
    super(what);
  }

  static void unless(boolean holds, String what) {
    if (!holds) {
      throw new Broken(what);
    }
  }

  /// As above, for texts that are long to write.
  static void unless(boolean holds, Supplier<String> what) {
    if (!holds) {
      throw new Broken(what.get());
    }
  }
}
