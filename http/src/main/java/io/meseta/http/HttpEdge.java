// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.Http1HeaderNaming;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening port: reads requests whole and bounded, routes them, writes answers. One per server.
public final class HttpEdge implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEdge.class);

  /// Answers from this size on are compressed when the client accepts it, as in the original.
  private static final int GZIP_MINIMUM_BYTES = 1024;

  private static final int MAX_HEADER_BYTES = 64 * 1024;

  private final Server server;
  private final Router router;
  private final Duration bodyTimeout;
  private final long maxBody;

  private HttpEdge(Builder builder) {
    router = builder.router;
    bodyTimeout = builder.bodyTimeout;
    maxBody = builder.maxBody;
    var armeria =
        Server.builder()
            .port(new InetSocketAddress(builder.ip, builder.port), SessionProtocol.HTTP)
            .maxRequestLength(maxBody)
            .requestTimeoutMillis(0) // streams have no end; bodies have a limit of their own
            .idleTimeout(builder.idleTimeout)
            .maxNumConnections(builder.maxConnections)
            .http1MaxInitialLineLength(MAX_HEADER_BYTES)
            .http1MaxHeaderSize(MAX_HEADER_BYTES)
            .http1HeaderNaming(Http1HeaderNaming.traditional())
            .disableServerHeader()
            .errorHandler(new Refusals())
            .gracefulShutdownTimeoutMillis(0, 0)
            .serviceUnder("/", this::serve);
    var others = builder.pipeline;
    armeria.childChannelPipelineCustomizer(pipeline -> {
      Targets.install(pipeline);
      if (others != null) {
        others.accept(pipeline);
      }
    });
    server = armeria.build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      var reason =
          cause instanceof BindException || cause instanceof IOException
              ? reason(cause)
              : cause.toString();
      throw new ListenException(builder.ip, builder.port, reason);
    }
    if (!new InetSocketAddress(builder.ip, 0).getAddress().isLoopbackAddress()
        && !router.isAuthenticated()) {
      log.warn(
          "{} listens on {}:{} WITHOUT AUTHENTICATION: whoever reaches this address controls it",
          builder.name,
          builder.ip,
          port());
    }
  }

  private static String reason(Throwable cause) {
    var text = String.valueOf(cause.getMessage());
    return text.contains("in use") ? "the port is taken by another program" : text;
  }

  /// @param name of the server, for the log
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /// The port listened on; the one given by the system when 0 was asked for.
  public int port() {
    return server.activeLocalPort();
  }

  /// Stops listening and ends every connection. Armeria's threads rest for two more seconds before
  /// they end; nobody has to wait for that.
  @Override
  public void close() {
    var stopped = server.stop();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!stopped.isDone() && !server.activePorts().isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    var aggregated = request.aggregate();
    var timeout =
        context
            .eventLoop()
            .schedule(
                () -> request.abort(new TimeoutException("body")),
                bodyTimeout.toMillis(),
                TimeUnit.MILLISECONDS);
    var answered =
        aggregated.handle((whole, failure) -> {
          timeout.cancel(false);
          if (failure != null) {
            return refused(refusal(failure));
          }
          return Gzip.isSaid(whole.headers()) && !whole.content().isEmpty()
              ? unzipped(context, whole)
              : answer(context, whole);
        });
    return HttpResponse.of(answered);
  }

  /// Away from the network's threads: little on the wire may be much here.
  private HttpResponse unzipped(ServiceRequestContext context, AggregatedHttpRequest whole) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                var body = HttpData.wrap(Gzip.read(whole.content().array(), maxBody));
                var headers =
                    whole.headers().toBuilder()
                        .removeAndThen(HttpHeaderNames.CONTENT_ENCODING)
                        .contentLength(body.length());
                return answer(context, AggregatedHttpRequest.of(headers.build(), body));
              } catch (ContentTooLargeException e) {
                return refused(refusal(e));
              } catch (IOException e) {
                return refused(
                    Answer.text(
                        400,
                        "The body is not gzip, as Content-Encoding says: "
                            + (e instanceof EOFException ? "it ends too early" : e.getMessage())));
              }
            },
            job -> Thread.ofVirtual().name("gzip").start(job)));
  }

  private static HttpResponse refused(Answer answer) {
    return HttpResponse.of(headersOf(answer), bodyOf(answer));
  }

  private Answer refusal(Throwable failure) {
    var cause =
        failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure;
    return switch (cause) {
      case ContentTooLargeException e ->
          Answer.text(413, "The body is longer than " + maxBody + " bytes.");
      case TimeoutException e ->
          Answer.text(
              408, "The body did not arrive within " + bodyTimeout.toSeconds() + " seconds.");
      default -> Answer.text(400, "The request could not be read.");
    };
  }

  private HttpResponse answer(ServiceRequestContext context, AggregatedHttpRequest whole) {
    var target = whole.path();
    int question = target.indexOf('?');
    var rawPath = question < 0 ? target : target.substring(0, question);
    var query = question < 0 ? "" : target.substring(question + 1);
    var request = new Request(whole, context.remoteAddress(), decode(rawPath), "", query);
    boolean gzip = request.header("accept-encoding").filter(HttpEdge::takesGzip).isPresent();
    boolean head = request.method().equals("HEAD");
    var loop = context.eventLoop().withoutContext();
    return HttpResponse.of(
        router.route(request).thenApply(answer -> write(answer, gzip, head, loop)));
  }

  private static boolean takesGzip(String accepted) {
    for (var coding : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
      var parts = coding.replace(" ", "").split(";", -1);
      if (parts[0].equals("gzip")) {
        return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
      }
    }
    return false;
  }

  private static HttpResponse write(Answer answer, boolean gzip, boolean head, EventLoop loop) {
    var stream = answer.stream();
    if (stream != null) {
      if (head) {
        stream.close();
      }
      return stream.begin(headersOf(answer));
    }
    var file = answer.file();
    if (file != null) {
      return head
          ? HttpResponse.of(headersOf(answer))
          : HttpResponse.of(headersOf(answer), StreamMessage.of(file));
    }
    var headers = headersOf(answer).toBuilder();
    boolean compress =
        gzip
            && answer.size() >= GZIP_MINIMUM_BYTES
            && !headers.contains(HttpHeaderNames.CONTENT_ENCODING);
    var shown = compress ? answer.gzipped() : answer;
    if (compress) {
      headers
          .set(HttpHeaderNames.CONTENT_ENCODING, "gzip")
          .add(HttpHeaderNames.VARY, "Accept-Encoding");
    }
    if (answer.status() != 304 && answer.status() != 204) {
      headers.contentLength(shown.size());
    }
    if (head) {
      return HttpResponse.of(headers.build());
    }
    return shown.size() <= LongBody.CHUNK_BYTES
        ? HttpResponse.of(headers.build(), bodyOf(shown))
        : HttpResponse.of(headers.build(), LongBody.of(shown.pieces(), loop));
  }

  private static ResponseHeaders headersOf(Answer answer) {
    var headers = ResponseHeaders.builder(HttpStatus.valueOf(answer.status()));
    answer.headers().forEach(header -> headers.add(header.getKey(), header.getValue()));
    return headers.build();
  }

  private static HttpData bodyOf(Answer answer) {
    return HttpData.wrap(answer.body());
  }

  private static String decode(String path) {
    try {
      return path.indexOf('%') < 0
          ? path
          : URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return path; // no valid escape: taken as it stands
    }
  }

  /// Collects what an edge needs.
  public static final class Builder {
    private final String name;
    private String ip = "127.0.0.1";
    private int port;
    private long maxBody = 16 << 20;
    private int maxConnections = 65_536;
    private Duration bodyTimeout = Duration.ofSeconds(30);
    private Duration idleTimeout = Duration.ofMinutes(5);
    private Router router = new Router();
    private @Nullable Consumer<ChannelPipeline> pipeline;

    private Builder(String name) {
      this.name = name;
    }

    /// Where to listen; port 0 takes a free one.
    public Builder listen(String listenIp, int listenPort) {
      ip = listenIp;
      port = listenPort;
      return this;
    }

    /// The longest body taken, in bytes; longer ones get 413.
    public Builder maxBody(long bytes) {
      maxBody = bytes;
      return this;
    }

    /// How long a body may take to arrive; then 408.
    public Builder bodyTimeout(Duration timeout) {
      bodyTimeout = timeout;
      return this;
    }

    /// How long a connection may be silent between requests.
    public Builder idleTimeout(Duration timeout) {
      idleTimeout = timeout;
      return this;
    }

    /// How many connections may be open at once; further ones are closed.
    public Builder maxConnections(int count) {
      maxConnections = count;
      return this;
    }

    /// The endpoints.
    public Builder routes(Router routes) {
      router = routes;
      return this;
    }

    /// Sees each new connection's pipeline, for protocols that share the port.
    public Builder connections(Consumer<ChannelPipeline> customizer) {
      pipeline = customizer;
      return this;
    }

    /// Listens.
    ///
    /// @throws ListenException when the address cannot be had
    public HttpEdge start() {
      return new HttpEdge(this);
    }
  }
}
