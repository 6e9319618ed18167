// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.server;

import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.http.HttpEdge;
import io.meseta.http.ListenException;
import io.meseta.http.Router;
import io.meseta.http.StandbyProxy;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.zk.FencedStore;
import io.meseta.zk.Leadership;
import io.meseta.zk.ZkClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Chronos as a server: builds everything, and ends it. Several may run in one process.
public final class ChronosServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChronosServer.class);
  private static final String VERSION = "3.0.3";
  private static final Duration PROXY_TIMEOUT = Duration.ofSeconds(10);

  private final ChronosFlags flags;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final HttpEdge edge;
  private final StandbyProxy proxy;
  private final Leadership leadership;
  private final String self;
  private volatile Optional<Runner> runner = Optional.empty();
  private volatile Optional<Leadership> known = Optional.empty();

  private ChronosServer(ChronosFlags flags) {
    this.flags = flags;
    var router = new Router();
    edge =
        HttpEdge.builder("chronos")
            .listen(flags.httpAddress(), flags.httpPort())
            .maxBody(1 << 20)
            .routes(router)
            .start();
    self = hostname(flags) + ":" + edge.port();
    proxy = new StandbyProxy(self, this::leader, PROXY_TIMEOUT, PROXY_TIMEOUT);
    new Api(() -> runner, proxy, threads, this::leader).register(router);
    flags.httpCredentials().ifPresent(credentials -> authenticate(router, credentials));
    // Candidates beside the state, as in the original: /chronos/candidate for /chronos/state.
    var state = flags.zk().path();
    var home = state.substring(0, state.lastIndexOf('/'));
    var client =
        ZkClient.connect(
            "--zk_hosts",
            flags.zk().at(home.isEmpty() ? "/" : home),
            Duration.ofMillis(flags.zkTimeout()));
    var started = new CompletableFuture<Leadership>();
    leadership =
        Leadership.contend(
            client, self, "candidate", FencedStore.flat(client, state), new Member(started));
    known = Optional.of(leadership);
    started.complete(leadership);
  }

  /// Begins to listen and to contend.
  ///
  /// @throws ListenException if the address cannot be had
  public static ChronosServer start(ChronosFlags flags) {
    return new ChronosServer(flags);
  }

  /// The port listened on.
  public int port() {
    return edge.port();
  }

  /// Completes with the reason when the server has to end.
  public CompletableFuture<String> ended() {
    return ended;
  }

  /// Whether this server leads.
  public boolean leading() {
    return runner.isPresent();
  }

  private Optional<String> leader() {
    return known.flatMap(Leadership::leader);
  }

  private final class Member implements Leadership.Member {
    private final CompletableFuture<Leadership> started;

    Member(CompletableFuture<Leadership> started) {
      this.started = started;
    }

    @Override
    public void lead(TreeMap<String, byte[]> records) {
      log.info("{} leads with {} records", self, records.size());
      started
          .thenAccept(with ->
              runner =
                  Optional.of(
                      new Runner(
                          flags.settings(),
                          with,
                          records,
                          ChronosServer.this::client,
                          ChronosServer.this::end)))
          .exceptionally(failure -> {
            end("could not start to lead: " + failure.getMessage());
            return null;
          });
    }

    @Override
    public void lost(String reason) {
      end("leadership was lost: " + reason);
    }
  }

  private void end(String reason) {
    if (ended.complete(reason)) {
      log.error("Chronos ends: {}", reason);
    }
  }

  private SchedulerClient.Builder client(Map<String, byte[]> records) {
    var name =
        flags.mesosFrameworkName()
            + (flags.clusterName().isEmpty() ? "" : "-" + flags.clusterName());
    var info =
        FrameworkInfo.newBuilder()
            .setName(name)
            .setUser(flags.user())
            .setHostname(hostname(flags))
            .setFailoverTimeout(flags.failoverTimeout())
            .setCheckpoint(flags.mesosCheckpoint())
            .addRoles(flags.mesosRole())
            .addCapabilities(
                FrameworkInfo.Capability.newBuilder()
                    .setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
            .addCapabilities(
                FrameworkInfo.Capability.newBuilder()
                    .setType(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT))
            .setWebuiUrl(flags.webuiUrl().orElse("http://" + self));
    flags.mesosAuthenticationPrincipal().ifPresent(info::setPrincipal);
    var id = Runner.frameworkId(records);
    if (id != null) {
      info.setId(FrameworkID.newBuilder().setValue(id));
    }
    var builder = SchedulerClient.builder(flags.master(), info.build()).explicitAcknowledgements();
    flags
        .mesosAuthenticationPrincipal()
        .ifPresent(principal -> builder.credentials(principal, secret()));
    return builder;
  }

  private String secret() {
    var file = flags.mesosAuthenticationSecretFile();
    try {
      return file.isPresent() ? Files.readString(file.get()).strip() : "";
    } catch (IOException e) {
      throw new UncheckedIOException("--mesos_authentication_secret_file=" + file.orElseThrow(), e);
    }
  }

  private static void authenticate(Router router, String credentials) {
    var expected =
        ("Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
            .getBytes(StandardCharsets.UTF_8);
    router
        .authenticated()
        .before(request -> {
          var given = request.header("authorization").orElse("").getBytes(StandardCharsets.UTF_8);
          if (request.path().equals("/ping") || MessageDigest.isEqual(given, expected)) {
            return Optional.empty();
          }
          return Optional.of(
              Api.error(401, "Unauthorized", "Credentials are needed.")
                  .header("WWW-Authenticate", "Basic realm=\"chronos\""));
        });
  }

  private static String hostname(ChronosFlags flags) {
    if (flags.hostname().isPresent()) {
      return flags.hostname().get();
    }
    if (flags.httpAddress().startsWith("127.")) {
      return "localhost";
    }
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException e) {
      return flags.httpAddress();
    }
  }

  @Override
  public void close() {
    edge.close();
    runner.ifPresent(Runner::close);
    leadership.close();
    proxy.close();
    threads.shutdown();
  }

  /// Runs `chronos` until it ends; the exit code.
  public static int run(String[] args, Map<String, String> environment) {
    var given = List.of(args);
    if (Flags.help(given)) {
      System.out.print(
          Flags.help(
              ChronosFlags.class,
              ChronosFlags.STYLE,
              "Runs jobs at set times and after each other, on a Mesos cluster."));
      return 0;
    }
    if (given.contains("--version")) {
      System.out.println("chronos " + VERSION + " (Meseta)");
      return 0;
    }
    ChronosFlags flags;
    try {
      flags = ChronosFlags.parse(given, environment, System.err::println);
    } catch (FlagException e) {
      e.problems().forEach(System.err::println);
      System.err.println("See ./meseta chronos --help");
      return 1;
    }
    log.info("Chronos starts with {}", Flags.effective(flags));
    var closed = new CountDownLatch(1);
    try (var server = start(flags)) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                server.ended.complete("");
                try {
                  var unused = closed.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
      return server.ended.join().isEmpty() ? 0 : 1;
    } catch (ListenException e) {
      System.err.println("--http_port: " + e.getMessage());
      return 1;
    } finally {
      closed.countDown();
    }
  }
}
