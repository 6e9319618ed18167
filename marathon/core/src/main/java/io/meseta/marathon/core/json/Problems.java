// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/// What is wrong with a document, by path.
public final class Problems {
  private final LinkedHashMap<String, List<String>> byPath = new LinkedHashMap<>();

  /// Notes one problem; `path` is `/` for the document itself.
  public void add(String path, String problem) {
    var texts = byPath.computeIfAbsent(path.isEmpty() ? "/" : path, key -> new ArrayList<>());
    if (!texts.contains(problem)) {
      texts.add(problem);
    }
  }

  /// Notes `problem` unless `holds`.
  public void check(boolean holds, String path, String problem) {
    if (!holds) {
      add(path, problem);
    }
  }

  public boolean isEmpty() {
    return byPath.isEmpty();
  }

  /// The problems in the order found.
  public SequencedMap<String, List<String>> all() {
    return byPath;
  }

  /// `{"message":…,"details":[{"path":…,"errors":[…]}]}`
  public ObjectNode document(String message) {
    var document = Docs.object();
    document.put("message", message);
    var details = document.putArray("details");
    byPath.forEach((path, errors) -> {
      var detail = details.addObject();
      detail.put("path", path);
      var list = detail.putArray("errors");
      errors.forEach(list::add);
    });
    return document;
  }
}
