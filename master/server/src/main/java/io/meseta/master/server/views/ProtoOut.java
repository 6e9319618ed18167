// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Puts a long protobuf message together from pieces that are encoded already.
final class ProtoOut {
  private final List<byte[]> parts = new ArrayList<>();
  private int size;

  /// Fields that are encoded already, with their tags.
  ProtoOut raw(byte[] fields) {
    parts.add(fields);
    size = Math.addExact(size, fields.length);
    return this;
  }

  /// The fields of `message`, as part of this one.
  ProtoOut fields(Message message) {
    return raw(message.toByteArray());
  }

  /// A message as field `number`.
  ProtoOut field(int number, ProtoOut message) {
    var bytes = new ByteArrayOutputStream();
    var out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(message.size);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory
    }
    raw(bytes.toByteArray());
    parts.addAll(message.parts);
    size = Math.addExact(size, message.size);
    return this;
  }

  List<byte[]> parts() {
    return parts;
  }
}
