// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpRequest;
import java.util.regex.Pattern;

/// Takes targets that name the host (`GET http://host:5050/state`), as clients send that think of a
/// proxy, for the paths in them. Armeria would refuse them.
///
/// The handler that reads requests joins the pipeline only when the first bytes have shown that
/// this is HTTP/1. So they are passed on one at a time until it is there, and what rewrites goes
/// behind it before a whole request was seen.
final class Targets extends ChannelInboundHandlerAdapter {
  /// With so many bytes it is known whether this is HTTP/2.
  private static final int PREFACE_BYTES = 24;

  private static final Pattern AUTHORITY =
      Pattern.compile("https?://[^/?#]*", Pattern.CASE_INSENSITIVE);

  private int passed;

  private Targets() {}

  static void install(ChannelPipeline pipeline) {
    pipeline.addFirst(new Targets());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    while (bytes.isReadable()) {
      passed++;
      context.fireChannelRead(bytes.readRetainedSlice(1));
      boolean known = place(context.pipeline());
      if (known || passed >= PREFACE_BYTES) {
        var next = context; // removed contexts still pass on what they fire
        context.pipeline().remove(this);
        next.fireChannelRead(bytes);
        return;
      }
    }
    bytes.release();
  }

  private static boolean place(ChannelPipeline pipeline) {
    var codec = pipeline.context(CombinedChannelDuplexHandler.class); // reads and writes HTTP/1
    if (codec != null) {
      pipeline.addAfter(codec.name(), null, new Rewriting());
    }
    return codec != null;
  }

  private static final class Rewriting extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest request && !request.uri().startsWith("/")) {
        request.setUri(path(request.uri()));
      }
      context.fireChannelRead(message);
    }
  }

  static String path(String target) {
    var authority = AUTHORITY.matcher(target);
    if (!authority.lookingAt()) {
      return target;
    }
    var rest = target.substring(authority.end());
    return rest.startsWith("/") ? rest : "/" + rest;
  }
}
