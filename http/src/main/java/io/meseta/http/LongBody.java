// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.stream.StreamMessage;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/// A long body chunk by chunk, the next one when the client has taken the last: a connection's
/// event loop has others to serve. A chunk is copied once, into memory outside of the heap, when
/// its turn has come; so a slow client holds one chunk, not a body.
final class LongBody {
  static final int CHUNK_BYTES = 128 << 10;

  /// Where a chunk begins: the piece and the position in it.
  private record Chunk(int piece, int at, int bytes) {}

  private LongBody() {}

  static StreamMessage<HttpData> of(List<byte[]> body) {
    return StreamMessage.of(chunks(body)).map(chunk -> copy(body, chunk));
  }

  private static Chunk[] chunks(List<byte[]> body) {
    var chunks = new ArrayList<Chunk>();
    int size = 0;
    int firstPiece = 0;
    int firstAt = 0;
    for (int piece = 0; piece < body.size(); piece++) {
      int length = body.get(piece).length;
      for (int at = 0; at < length; ) {
        if (size == 0) {
          firstPiece = piece;
          firstAt = at;
        }
        int part = Math.min(length - at, CHUNK_BYTES - size);
        at += part;
        size += part;
        if (size == CHUNK_BYTES) {
          chunks.add(new Chunk(firstPiece, firstAt, size));
          size = 0;
        }
      }
    }
    if (size > 0) {
      chunks.add(new Chunk(firstPiece, firstAt, size));
    }
    return chunks.toArray(new Chunk[0]);
  }

  private static HttpData copy(List<byte[]> body, Chunk chunk) {
    var buffer = ByteBufAllocator.DEFAULT.directBuffer(chunk.bytes(), chunk.bytes());
    int piece = chunk.piece();
    int at = chunk.at();
    while (buffer.isWritable()) {
      var bytes = body.get(piece++);
      buffer.writeBytes(bytes, at, Math.min(bytes.length - at, buffer.writableBytes()));
      at = 0;
    }
    return HttpData.wrap(buffer);
  }
}
