// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Stands between the codec of a connection of messages and its receiver. At the first request that
/// is no message it takes the codec away and gives the connection to a new set of HTTP's handlers,
/// with that request in front: clients with a pool of connections send both over one.
final class BackToHttp extends ChannelInboundHandlerAdapter {
  private final ChannelHandler initializer;
  private @Nullable ByteBuf replayed;

  /// @param initializer builds HTTP's pipeline, a doorkeeper with it
  BackToHttp(ChannelHandler initializer) {
    this.initializer = initializer;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var bytes = replayed;
    if (bytes == null) {
      if (message instanceof HttpRequest request && isOrdinary(request)) {
        begin(context, request);
      } else {
        context.fireChannelRead(message);
      }
    } else {
      // Bytes that the codec has not read; the empty end of a request without a body is none.
      if (message instanceof ByteBuf piece) {
        bytes.writeBytes(piece);
      }
      ReferenceCountUtil.release(message);
    }
  }

  private static boolean isOrdinary(HttpRequest request) {
    return request.decoderResult().isSuccess()
        && !(request.method().equals(HttpMethod.POST)
            && Processes.isMessage(
                request.headers().get("User-Agent", ""),
                request.headers().get("Libprocess-From", "").strip()));
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    context.flush(); // answers to the messages before
    var head = new StringBuilder();
    head.append(request.method().name())
        .append(' ')
        .append(request.uri())
        .append(' ')
        .append(request.protocolVersion().text())
        .append("\r\n");
    for (var header : request.headers()) {
      head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
    }
    head.append("\r\n");
    ReferenceCountUtil.release(request);
    replayed =
        context
            .alloc()
            .buffer(head.length() * 2)
            .writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    context.pipeline().remove(HttpRequestDecoder.class); // hands on what it has not read
    // The codec may be in the middle of a read: the new handlers come after it.
    context.channel().eventLoop().execute(() -> finish(context));
  }

  private void finish(ChannelHandlerContext context) {
    var bytes = replayed;
    if (bytes == null || !context.channel().isActive()) {
      return;
    }
    replayed = Unpooled.EMPTY_BUFFER;
    var pipeline = context.pipeline();
    Doorkeeper.clear(pipeline, this);
    pipeline.addLast(initializer);
    pipeline.remove(this);
    pipeline.fireChannelRead(bytes);
    pipeline.fireChannelReadComplete();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (replayed != null) {
      replayed.release();
      replayed = null;
    }
  }
}
