// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.deployments;

import io.meseta.marathon.core.apps.App;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Which app comes after which. Walks the dependencies once, without recursion: chains of thousands
/// of apps are nothing special.
final class Order {
  private Order() {}

  /// For each app how many others come before it in a row: 0 without dependencies among `apps`.
  /// Apps of a circle, and those that depend on one, are left out.
  static Map<String, Integer> depths(
      Map<String, App> apps, Function<App, Set<String>> dependencies) {
    var waitsFor = new HashMap<String, Integer>();
    var followers = new HashMap<String, List<String>>();
    var ready = new ArrayDeque<String>();
    var depths = new TreeMap<String, Integer>();
    apps.forEach((id, app) -> {
      int count = 0;
      for (var dependency : dependencies.apply(app)) {
        if (apps.containsKey(dependency)) {
          followers.computeIfAbsent(dependency, each -> new ArrayList<>()).add(id);
          count++;
        }
      }
      waitsFor.put(id, count);
      if (count == 0) {
        ready.add(id);
      }
    });
    var reached = new HashMap<String, Integer>();
    for (String id; (id = ready.poll()) != null; ) {
      int depth = reached.getOrDefault(id, 0);
      depths.put(id, depth);
      for (var follower : followers.getOrDefault(id, List.of())) {
        reached.merge(follower, depth + 1, Math::max);
        if (waitsFor.merge(follower, -1, Integer::sum) == 0) {
          ready.add(follower);
        }
      }
    }
    return depths;
  }
}
