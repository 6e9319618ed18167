// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.meseta.model.resources.Resources;
import io.meseta.wire.json.JsonOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// How the elements of a list are written, one after the other, into one piece of a document.
///
/// @param separator how many bytes stand between two elements
/// @param pen begins a piece
/// @param held what the elements of a piece hold, where that is of interest
record Form<T>(int separator, Supplier<Pen<T>> pen, Function<List<T>, Resources> held) {
  /// The same, with what the elements hold.
  Form<T> holding(Function<List<T>, Resources> resources) {
    return new Form<>(separator, pen, resources);
  }

  /// Writes one piece.
  interface Pen<T> {
    void write(T element);

    /// An element that was written before.
    void copy(byte[] from, int begin, int end);

    int size();

    byte[] bytes();
  }

  /// Elements of a JSON array.
  static <T> Form<T> json(BiConsumer<JsonOut, T> writer) {
    return new Form<>(1, () -> new JsonPen<>(writer), elements -> Resources.EMPTY);
  }

  /// Values of a repeated protobuf field.
  static <T> Form<T> proto(int field, Function<T, Message> encoder) {
    return new Form<>(0, () -> new ProtoPen<>(field, encoder), elements -> Resources.EMPTY);
  }

  private static final class JsonPen<T> implements Pen<T> {
    private final JsonOut out = JsonOut.elements();
    private final BiConsumer<JsonOut, T> writer;

    JsonPen(BiConsumer<JsonOut, T> writer) {
      this.writer = writer;
    }

    @Override
    public void write(T element) {
      writer.accept(out, element);
    }

    @Override
    public void copy(byte[] from, int begin, int end) {
      out.raw(from, begin, end);
    }

    @Override
    public int size() {
      return Math.toIntExact(out.size());
    }

    @Override
    public byte[] bytes() {
      return out.bytes();
    }
  }

  private static final class ProtoPen<T> implements Pen<T> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
    private final int field;
    private final Function<T, Message> encoder;

    ProtoPen(int field, Function<T, Message> encoder) {
      this.field = field;
      this.encoder = encoder;
    }

    @Override
    public void write(T element) {
      try {
        var message = encoder.apply(element);
        int size = message.getSerializedSize();
        var buffer = new byte[CodedOutputStream.computeTagSize(field) + 5 + size];
        var out = CodedOutputStream.newInstance(buffer);
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(size);
        message.writeTo(out);
        bytes.write(buffer, 0, out.getTotalBytesWritten());
      } catch (IOException e) {
        throw new UncheckedIOException(e); // a buffer in memory that is large enough
      }
    }

    @Override
    public void copy(byte[] from, int begin, int end) {
      bytes.write(from, begin, end - begin);
    }

    @Override
    public int size() {
      return bytes.size();
    }

    @Override
    public byte[] bytes() {
      return bytes.toByteArray();
    }
  }
}
