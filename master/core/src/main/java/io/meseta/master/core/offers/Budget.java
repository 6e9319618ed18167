// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.offers;

import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.Resources;

/// What is left of the offers of one ACCEPT while its operations are applied in order.
///
/// A shared volume of the offers may be used by any number of tasks. A volume that was resized may
/// be used by the next ACCEPT only, as the original has it.
public final class Budget {
  private final Resources offered;
  private Resources left;
  private Resources shared;
  private Resources resized = Resources.EMPTY;

  Budget(Resources offered) {
    this.offered = offered;
    this.left = offered;
    this.shared = offered.shared();
  }

  /// What tasks may use: shared resources even when others of this call use them.
  public Resources forTasks() {
    return shared.isEmpty() ? left : left.nonShared().plus(shared);
  }

  /// Tasks use `needs`, which [#forTasks] contains. Gives the copies of shared resources that must
  /// be allocated beyond what was offered.
  public Resources take(Resources needs) {
    var more = needs.shared().minusAvailable(left.shared());
    for (var item : needs.shared().items()) {
      if (left.contains(item)) {
        more = more.filter(other -> !other.key().equals(item.key()));
      }
    }
    left = left.plus(more).minus(needs);
    return more;
  }

  /// An operation was applied.
  ///
  /// @param keep whether the result is kept from the operations that follow
  public void convert(String type, Conversion conversion, boolean keep) throws Invalid {
    if (!left.contains(conversion.consumed())) {
      throw new Invalid(
          "Invalid " + type + " operation: " + left + " does not contain " + conversion.consumed());
    }
    if (keep) {
      left = left.minus(conversion.consumed());
      resized = resized.plus(conversion.converted());
    } else {
      left = conversion.apply(left);
      shared = left.shared();
    }
  }

  /// What goes back when all operations are applied.
  Resources rest() {
    return left.plus(resized);
  }

  /// The part of it that operations have made: the framework wants to be offered that.
  Resources made() {
    return rest().minusAvailable(offered);
  }
}
