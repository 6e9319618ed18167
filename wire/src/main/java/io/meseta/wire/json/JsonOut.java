// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.ProtocolMessageEnum;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/// Writes JSON documents: hand-written ones (`/state`) member by member, protobuf messages whole.
///
/// Not thread-safe. Every `object`/`array` is ended by [#end]; [#bytes] ends the document.
public final class JsonOut {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final Comparator<Plan.Field> BY_NAME =
      Comparator.comparing(f -> f.descriptor().getName());

  private final Chunks buffer;
  private final JsonGenerator out;
  private final boolean sorted;

  /// Names of members of hand-written documents, encoded once; there are some hundreds of them.
  private static final Map<String, SerializedString> NAMES = new ConcurrentHashMap<>();

  private static final int MAX_NAMES = 2_000;

  private void name(String name) {
    var encoded = NAMES.get(name);
    if (encoded != null) {
      out.writeName(encoded);
      return;
    }
    if (NAMES.size() < MAX_NAMES) { // some names are data
      NAMES.put(name, new SerializedString(name));
    }
    out.writeName(name);
  }

  /// A new document in memory.
  public JsonOut() {
    this(false);
  }

  private JsonOut(boolean sorted) {
    this.buffer = new Chunks();
    this.out = FACTORY.createGenerator(ObjectWriteContext.empty(), (OutputStream) buffer);
    this.sorted = sorted;
  }

  /// A document whose messages have their fields in alphabetical order, as the ZooKeeper payload
  /// and `/monitor/statistics` have.
  public static JsonOut sorted() {
    return new JsonOut(true);
  }

  /// Begins an object as the document, or as an element of the current array.
  public JsonOut object() {
    out.writeStartObject();
    return this;
  }

  /// Begins an object as member `name`.
  public JsonOut object(String name) {
    name(name);
    out.writeStartObject();
    return this;
  }

  /// Begins an array as the document, or as an element of the current array.
  public JsonOut array() {
    out.writeStartArray();
    return this;
  }

  /// Begins an array as member `name`.
  public JsonOut array(String name) {
    name(name);
    out.writeStartArray();
    return this;
  }

  /// Ends the current object or array.
  public JsonOut end() {
    if (out.streamWriteContext().inObject()) {
      out.writeEndObject();
    } else {
      out.writeEndArray();
    }
    return this;
  }

  /// A text member.
  public JsonOut field(String name, String value) {
    name(name);
    out.writeString(value);
    return this;
  }

  /// A whole number as a member.
  public JsonOut field(String name, long value) {
    name(name);
    out.writeNumber(value);
    return this;
  }

  /// A number with a fraction as a member, `1.0` for one.
  public JsonOut field(String name, double value) {
    name(name);
    out.writeRawValue(Numbers.text(value));
    return this;
  }

  /// A truth value as a member.
  public JsonOut field(String name, boolean value) {
    name(name);
    out.writeBoolean(value);
    return this;
  }

  /// A message as a member.
  public JsonOut field(String name, Message value) {
    name(name);
    write(value);
    return this;
  }

  /// A list of texts as a member.
  public JsonOut field(String name, Iterable<String> values) {
    array(name);
    for (var value : values) {
      out.writeString(value);
    }
    return end();
  }

  /// `null` as a member.
  public JsonOut nullField(String name) {
    name(name);
    out.writeNull();
    return this;
  }

  /// A text as an element.
  public JsonOut value(String value) {
    out.writeString(value);
    return this;
  }

  /// A whole number as an element.
  public JsonOut value(long value) {
    out.writeNumber(value);
    return this;
  }

  /// A number with a fraction as an element.
  public JsonOut value(double value) {
    out.writeRawValue(Numbers.text(value));
    return this;
  }

  /// A message as the document or as an element.
  public JsonOut message(Message message) {
    write(message);
    return this;
  }

  /// Text that is JSON already, as the value of member `name`.
  public JsonOut raw(String name, String json) {
    name(name);
    out.writeRawValue(json);
    return this;
  }

  /// Ends the document.
  public byte[] bytes() {
    out.close();
    return buffer.toByteArray();
  }

  private void write(Message message) {
    out.writeStartObject();
    var fields = Plan.of(message.getDescriptorForType()).fields(message);
    if (sorted) {
      fields = fields.stream().sorted(BY_NAME).toList();
    }
    for (var field : fields) {
      var descriptor = field.descriptor();
      if (!descriptor.isRepeated()) {
        if (field.getters().has().test(message) || field.always()) {
          out.writeName(field.name());
          writeValue(descriptor, field.getters().get().apply(message));
        }
        continue;
      }
      var values = (List<?>) field.getters().get().apply(message);
      if (field.always() || !values.isEmpty()) {
        out.writeName(field.name());
        writeRepeated(values, descriptor);
      }
    }
    out.writeEndObject();
  }

  private void writeRepeated(List<?> values, FieldDescriptor field) {
    if (!field.isMapField()) {
      out.writeStartArray();
      for (int i = 0; i < values.size(); i++) {
        writeValue(field, values.get(i));
      }
      out.writeEndArray();
      return;
    }
    out.writeStartObject();
    var valueField = field.getMessageType().findFieldByNumber(2);
    values.stream()
        .map(entry -> (MapEntry<?, ?>) entry)
        .sorted(Comparator.comparing(entry -> String.valueOf(entry.getKey())))
        .forEach(entry -> {
          out.writeName(String.valueOf(entry.getKey()));
          writeValue(valueField, entry.getValue());
        });
    out.writeEndObject();
  }

  private void writeValue(FieldDescriptor field, Object value) {
    switch (field.getType()) {
      case MESSAGE, GROUP -> write((Message) value);
      case STRING -> out.writeString((String) value);
      case BYTES ->
          out.writeString(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
      case ENUM -> out.writeString(enumName(value));
      case BOOL -> out.writeBoolean((Boolean) value);
      case DOUBLE -> out.writeRawValue(Numbers.text((Double) value));
      case FLOAT -> out.writeRawValue(Numbers.text(((Float) value).doubleValue()));
      case UINT32, FIXED32 -> out.writeNumber(Integer.toUnsignedLong((Integer) value));
      case UINT64, FIXED64 -> out.writeNumber(Long.toUnsignedString((Long) value));
      case INT32, SINT32, SFIXED32, INT64, SINT64, SFIXED64 ->
          out.writeNumber(((Number) value).longValue());
    }
  }

  private static String enumName(Object value) {
    // Reflection hands out descriptors, but bare numbers or constants for the values of maps.
    return switch (value) {
      case EnumValueDescriptor descriptor -> descriptor.getName();
      case ProtocolMessageEnum constant -> constant.getValueDescriptor().getName();
      default -> value.toString();
    };
  }
}
