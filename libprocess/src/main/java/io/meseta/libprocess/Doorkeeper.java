// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Looks at the first request of a connection, up to the end of its headers, and decides who speaks
/// on it.
///
/// A message: HTTP's handlers go and the message codec takes their place. Anything else: this
/// handler goes. Either way the bytes read so far are replayed. Nothing is decided on half a header
/// block, and no block is read for longer or further than allowed. A connection of messages becomes
/// HTTP's again with the first request that is none, see [BackToHttp].
final class Doorkeeper extends ChannelInboundHandlerAdapter {
  private static final int MAX_HEADER_BYTES = 64 * 1024;
  private static final byte[] POST = "POST ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final String TIMEOUT = "doorkeeper-timeout";

  private final Processes processes;
  private final int maxMessageBytes;
  private final ChannelHandler initializer;
  private @Nullable ByteBuf seen;

  /// @param initializer builds HTTP's pipeline, a doorkeeper with it
  Doorkeeper(Processes processes, int maxMessageBytes, ChannelHandler initializer) {
    this.processes = processes;
    this.maxMessageBytes = maxMessageBytes;
    this.initializer = initializer;
  }

  /// Adds a doorkeeper to a pipeline that is being built.
  static void install(ChannelPipeline pipeline, Processes processes, int maxMessageBytes) {
    var initializer = pipeline.get(ChannelInitializer.class);
    pipeline.addFirst(
        new Doorkeeper(
            processes,
            maxMessageBytes,
            Objects.requireNonNull(initializer, "HTTP's pipeline is built by its initializer")));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf piece)) {
      context.fireChannelRead(message);
      return;
    }
    if (seen == null) {
      seen = piece;
    } else {
      seen.writeBytes(piece);
      piece.release();
    }
    var all = seen;
    int compare = Math.min(POST.length, all.readableBytes());
    if (!startsWith(all, compare)) {
      leaveToHttp(context, all);
    } else if (all.readableBytes() >= POST.length) {
      int end = indexOfEnd(all);
      if (end >= 0) {
        var headers =
            all.toString(all.readerIndex(), end - all.readerIndex(), StandardCharsets.ISO_8859_1);
        if (isMessage(headers)) {
          takeOver(context, all);
        } else {
          leaveToHttp(context, all);
        }
      } else if (all.readableBytes() > MAX_HEADER_BYTES) {
        leaveToHttp(context, all); // HTTP has its own limit and answer
      } else {
        waitForMore(context, all);
      }
    } else {
      waitForMore(context, all);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (seen != null) {
      seen.release();
      seen = null;
    }
    context.fireChannelInactive();
  }

  /// The first piece may be a slice that cannot grow, so it is copied once.
  private void waitForMore(ChannelHandlerContext context, ByteBuf all) {
    if (!(all.isWritable(1) && all.refCnt() == 1 && all.maxCapacity() == Integer.MAX_VALUE)) {
      var copy = context.alloc().buffer(Math.max(512, all.readableBytes() * 2));
      copy.writeBytes(all);
      all.release();
      seen = copy;
    }
    if (context.pipeline().get(TIMEOUT) == null) {
      context.pipeline().addFirst(TIMEOUT, new ReadTimeoutHandler(30));
    }
  }

  private void leaveToHttp(ChannelHandlerContext context, ByteBuf all) {
    seen = null;
    dropTimeout(context);
    var next = context; // removed contexts still pass on what they fire
    context.pipeline().remove(this);
    next.fireChannelRead(all);
    next.fireChannelReadComplete();
  }

  private void takeOver(ChannelHandlerContext context, ByteBuf all) {
    seen = null;
    dropTimeout(context);
    var pipeline = context.pipeline();
    // For HTTP the connection ends here. Without that word its timer would go on and close, minutes
    // later, a connection that carries messages all the time.
    context.fireChannelInactive();
    // Whoever vanishes without a word is noticed by the kernel.
    context.channel().config().setOption(ChannelOption.SO_KEEPALIVE, true);
    clear(pipeline, this);
    pipeline.addLast(new HttpRequestDecoder());
    pipeline.addLast(new BackToHttp(initializer));
    pipeline.addLast(new HttpObjectAggregator(maxMessageBytes, true));
    pipeline.addLast(new MessageInbound(processes));
    pipeline.remove(this);
    pipeline.fireChannelRead(all);
    pipeline.fireChannelReadComplete();
  }

  /// Removes all handlers but one.
  static void clear(ChannelPipeline pipeline, ChannelHandler except) {
    for (var name : pipeline.names()) {
      var handler = pipeline.get(name);
      if (handler != null && handler != except) {
        pipeline.remove(handler);
      }
    }
  }

  private static void dropTimeout(ChannelHandlerContext context) {
    if (context.pipeline().get(TIMEOUT) != null) {
      context.pipeline().remove(TIMEOUT);
    }
  }

  private static boolean isMessage(String headers) {
    var userAgent = "";
    var from = "";
    for (var line : headers.split("\r\n")) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        var name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        if (name.equals("user-agent")) {
          userAgent = line.substring(colon + 1).strip();
        } else if (name.equals("libprocess-from")) {
          from = line.substring(colon + 1).strip();
        }
      }
    }
    return Processes.isMessage(userAgent, from);
  }

  private static boolean startsWith(ByteBuf bytes, int count) {
    for (int i = 0; i < count; i++) {
      if (bytes.getByte(bytes.readerIndex() + i) != POST[i]) {
        return false;
      }
    }
    return true;
  }

  private static int indexOfEnd(ByteBuf bytes) {
    var needle = io.netty.buffer.Unpooled.wrappedBuffer(END);
    try {
      return ByteBufUtil.indexOf(needle, bytes);
    } finally {
      needle.release();
    }
  }
}
