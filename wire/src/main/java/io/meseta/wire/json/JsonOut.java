// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.ProtocolMessageEnum;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;

/// Writes JSON documents: hand-written ones (`/state`) member by member, protobuf messages whole.
///
/// Not thread-safe. Every `object`/`array` is ended by [#end]; [#bytes] ends the document.
public final class JsonOut {
  private static final Comparator<Plan.Field> BY_NAME =
      Comparator.comparing(f -> f.descriptor().getName());

  /// Pieces from this size on become part of the document as they are; smaller ones are copied.
  private static final int SHARED = 4096;

  private final Chunks out = new Chunks();
  private final boolean sorted;

  /// What ends each open object and array, the innermost last.
  private byte[] ends = new byte[32];

  private int depth;

  /// Whether something stands before the next value in the current object or array.
  private boolean preceded;

  /// A new document in memory.
  public JsonOut() {
    this(false);
  }

  private JsonOut(boolean sorted) {
    this.sorted = sorted;
  }

  /// A document whose messages have their fields in alphabetical order, as the ZooKeeper payload
  /// and `/monitor/statistics` have.
  public static JsonOut sorted() {
    return new JsonOut(true);
  }

  /// The inside of an array: elements with commas between them.
  public static JsonOut elements() {
    var result = new JsonOut(false);
    result.depth = 1;
    return result;
  }

  private void name(String name) {
    name(Names.of(name));
  }

  private void name(byte[] encoded) {
    if (preceded) {
      out.write(',');
    }
    out.write(encoded);
    preceded = false;
  }

  /// A value follows.
  private void before() {
    if (preceded && depth > 0) {
      out.write(',');
    }
    preceded = true;
  }

  private void open(char begin, char end) {
    before();
    out.write(begin);
    if (depth == ends.length) {
      ends = Arrays.copyOf(ends, depth * 2);
    }
    ends[depth++] = (byte) end;
    preceded = false;
  }

  private void text(String value) {
    before();
    Strings.write(out, value);
  }

  private void ascii(String value) {
    before();
    out.writeAscii(value);
  }

  /// Begins an object as the document, or as an element of the current array.
  public JsonOut object() {
    open('{', '}');
    return this;
  }

  /// Begins an object as member `name`.
  public JsonOut object(String name) {
    name(name);
    open('{', '}');
    return this;
  }

  /// Begins an array as the document, or as an element of the current array.
  public JsonOut array() {
    open('[', ']');
    return this;
  }

  /// Begins an array as member `name`.
  public JsonOut array(String name) {
    name(name);
    open('[', ']');
    return this;
  }

  /// Ends the current object or array.
  public JsonOut end() {
    out.write(ends[--depth]);
    preceded = true;
    return this;
  }

  /// A text member.
  public JsonOut field(String name, String value) {
    name(name);
    text(value);
    return this;
  }

  /// A text as a member, as a message has it.
  public JsonOut field(String name, ByteString value) {
    name(name);
    before();
    Strings.write(out, value);
    return this;
  }

  /// A whole number as a member.
  public JsonOut field(String name, long value) {
    name(name);
    ascii(Long.toString(value));
    return this;
  }

  /// A number with a fraction as a member, `1.0` for one.
  public JsonOut field(String name, double value) {
    name(name);
    ascii(Numbers.text(value));
    return this;
  }

  /// A truth value as a member.
  public JsonOut field(String name, boolean value) {
    name(name);
    ascii(value ? "true" : "false");
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
      text(value);
    }
    return end();
  }

  /// `null` as a member.
  public JsonOut nullField(String name) {
    name(name);
    ascii("null");
    return this;
  }

  /// A text as an element.
  public JsonOut value(String value) {
    text(value);
    return this;
  }

  /// A whole number as an element.
  public JsonOut value(long value) {
    ascii(Long.toString(value));
    return this;
  }

  /// A number with a fraction as an element.
  public JsonOut value(double value) {
    ascii(Numbers.text(value));
    return this;
  }

  /// A message as the document or as an element.
  public JsonOut message(Message message) {
    write(message);
    return this;
  }

  /// Text that is JSON already, as the value of member `name`.
  public JsonOut raw(String name, byte[] json) {
    name(name);
    before();
    out.write(json);
    return this;
  }

  /// A part of what is JSON already: one element, or several with commas between them.
  public JsonOut raw(byte[] json, int from, int to) {
    before();
    out.write(json, from, to - from);
    return this;
  }

  /// As [#raw(byte[], int, int)], without a copy when it is long: nobody may change it.
  public JsonOut raw(byte[] json) {
    if (json.length < SHARED) {
      return raw(json, 0, json.length);
    }
    before();
    out.share(json);
    return this;
  }

  /// How many bytes were written.
  public long size() {
    return out.size();
  }

  /// Ends the document.
  public byte[] bytes() {
    return out.toByteArray();
  }

  /// Ends the document; all its bytes, one piece after the other.
  public List<byte[]> parts() {
    return out.parts();
  }

  private void write(Message message) {
    write(message, Plan.of(message.getDescriptorForType()));
  }

  private void write(Message message, Plan plan) {
    open('{', '}');
    var fields = plan.fields(message);
    if (sorted) {
      fields = fields.stream().sorted(BY_NAME).toList();
    }
    for (var field : fields) {
      var descriptor = field.descriptor();
      if (!descriptor.isRepeated()) {
        if (field.getters().has().test(message) || field.always()) {
          name(field.name());
          writeValue(field, descriptor, field.getters().get().apply(message));
        }
        continue;
      }
      var values = (List<?>) field.getters().get().apply(message);
      if (field.always() || !values.isEmpty()) {
        name(field.name());
        writeRepeated(values, field, descriptor);
      }
    }
    end();
  }

  private void writeRepeated(List<?> values, Plan.Field plan, FieldDescriptor field) {
    if (!field.isMapField()) {
      open('[', ']');
      for (int i = 0; i < values.size(); i++) {
        writeValue(plan, field, values.get(i));
      }
      end();
      return;
    }
    open('{', '}');
    var valueField = field.getMessageType().findFieldByNumber(2);
    var valuePlan = Plan.of(field.getMessageType()).fields().get(1);
    values.stream()
        .map(entry -> (MapEntry<?, ?>) entry)
        .sorted(Comparator.comparing(entry -> String.valueOf(entry.getKey())))
        .forEach(entry -> {
          name(Names.encode(String.valueOf(entry.getKey())));
          writeValue(valuePlan, valueField, entry.getValue());
        });
    end();
  }

  private void writeValue(Plan.Field plan, FieldDescriptor field, Object value) {
    switch (field.getType()) {
      case MESSAGE, GROUP -> write((Message) value, plan.messages());
      case STRING -> {
        if (value instanceof ByteString bytes) {
          before();
          Strings.write(out, bytes);
        } else {
          text((String) value);
        }
      }
      case BYTES -> text(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
      case ENUM -> text(enumName(value));
      case BOOL -> ascii(value.toString());
      case DOUBLE -> ascii(Numbers.text((Double) value));
      case FLOAT -> ascii(Numbers.text(((Float) value).doubleValue()));
      case UINT32, FIXED32 -> ascii(Integer.toUnsignedString((Integer) value));
      case UINT64, FIXED64 -> ascii(Long.toUnsignedString((Long) value));
      case INT32, SINT32, SFIXED32, INT64, SINT64, SFIXED64 -> ascii(value.toString());
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
