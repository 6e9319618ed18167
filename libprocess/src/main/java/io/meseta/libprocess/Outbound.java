// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import com.linecorp.armeria.common.util.TransportType;
import io.meseta.wire.Upid;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one connection to one remote address: messages in order, pipelined, answers thrown away.
///
/// Whoever linked a peer at this address is told once when the connection breaks or cannot be made;
/// messages that were waiting are lost then, as in the original. Thread-safe; `onEnd` runs after
/// the end so that the next send begins anew.
final class Outbound {
  private static final Logger log = LoggerFactory.getLogger(Outbound.class);
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  private final String ip;
  private final int port;
  private final long maxQueuedBytes;
  private final Consumer<Outbound> onEnd;
  private final Map<Upid, List<Consumer<Upid>>> links = new LinkedHashMap<>();
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
  private @Nullable Channel channel;
  private long queuedBytes;
  private boolean ended;

  Outbound(String ip, int port, long maxQueuedBytes, Consumer<Outbound> onEnd) {
    this.ip = ip;
    this.port = port;
    this.maxQueuedBytes = maxQueuedBytes;
    this.onEnd = onEnd;
  }

  /// Begins to connect; what is sent meanwhile waits.
  void connect(EventLoopGroup group) {
    new Bootstrap()
        .group(group)
        .channel(TransportType.socketChannelType(group))
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel opened) {
                // One system call for the messages of a batch, not one each.
                opened.pipeline().addLast(new FlushConsolidationHandler(256, true), new Discard());
              }
            })
        .connect(ip, port)
        .addListener((ChannelFuture connected) -> connected(connected));
  }

  /// Queues bytes; false when the connection has ended.
  synchronized boolean send(byte[] bytes) {
    if (ended) {
      return false;
    }
    queuedBytes += bytes.length;
    if (queuedBytes > maxQueuedBytes) {
      log.warn(
          "{}:{} takes no messages: {} bytes wait, the connection is given up",
          ip,
          port,
          queuedBytes);
      end();
      return true; // lost like everything else that waited
    }
    var buffer = Unpooled.wrappedBuffer(bytes);
    if (channel == null) {
      waiting.add(buffer);
    } else {
      write(channel, buffer);
    }
    return true;
  }

  /// Registers who is to be told of the end; false when it has ended already.
  synchronized boolean link(Upid peer, Consumer<Upid> exited) {
    if (ended) {
      return false;
    }
    var callbacks = links.computeIfAbsent(peer, p -> new ArrayList<>());
    if (!callbacks.contains(exited)) {
      callbacks.add(exited);
    }
    return true;
  }

  synchronized void unlink(Upid peer, Consumer<Upid> exited) {
    var callbacks = links.get(peer);
    if (callbacks != null && callbacks.remove(exited) && callbacks.isEmpty()) {
      links.remove(peer);
    }
  }

  void close() {
    end();
  }

  /// Ends it with a reset: an ordinary end would still deliver what the kernel holds.
  void abandon() {
    synchronized (this) {
      links.clear();
      if (channel != null) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      }
    }
    end();
  }

  private synchronized void connected(ChannelFuture future) {
    if (!future.isSuccess() || ended) {
      future.channel().close();
      log.debug("cannot connect to {}:{}: {}", ip, port, String.valueOf(future.cause()));
      end();
      return;
    }
    channel = future.channel();
    channel.closeFuture().addListener(closed -> end());
    for (var buffer = waiting.poll(); buffer != null; buffer = waiting.poll()) {
      write(channel, buffer);
    }
  }

  private void write(Channel to, ByteBuf buffer) {
    int size = buffer.readableBytes();
    to.writeAndFlush(buffer).addListener(written -> wrote(size));
  }

  private synchronized void wrote(int size) {
    queuedBytes -= size;
  }

  private void end() {
    Map<Upid, List<Consumer<Upid>>> told;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      told = new LinkedHashMap<>(links);
      links.clear();
      waiting.forEach(ReferenceCountUtil::release);
      waiting.clear();
      if (channel != null) {
        channel.close();
      }
    }
    onEnd.accept(this);
    told.forEach((peer, callbacks) -> callbacks.forEach(exited -> exited.accept(peer)));
  }

  private static final class Discard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
