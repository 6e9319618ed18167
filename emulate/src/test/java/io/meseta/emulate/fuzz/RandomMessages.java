// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.SplittableRandom;

/// Messages with random content that a server can half understand: known ids, roles and names of
/// resources among long, empty and odd ones.
final class RandomMessages {
  private static final int MAX_DEPTH = 7;
  private static final List<String> ODD =
      List.of(
          "",
          " ",
          "*",
          "/",
          "../../etc/passwd",
          "a/b",
          "a\u0000b",
          "\u00e4\u00f6\ud83d\ude00",
          "x".repeat(300),
          "-1",
          "{}",
          "\"",
          "cpus:1",
          "http://[::1",
          "NaN");

  private final SplittableRandom random;
  private final List<String> known;

  /// @param known texts that mean something to the server
  RandomMessages(SplittableRandom random, List<String> known) {
    this.random = random;
    this.known = known;
  }

  /// A message of the kind of `prototype`; now and then without what is required.
  Message like(Message prototype) {
    var builder = prototype.newBuilderForType();
    fill(builder, 0);
    return builder.buildPartial();
  }

  private void fill(Message.Builder builder, int depth) {
    for (var field : builder.getDescriptorForType().getFields()) {
      boolean wanted =
          field.isRequired() ? random.nextInt(40) > 0 : random.nextInt(depth < 2 ? 3 : 6) == 0;
      if (!wanted || field.isMapField()) {
        continue;
      }
      if (field.isRepeated()) {
        int count = random.nextInt(3);
        for (int i = 0; i < count; i++) {
          var value = value(builder, field, depth);
          if (value != null) {
            builder.addRepeatedField(field, value);
          }
        }
      } else {
        var value = value(builder, field, depth);
        if (value != null) {
          builder.setField(field, value);
        }
      }
    }
  }

  private Object value(Message.Builder builder, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case INT -> (int) number();
      case LONG -> number();
      case FLOAT -> (float) real();
      case DOUBLE -> real();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> text();
      case BYTE_STRING -> ByteString.copyFrom(bytes(random.nextInt(20)));
      case ENUM ->
          field
              .getEnumType()
              .getValues()
              .get(random.nextInt(field.getEnumType().getValues().size()));
      case MESSAGE -> {
        if (depth >= MAX_DEPTH) {
          yield null;
        }
        var inner = builder.newBuilderForField(field);
        fill(inner, depth + 1);
        yield inner.buildPartial();
      }
    };
  }

  private long number() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> Long.MAX_VALUE;
      case 2 -> -1;
      default -> random.nextInt(70_000);
    };
  }

  private double real() {
    return switch (random.nextInt(10)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> -1;
      case 3 -> 1e300;
      case 4 -> Double.MIN_VALUE;
      default -> random.nextInt(1000) / 10.0;
    };
  }

  private String text() {
    return random.nextInt(5) == 0
        ? ODD.get(random.nextInt(ODD.size()))
        : known.get(random.nextInt(known.size()));
  }

  byte[] bytes(int length) {
    var result = new byte[length];
    random.nextBytes(result);
    return result;
  }

  /// The same bytes with a few changes: flipped, cut, doubled, inserted.
  byte[] mutate(byte[] original) {
    var bytes = original;
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> {
          bytes = bytes.clone();
          bytes[at] ^= (byte) (1 << random.nextInt(8));
        }
        case 1 -> bytes = java.util.Arrays.copyOf(bytes, at);
        case 2 -> bytes = splice(bytes, at, bytes(1 + random.nextInt(8)));
        case 3 -> {
          int end = at + random.nextInt(Math.min(64, bytes.length - at));
          bytes = splice(bytes, at, java.util.Arrays.copyOfRange(bytes, at, end));
        }
        default -> {
          bytes = bytes.clone();
          bytes[at] = (byte) random.nextInt(256);
        }
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int at, byte[] more) {
    var result = new byte[bytes.length + more.length];
    System.arraycopy(bytes, 0, result, 0, at);
    System.arraycopy(more, 0, result, at, more.length);
    System.arraycopy(bytes, at, result, at + more.length, bytes.length - at);
    return result;
  }
}
