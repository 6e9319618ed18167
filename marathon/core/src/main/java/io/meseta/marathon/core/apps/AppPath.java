// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Ids of apps and groups: absolute paths such as `/shop/db`; the root is `/`.
public final class AppPath {
  private AppPath() {}

  /// The absolute form of `id`, seen from the group `base`: doubled and trailing slashes go, `.`
  /// and `..` are resolved.
  public static String absolute(String id, String base) {
    var segments = new ArrayDeque<String>();
    if (!id.startsWith("/")) {
      segments.addAll(segments(base));
    }
    for (var segment : segments(id)) {
      switch (segment) {
        case "." -> {}
        case ".." -> segments.pollLast();
        default -> segments.add(segment);
      }
    }
    return "/" + String.join("/", segments);
  }

  /// The names between the slashes.
  public static List<String> segments(String path) {
    var segments = new ArrayList<String>();
    for (var segment : path.split("/")) {
      if (!segment.isEmpty()) {
        segments.add(segment);
      }
    }
    return segments;
  }

  /// The group an absolute path is in; the root's is the root.
  public static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  /// Whether `path` lies below the group `group`, at any depth.
  public static boolean within(String path, String group) {
    return group.equals("/") ? !path.equals("/") : path.startsWith(group + "/");
  }

  /// The name of the group below the root that `path` is in, or of `path` itself when it has only
  /// one segment.
  public static String top(String path) {
    var segments = segments(path);
    return segments.isEmpty() ? "" : segments.getFirst();
  }

  /// `/shop/db` as `db.shop`, the name of its tasks.
  public static String hostname(String path) {
    var segments = segments(path);
    Collections.reverse(segments);
    return String.join(".", segments);
  }

  /// `/shop/db` as `shop_db`, the beginning of its tasks' ids.
  public static String safe(String path) {
    return String.join("_", segments(path));
  }
}
