// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.registry;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The records that one transaction writes and deletes: the last word on each key counts.
final class RegistryBatch {
  private final Map<String, ByteString> puts = new LinkedHashMap<>();
  private final Set<String> deletes = new LinkedHashSet<>();
  private int bytes;

  void put(String key, ByteString record) {
    deletes.remove(key);
    puts.put(key, record);
    bytes += key.length() + record.size();
  }

  void delete(String key) {
    puts.remove(key);
    deletes.add(key);
    bytes += key.length();
  }

  int bytes() {
    return bytes;
  }

  Map<String, ByteString> puts() {
    return new LinkedHashMap<>(puts);
  }

  List<String> deletes() {
    return new ArrayList<>(deletes);
  }
}
