// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// Protobuf messages to and from JSON, as Mesos does it.
///
/// On input keys that are not fields are ignored, `null` leaves a field unset, numbers and truth
/// values may come as strings, one value is taken where a list is expected, and an enum name that
/// we do not know leaves an optional field unset. Missing required fields are found at the end.
public final class Json {
  /// How deep a document may nest; deeper ones are refused before they can exhaust the stack.
  public static final int MAX_DEPTH = 200;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(400)
                  .build())
          .build();

  /// What a string may say where a number is expected.
  private static final Pattern NUMBER =
      Pattern.compile("-?(Infinity|[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?)");

  private final JsonParser in;

  private Json(JsonParser in) {
    this.in = in;
  }

  /// `message` as UTF-8 text, fields in the order of the `.proto` file.
  public static byte[] write(Message message) {
    return new JsonOut().message(message).bytes();
  }

  /// `message` as UTF-8 text, fields in alphabetical order at every level.
  public static byte[] writeSorted(Message message) {
    return JsonOut.sorted().message(message).bytes();
  }

  /// Reads `json` into `builder` and returns it.
  ///
  /// @throws JsonException with the message for the client
  public static <B extends Message.Builder> B parse(byte[] json, B builder) throws JsonException {
    var type = builder.getDescriptorForType();
    try (var parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      var token = parser.nextToken();
      if (token == null) {
        throw syntax("the body is empty", 1);
      }
      if (token != JsonToken.START_OBJECT) {
        parser.skipChildren();
        throw conversion(type, "Expecting a JSON object");
      }
      new Json(parser).object(builder, type);
      if (parser.nextToken() != null) {
        throw syntax(
            "more text after the end of the object", parser.currentTokenLocation().getLineNr());
      }
    } catch (JacksonException e) {
      var where = e.getLocation();
      throw syntax(JsonErrors.plain(e), where == null ? 1 : where.getLineNr());
    }
    var missing = builder.findInitializationErrors();
    if (!missing.isEmpty()) {
      throw conversion(type, "Missing required fields: " + String.join(", ", missing));
    }
    return builder;
  }

  private static JsonException syntax(String detail, int line) {
    var text = detail == null ? "unexpected end" : detail.lines().findFirst().orElse("");
    return new JsonException(
        JsonException.Kind.SYNTAX,
        "Failed to parse body into JSON: syntax error at line " + line + " near: " + text);
  }

  private static JsonException conversion(Descriptor type, String detail) {
    return new JsonException(
        JsonException.Kind.CONVERSION,
        "Failed to convert JSON into " + type.getName() + " protobuf: " + detail);
  }

  /// The parser stands at `{`; leaves it at the matching `}`.
  private void object(Message.Builder builder, Descriptor root) throws JsonException {
    var plan = Plan.of(builder.getDescriptorForType());
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      var field = plan.field(in.currentName());
      var token = in.nextToken();
      if (field == null) {
        in.skipChildren();
      } else if (field.isMapField() && token == JsonToken.START_OBJECT) {
        map(builder, field, root);
      } else if (token == JsonToken.START_ARRAY) {
        if (!field.isRepeated()) {
          throw unexpected(root, "array", field);
        }
        while (in.nextToken() != JsonToken.END_ARRAY) {
          element(builder, field, root);
        }
      } else {
        element(builder, field, root);
      }
    }
  }

  private void map(Message.Builder builder, FieldDescriptor field, Descriptor root)
      throws JsonException {
    var entryType = field.getMessageType();
    var keyField = entryType.findFieldByNumber(1);
    var valueField = entryType.findFieldByNumber(2);
    Map<Object, Message> entries = new HashMap<>(); // a key that comes twice: the last one counts
    var prototype = builder.newBuilderForField(field);
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      var key = in.currentName();
      in.nextToken();
      var entry = prototype.getDefaultInstanceForType().newBuilderForType();
      entry.setField(keyField, key);
      if (in.currentToken() == JsonToken.START_OBJECT
          && valueField.getType() == FieldDescriptor.Type.MESSAGE) {
        var value = entry.newBuilderForField(valueField);
        object(value, root);
        entry.setField(valueField, value.buildPartial());
      } else {
        var value = scalar(valueField, root);
        if (value == null) {
          continue;
        }
        entry.setField(valueField, value);
      }
      entries.put(key, entry.buildPartial());
    }
    entries.values().forEach(entry -> builder.addRepeatedField(field, entry));
  }

  private void element(Message.Builder builder, FieldDescriptor field, Descriptor root)
      throws JsonException {
    if (in.currentToken() == JsonToken.START_OBJECT) {
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || field.isMapField()) {
        throw unexpected(root, "object", field);
      }
      var child = builder.newBuilderForField(field);
      if (!field.isRepeated() && builder.hasField(field)) {
        child.mergeFrom((Message) builder.getField(field));
      }
      object(child, root);
      set(builder, field, child.buildPartial());
      return;
    }
    var value = scalar(field, root);
    if (value != null) {
      set(builder, field, value);
    }
  }

  private static void set(Message.Builder builder, FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      builder.addRepeatedField(field, value);
    } else {
      builder.setField(field, value);
    }
  }

  /// The value of a field that is not a message; null when it stays unset.
  private @Nullable Object scalar(FieldDescriptor field, Descriptor root) throws JsonException {
    return switch (in.currentToken()) {
      case VALUE_NULL -> null;
      case VALUE_TRUE, VALUE_FALSE -> {
        if (field.getType() != FieldDescriptor.Type.BOOL) {
          throw unexpected(root, "boolean", field);
        }
        yield in.getBooleanValue();
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(field, in.getString(), root, true);
      case VALUE_STRING -> string(field, in.getString(), root);
      case START_ARRAY -> throw unexpected(root, "array", field);
      default -> throw unexpected(root, "object", field);
    };
  }

  private static @Nullable Object string(FieldDescriptor field, String text, Descriptor root)
      throws JsonException {
    return switch (field.getType()) {
      case STRING -> text;
      case BYTES -> {
        try {
          yield ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
          throw conversion(
              root,
              "Failed to base64 decode bytes field '" + field.getName() + "': " + e.getMessage());
        }
      }
      case ENUM -> {
        var value = field.getEnumType().findValueByName(text);
        if (value == null && field.isRequired()) {
          throw conversion(root, "Failed to find enum for '" + text + "'");
        }
        yield value;
      }
      case BOOL ->
          switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw conversion(
                    root,
                    "Failed to parse '"
                        + text
                        + "' as a JSON boolean for field '"
                        + field.getName()
                        + "'");
          };
      case MESSAGE -> {
        var duration =
            field.getMessageType().getFullName().equals(TextDuration.TYPE)
                ? TextDuration.parse(text)
                : null;
        if (duration == null) {
          throw unexpected(root, "string", field);
        }
        yield duration;
      }
      case GROUP -> throw unexpected(root, "string", field);
      default -> number(field, text.strip(), root, false);
    };
  }

  private static Object number(
      FieldDescriptor field, String text, Descriptor root, boolean wasNumber) throws JsonException {
    try {
      if (!wasNumber && !NUMBER.matcher(text).matches()) {
        throw new NumberFormatException(text);
      }
      return switch (field.getType()) {
        case DOUBLE -> Double.valueOf(text);
        case FLOAT -> Float.valueOf(text);
        case INT32, SINT32, SFIXED32 -> whole(root, field, text, INT32).intValue();
        case UINT32, FIXED32 -> whole(root, field, text, UINT32).intValue();
        case INT64, SINT64, SFIXED64 -> whole(root, field, text, INT64).longValue();
        case UINT64, FIXED64 -> whole(root, field, text, UINT64).longValue();
        default -> throw unexpected(root, wasNumber ? "number" : "string", field);
      };
    } catch (NumberFormatException e) {
      throw conversion(
          root,
          "Failed to parse '" + text + "' as a JSON number for field '" + field.getName() + "'");
    }
  }

  private record Range(BigInteger least, BigInteger most) {
    static Range bits(int bits) {
      return new Range(
          BigInteger.TWO.pow(bits - 1).negate(),
          BigInteger.TWO.pow(bits - 1).subtract(BigInteger.ONE));
    }

    static Range unsigned(int bits) {
      return new Range(BigInteger.ZERO, BigInteger.TWO.pow(bits).subtract(BigInteger.ONE));
    }

    boolean holds(BigInteger value) {
      return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
    }
  }

  private static final Range INT32 = Range.bits(32);
  private static final Range INT64 = Range.bits(64);
  private static final Range UINT32 = Range.unsigned(32);
  private static final Range UINT64 = Range.unsigned(64);

  /// A fraction is cut off, as in the original; what does not fit is refused, where the original
  /// takes another number for it.
  private static Number whole(Descriptor root, FieldDescriptor field, String text, Range range)
      throws JsonException {
    if (text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Integer.parseInt(text); // nearly always; it fits everywhere
    }
    // The digits of 1e999999999 would fill the memory, and those of 1e-999999999 too.
    double about = Double.parseDouble(text);
    if (Math.abs(about) < 1) {
      return 0;
    }
    if (Math.abs(about) < 1e20) {
      var value =
          (text.length() <= 40 ? new BigDecimal(text) : new BigDecimal(about)).toBigInteger();
      if (range.holds(value)) {
        return value;
      }
    }
    throw conversion(
        root,
        "Expecting a number from "
            + range.least
            + " to "
            + range.most
            + " for field '"
            + field.getName()
            + "', not "
            + text);
  }

  private static JsonException unexpected(Descriptor root, String found, FieldDescriptor field) {
    return conversion(
        root, "Not expecting a JSON " + found + " for field '" + field.getName() + "'");
  }
}
