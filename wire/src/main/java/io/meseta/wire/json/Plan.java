// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.SerializedString;

/// How to write and read messages of one type: looked up once per type, not once per message.
final class Plan {
  /// One field, with its name already encoded and whether an unset one is written all the same.
  record Field(FieldDescriptor descriptor, SerializedString name, boolean always) {}

  private static final Map<Descriptor, Plan> PLANS = new ConcurrentHashMap<>();

  private final List<Field> fields;
  private final Map<String, FieldDescriptor> byName = new HashMap<>();

  private Plan(Descriptor type) {
    fields =
        type.getFields().stream()
            .map(field ->
                new Field(
                    field,
                    new SerializedString(field.getName()),
                    field.hasDefaultValue() && !field.getOptions().getDeprecated()))
            .toList();
    for (var field : type.getFields()) {
      byName.put(field.getName(), field);
    }
  }

  static Plan of(Descriptor type) {
    var plan = PLANS.get(type);
    return plan != null ? plan : PLANS.computeIfAbsent(type, Plan::new);
  }

  /// In the order of the `.proto` file.
  List<Field> fields() {
    return fields;
  }

  @Nullable FieldDescriptor field(String name) {
    return byName.get(name);
  }
}
