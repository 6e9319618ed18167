// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/// Reads the messages of one connection. The sender throws answers away, so they are made once and
/// written in batches.
final class MessageInbound extends SimpleChannelInboundHandler<FullHttpRequest> {
  private final Processes processes;

  MessageInbound(Processes processes) {
    this.processes = processes;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    var userAgent = request.headers().get(HttpHeaderNames.USER_AGENT, "");
    var from = request.headers().get("Libprocess-From", "");
    if (request.decoderResult().isFailure()) {
      end(context, 400);
    } else {
      int status =
          processes.deliver(
              request.uri(), userAgent, from.strip(), ByteBufUtil.getBytes(request.content()));
      context.write(response(status, false), context.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
    context.fireChannelReadComplete();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }

  private static void end(ChannelHandlerContext context, int status) {
    context.writeAndFlush(response(status, true)).addListener(ChannelFutureListener.CLOSE);
  }

  private static ByteBuf response(int status, boolean close) {
    var reason =
        switch (status) {
          case 202 -> "202 Accepted";
          case 404 -> "404 Not Found";
          default -> "400 Bad Request";
        };
    var text =
        "HTTP/1.1 "
            + reason
            + "\r\nDate: "
            + Dates.now()
            + "\r\nContent-Length: 0\r\n"
            + (close ? "Connection: close\r\n" : "")
            + "\r\n";
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// The `Date` header, formatted once a second.
  private static final class Dates {
    private record Stamp(long second, String text) {}

    private static volatile Stamp last = new Stamp(0, "");

    static String now() {
      long second = System.currentTimeMillis() / 1000;
      var stamp = last;
      if (stamp.second != second) {
        stamp =
            new Stamp(
                second,
                DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
        last = stamp;
      }
      return stamp.text;
    }
  }
}
