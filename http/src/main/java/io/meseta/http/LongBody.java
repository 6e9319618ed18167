// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.stream.StreamMessage;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// A long body chunk by chunk, the next one when the client has taken the last. A chunk is copied
/// once, into memory outside of the heap, when its turn has come; so a slow client holds one chunk,
/// not a body. Between two chunks the event loop looks at its other connections: a client that
/// takes whatever it gets would otherwise keep them waiting until it has everything.
final class LongBody implements Publisher<HttpData> {
  static final int CHUNK_BYTES = 128 << 10;

  /// Where a chunk begins: the piece and the position in it.
  private record Chunk(int piece, int at, int bytes) {}

  private final List<byte[]> body;
  private final Chunk[] chunks;
  private final EventLoop loop;

  private LongBody(List<byte[]> body, EventLoop loop) {
    this.body = body;
    this.chunks = chunks(body);
    this.loop = loop;
  }

  /// @param loop of the connection; everything happens there
  static StreamMessage<HttpData> of(List<byte[]> body, EventLoop loop) {
    return StreamMessage.of(new LongBody(body, loop));
  }

  @Override
  public void subscribe(Subscriber<? super HttpData> subscriber) {
    subscriber.onSubscribe(new Progress(subscriber));
  }

  private final class Progress implements Subscription {
    private final Subscriber<? super HttpData> subscriber;
    private int next;
    private long wanted;
    private boolean scheduled;
    private boolean ended;

    Progress(Subscriber<? super HttpData> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      onLoop(() -> {
        wanted = count > Long.MAX_VALUE - wanted ? Long.MAX_VALUE : wanted + count;
        schedule();
      });
    }

    @Override
    public void cancel() {
      onLoop(() -> ended = true);
    }

    private void onLoop(Runnable task) {
      if (loop.inEventLoop()) {
        task.run();
      } else {
        loop.execute(task);
      }
    }

    // What is scheduled runs after the loop has looked at its connections, what is executed before.
    private void schedule() {
      if (!ended && !scheduled && wanted > 0) {
        scheduled = true;
        var unused = loop.schedule(this::send, 1, TimeUnit.NANOSECONDS);
      }
    }

    private void send() {
      scheduled = false;
      if (ended) {
        return;
      }
      wanted--;
      var chunk = copy(chunks[next++]);
      ended = next == chunks.length;
      boolean last = ended;
      subscriber.onNext(chunk);
      if (last) {
        subscriber.onComplete();
      } else {
        schedule();
      }
    }
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

  private HttpData copy(Chunk chunk) {
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
