// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The short form of resources in documents such as `/state`: one number or string per name. The
/// four usual scalars are always there; revocable resources have `_revocable` after their name;
/// disks of every kind are one sum.
public final class ResourceSummary {
  private static final List<String> ALWAYS = List.of("cpus", "gpus", "mem", "disk");

  private ResourceSummary() {}

  /// From name to a `Double` (scalars) or a `String` (ranges and sets).
  public static Map<String, Object> of(Resources resources) {
    var scalars = new TreeMap<String, Long>();
    var others = new TreeMap<String, List<Amount>>();
    for (var item : resources.items()) {
      var name = item.key().name() + (item.key().revocable() ? "_revocable" : "");
      if (item.amount() instanceof Amount.Scalar(long thousandths)) {
        scalars.merge(name, thousandths, Long::sum);
      } else {
        others.computeIfAbsent(name, n -> new ArrayList<>()).add(item.amount());
      }
    }
    var result = new LinkedHashMap<String, Object>();
    for (var name : ALWAYS) {
      result.put(name, Thousandths.toDouble(scalars.getOrDefault(name, 0L)));
    }
    scalars.forEach((name, sum) -> result.put(name, Thousandths.toDouble(sum)));
    others.forEach((name, amounts) ->
        result.put(name, amounts.stream().reduce(Amount::plus).orElseThrow().toString()));
    return result;
  }

  /// From name to a `Double`, without the four that are always there.
  public static Map<String, Object> of(Quantities quantities) {
    var result = new LinkedHashMap<String, Object>();
    for (int i = 0; i < quantities.size(); i++) {
      result.put(quantities.name(i), Thousandths.toDouble(quantities.amount(i)));
    }
    return result;
  }
}
