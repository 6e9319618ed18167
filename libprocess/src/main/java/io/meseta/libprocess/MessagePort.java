// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import com.linecorp.armeria.common.CommonPools;
import com.linecorp.armeria.common.util.TransportType;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.util.ReferenceCountUtil;

/// An address that takes messages and nothing else: an emulated agent needs no HTTP server.
public final class MessagePort implements AutoCloseable {
  private final Processes processes = new Processes();
  private final Channel channel;

  private MessagePort(String ip, int port, String id, MessageHandler handler) {
    processes.put(id, handler);
    var group = CommonPools.workerGroup();
    channel =
        new ServerBootstrap()
            .group(group)
            .channel(TransportType.serverChannelType(group))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    Doorkeeper.install(opened.pipeline(), processes, Libprocess.MAX_MESSAGE_BYTES);
                    opened.pipeline().addLast(new Refuse());
                  }
                })
            .bind(ip, port)
            .syncUninterruptibly()
            .channel();
  }

  /// Listens for messages to the process `id`; port 0 takes a free one.
  public static MessagePort open(String ip, int port, String id, MessageHandler handler) {
    return new MessagePort(ip, port, id, handler);
  }

  /// The port listened on.
  public int port() {
    return ((java.net.InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    channel.close();
  }

  /// Whatever the doorkeeper does not hold for a message.
  private static final class Refuse extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
