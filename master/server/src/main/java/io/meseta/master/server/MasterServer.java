// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.HttpEdge;
import io.meseta.http.IpDiscovery;
import io.meseta.http.Router;
import io.meseta.libprocess.Libprocess;
import io.meseta.libprocess.LocalNetwork;
import io.meseta.loop.Ids;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A master in this process: everything is built here, in reading order. Several may live in one
/// process.
public final class MasterServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MasterServer.class);

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private final ExecutorService renderers = Renderers.start();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final Libprocess libprocess = new Libprocess();
  private final HttpEdge edge;
  private final Node node;
  private final Leadership leadership;
  private final Optional<Whitelist> whitelist;

  private MasterServer(MasterFlags flags, Optional<LocalNetwork> network) {
    var config = CoreConfig.of(flags);
    var ip = IpDiscovery.listenOn(flags.ip(), flags.ipDiscoveryCommand());
    var router = new Router();
    var access = flags.access();
    access.install(router);
    if (flags.authenticateHttpReadwrite() && flags.authenticateHttpFrameworks()) {
      router.authenticated();
    }
    flags.firewallRules().map(CoreConfig::firewall).ifPresent(off -> router.before(off.of(router)));
    var gate = new Gate();
    router.before(gate);
    var builder =
        HttpEdge.builder("master")
            .listen(ip, flags.port())
            .maxBody(flags.maxRequestBytes())
            .routes(router);
    libprocess.install(builder, router);
    edge = builder.start();
    var identity = Identity.of(flags, ip, edge.port(), Ids.secure().uuid().toString());
    network.ifPresent(local -> libprocess.join(local, identity.pid().address()));
    node =
        new Node(
            identity,
            config,
            flags.maxQueuedEvents(),
            libprocess,
            access,
            flags.authenticationV0Timeout(),
            flags.rateLimits().map(RateLimits::parse).orElse(RateLimits.NONE),
            executor,
            ended::complete);
    whitelist = flags.whitelist().map(file -> new Whitelist(file, node::submit));
    leadership = new Leadership(flags, node, ended::complete);
    new Routes(flags, node, leadership, access, renderers).register(router);
    gate.open(leadership);
    leadership.begin();
    warn(flags, ip);
    log.info("master {} at {}", identity.info().getId(), identity.pid());
  }

  private static void warn(MasterFlags flags, String ip) {
    boolean local = new InetSocketAddress(ip, 0).getAddress().isLoopbackAddress();
    if (!local && !(flags.authenticateAgents() && flags.authenticateFrameworks())) {
      log.warn(
          "the master takes agents or drivers on {} WITHOUT AUTHENTICATION: see"
              + " --authenticate_agents and --authenticate_frameworks",
          ip);
    }
  }

  /// Starts a master.
  ///
  /// @throws IllegalArgumentException for flags that cannot be used
  /// @throws io.meseta.http.ListenException when the address cannot be had
  public static MasterServer start(MasterFlags flags) {
    return new MasterServer(flags, Optional.empty());
  }

  /// Starts a master that meets emulated agents on a network inside this process.
  public static MasterServer start(MasterFlags flags, LocalNetwork network) {
    return new MasterServer(flags, Optional.of(network));
  }

  /// The port listened on.
  public int port() {
    return edge.port();
  }

  /// `master@ip:port`.
  public String pid() {
    return node.identity().pid().toString();
  }

  /// Whether this master leads.
  public boolean elected() {
    return leadership.elected();
  }

  /// Completes with the reason when this master cannot go on: it lost its leadership, or failed.
  public CompletableFuture<String> ended() {
    return ended.copy();
  }

  @Override
  public void close() {
    leadership.close();
    whitelist.ifPresent(Whitelist::close);
    node.close();
    libprocess.close();
    edge.close();
    executor.shutdownNow();
    renderers.shutdownNow();
  }
}
