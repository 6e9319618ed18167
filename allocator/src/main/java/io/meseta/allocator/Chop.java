// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Amount;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/// Makes scalars fit.
final class Chop {
  private Chop() {}

  /// At most so many thousandths of each name. A disk that is one piece is taken whole or not at
  /// all.
  static Resources to(Resources scalars, ToLongFunction<String> most) {
    Map<String, Long> left = new HashMap<>(); // only looked up
    var result = new ArrayList<ResourceItem>(scalars.items().size());
    boolean all = true;
    for (var item : scalars.items()) {
      var name = item.key().name();
      long room = left.computeIfAbsent(name, most::applyAsLong);
      long amount = ((Amount.Scalar) item.amount()).thousandths();
      if (amount <= room) {
        result.add(item);
        left.put(name, room - amount);
      } else {
        all = false;
        if (room > 0 && !item.key().exclusive()) {
          result.add(ResourceItem.of(item.key(), new Amount.Scalar(room)));
          left.put(name, 0L);
        }
      }
    }
    return all ? scalars : Resources.of(result);
  }
}
