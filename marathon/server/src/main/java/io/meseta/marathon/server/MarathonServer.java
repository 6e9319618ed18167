// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.http.Answer;
import io.meseta.http.HttpEdge;
import io.meseta.http.ListenException;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.http.StandbyProxy;
import io.meseta.http.system.Logging;
import io.meseta.marathon.core.MarathonConfig;
import io.meseta.marathon.core.apps.Settings;
import io.meseta.marathon.core.matching.Matcher;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.zk.Leadership;
import io.meseta.zk.ZkClient;
import io.meseta.zk.ZkUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Marathon as a server: builds everything, and ends it. Several may run in one process.
public final class MarathonServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MarathonServer.class);
  private static final Duration ABDICATION = Duration.ofMillis(500);
  private static final List<Capability.Type> CAPABILITIES =
      List.of(
          Capability.Type.MULTI_ROLE,
          Capability.Type.PARTITION_AWARE,
          Capability.Type.TASK_KILLING_STATE,
          Capability.Type.REGION_AWARE,
          Capability.Type.RESERVATION_REFINEMENT);

  /// Why a server ended by itself.
  public record Ended(int code, String reason) {}

  private final MarathonFlags flags;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CompletableFuture<Ended> ended = new CompletableFuture<>();
  private final EventHub events;
  private final Meters meters = new Meters();
  private final HttpEdge edge;
  private final Leadership leadership;
  private final StandbyProxy proxy;
  private volatile Optional<Runner> runner = Optional.empty();

  private MarathonServer(MarathonFlags flags) {
    this.flags = flags;
    events = new EventHub(flags.eventStreamMaxOutstandingMessages());
    var router = new Router();
    edge =
        HttpEdge.builder("marathon")
            .listen(flags.httpAddress(), flags.httpPort())
            .routes(router)
            .start();
    var self = hostname(flags) + ":" + edge.port();
    var started = new CompletableFuture<Leadership>();
    proxy =
        new StandbyProxy(
            self,
            () -> started.isDone() ? started.join().leader() : Optional.empty(),
            Duration.ofMillis(flags.leaderProxyConnectionTimeout()),
            Duration.ofMillis(flags.leaderProxyReadTimeout()));
    var member = new Member(started, self);
    leadership =
        flags.internalStoreBackend().equals("mem")
            ? Leadership.alone(self, member)
            : Leadership.contend(
                ZkClient.connect(
                    ZkUrl.parse(flags.zk()), Duration.ofMillis(flags.zkSessionTimeout())),
                self,
                member);
    started.complete(leadership);
    routes(router);
  }

  /// Begins to listen and to contend.
  ///
  /// @throws ListenException if the address cannot be had
  public static MarathonServer start(MarathonFlags flags) {
    return new MarathonServer(flags);
  }

  /// Leads when elected.
  private final class Member implements Leadership.Member {
    private final CompletableFuture<Leadership> started;
    private final String self;

    Member(CompletableFuture<Leadership> started, String self) {
      this.started = started;
      this.self = self;
    }

    @Override
    public void lead(TreeMap<String, byte[]> records) {
      log.info("{} leads with {} records", self, records.size());
      started.thenAccept(with -> {
        var made =
            new Runner(
                config(self),
                with,
                MarathonServer.this::client,
                events,
                meters,
                flags.maxConcurrentMarathonHealthChecks(),
                MarathonServer.this::end);
        runner = Optional.of(made);
        made.start(records);
      });
    }

    @Override
    public void lost(String reason) {
      end(ExitCode.LEADERSHIP_LOST, "Leadership was lost: " + reason);
    }
  }

  private void end(int code, String reason) {
    if (ended.complete(new Ended(code, reason))) {
      log.error("Marathon ends: {}", reason);
    }
  }

  private SchedulerClient.Builder client(FrameworkInfo info) {
    var builder =
        SchedulerClient.builder(flags.master(), info)
            .explicitAcknowledgements()
            .missedHeartbeats(flags.mesosHeartbeatFailureThreshold());
    if (flags.mesosAuthentication()) {
      builder.credentials(flags.mesosAuthenticationPrincipal().orElse(""), secret());
    }
    return builder;
  }

  private String secret() {
    var file = flags.mesosAuthenticationSecretFile();
    if (file.isEmpty()) {
      return flags.mesosAuthenticationSecret().orElse("");
    }
    try {
      return Files.readString(file.get()).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("--mesos_authentication_secret_file=" + file.get(), e);
    }
  }

  private MarathonConfig config(String self) {
    var framework =
        FrameworkInfo.newBuilder()
            .setName(flags.frameworkName())
            .setUser(user(flags))
            .setHostname(hostname(flags))
            .setFailoverTimeout(flags.failoverTimeout())
            .setCheckpoint(flags.checkpoint())
            .setWebuiUrl(flags.webuiUrl().orElse("http://" + self));
    CAPABILITIES.forEach(type -> framework.addCapabilities(Capability.newBuilder().setType(type)));
    if (flags.enableFeatures().contains("gpu_resources")) {
      framework.addCapabilities(Capability.newBuilder().setType(Capability.Type.GPU_RESOURCES));
    }
    flags.mesosAuthenticationPrincipal().ifPresent(framework::setPrincipal);
    return new MarathonConfig(
        new Settings(
            flags.mesosRole(),
            flags.defaultNetworkName(),
            flags.mesosBridgeName(),
            new LinkedHashSet<>(flags.enableFeatures()),
            flags.localPortMin(),
            flags.localPortMax()),
        framework.build(),
        new Matcher.Options(
            flags.envVarsPrefix().orElse(""),
            flags.mesosBridgeName(),
            flags.maintenanceMode(),
            Duration.ofSeconds(flags.drainingSeconds())),
        flags.zkMaxVersions(),
        flags.newGroupEnforceRole().equals("top"),
        flags.maxRunningDeployments(),
        flags.launchTokens(),
        Duration.ofMillis(flags.launchTokenRefreshInterval()),
        flags.maxInstancesPerOffer(),
        Duration.ofMillis(flags.declineOfferDuration()),
        Duration.ofMillis(flags.minReviveOffersInterval()),
        flags.suppressOffers(),
        Duration.ofMillis(flags.taskLaunchTimeout()),
        Duration.ofMillis(flags.taskLaunchConfirmTimeout()),
        Duration.ofMillis(flags.reconciliationInitialDelay()),
        Duration.ofMillis(flags.reconciliationInterval()),
        Duration.ofMillis(flags.scaleAppsInitialDelay()),
        Duration.ofMillis(flags.scaleAppsInterval()),
        Duration.ofMillis(flags.killRetryTimeout()));
  }

  private void routes(Router router) {
    var api = new Api(() -> runner, proxy, threads);
    new SystemEndpoint(router, api, flags, edge.port(), leadership, events, meters, this::abdicate)
        .register();
    AppsEndpoint.register(router, api);
    MoreEndpoints.register(router, api);
    router.assets("/ui", "console/marathon");
    router.assets("/ui/lib", "console/lib");
    router.notFound(api.here(Api::notFound));
    router.failed(failure -> Api.message(500, "Internal error; the log says more."));
    flags.httpCredentials().ifPresent(credentials -> authenticate(router, credentials));
    router.after(this::headers);
    flags.accessControlAllowOrigin().ifPresent(origin -> crossOrigin(router, origin));
  }

  private void abdicate() {
    threads.execute(() -> {
      try {
        Thread.sleep(ABDICATION);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      end(ExitCode.ABDICATED, "Leadership was given up on request");
    });
  }

  private void authenticate(Router router, String credentials) {
    var expected =
        ("Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
            .getBytes(StandardCharsets.UTF_8);
    router.authenticated();
    router.before(request -> {
      var given = request.header("authorization").orElse("").getBytes(StandardCharsets.UTF_8);
      return request.path().equals("/ping") || MessageDigest.isEqual(expected, given)
          ? Optional.empty()
          : Optional.of(
              Api.message(401, "Credentials are missing or wrong.")
                  .header("WWW-Authenticate", "Basic realm=\"" + flags.httpRealm() + "\""));
    });
  }

  private static void crossOrigin(Router router, String origin) {
    router.before(request ->
        request.method().equals("OPTIONS")
            ? Optional.of(
                Answer.empty(200)
                    .header("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
                    .header("Access-Control-Max-Age", "86400")
                    .header(
                        "Access-Control-Allow-Headers",
                        request.header("access-control-request-headers").orElse("")))
            : Optional.empty());
    router.after((request, answer) -> answer.header("Access-Control-Allow-Origin", origin));
  }

  /// What every answer carries. One that came from the leader carries it already.
  private Answer headers(Request request, Answer answer) {
    boolean forwarded = answer.headers().stream().anyMatch(each -> each.getKey().equals("Via"));
    if (forwarded) {
      return answer;
    }
    var more = answer;
    if (!request.path().startsWith("/ui")) {
      more =
          more.header("Cache-Control", "no-cache, no-store, must-revalidate")
              .header("Pragma", "no-cache")
              .header("Expires", "0");
    }
    if (answer.headers().stream().noneMatch(each -> each.getKey().equals("X-Frame-Options"))) {
      more = more.header("X-Frame-Options", "DENY");
    }
    more = more.header("X-XSS-Protection", "1; mode=block");
    if (runner.isPresent()) {
      more = more.header("X-Marathon-Leader", "http://" + leadership.leader().orElse(""));
    }
    return flags.httpCompression() ? more : more.header("Content-Encoding", "identity");
  }

  static String hostname(MarathonFlags flags) {
    return flags
        .hostname()
        .orElseGet(() -> {
          try {
            return InetAddress.getLocalHost().getHostName();
          } catch (UnknownHostException e) {
            return "localhost";
          }
        });
  }

  static String user(MarathonFlags flags) {
    return flags.mesosUser().orElseGet(() -> System.getProperty("user.name", "root"));
  }

  /// The port listened on.
  public int port() {
    return edge.port();
  }

  /// Whether this server leads.
  public boolean leading() {
    return runner.isPresent();
  }

  /// Completes when the server has to end by itself; it is still to be closed then.
  public CompletionStage<Ended> ended() {
    return ended;
  }

  @Override
  public void close() {
    events.close();
    edge.close();
    runner.ifPresent(Runner::close);
    leadership.close();
    proxy.close();
    threads.shutdownNow();
  }

  /// Runs until it has to end.
  public static void main(String[] args) {
    System.exit(run(args, System.getenv()));
  }

  static int run(String[] args, Map<String, String> environment) {
    if (Flags.help(List.of(args))) {
      System.out.print(MarathonFlags.help());
      return 0;
    }
    if (List.of(args).contains("--version")) {
      System.out.println("marathon " + SystemEndpoint.VERSION + " (Meseta)");
      return 0;
    }
    MarathonFlags flags;
    try {
      flags = MarathonFlags.parse(List.of(args), environment, System.err::println);
    } catch (FlagException e) {
      e.problems().forEach(System.err::println);
      System.err.println("See ./meseta marathon --help");
      return ExitCode.FLAGS;
    }
    Logging.configure(flags.loggingLevel(), false);
    log.info("Marathon starts with {}", Flags.effective(flags));
    var closed = new CountDownLatch(1);
    try (var server = start(flags)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> endAndWait(server, closed)));
      return server.ended.join().code();
    } catch (ListenException e) {
      System.err.println(e.getMessage());
      return ExitCode.BIND;
    } finally {
      closed.countDown();
    }
  }

  /// Lets a signal end the server in order.
  private static void endAndWait(MarathonServer server, CountDownLatch closed) {
    server.end(0, "asked to end");
    try {
      if (!closed.await(10, TimeUnit.SECONDS)) {
        log.warn("Marathon did not end in order within 10 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
