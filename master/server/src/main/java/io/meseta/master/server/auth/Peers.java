// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.auth;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.libprocess.Libprocess;
import io.meseta.libprocess.auth.CramMd5Server;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.AuthenticateMessage;
import io.meseta.wire.internal.AuthenticationErrorMessage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which agents and drivers have proven who they are. A proof holds until the peer disconnects or
/// begins anew. Thread-safe. Original: src/master/master.cpp, Master::authenticate.
public final class Peers {
  private static final Logger log = LoggerFactory.getLogger(Peers.class);

  /// How many proofs are remembered; who is forgotten has to prove itself again.
  private static final int MAX_PROVEN = 200_000;

  /// How many may be proving themselves at once.
  private static final int MAX_PROVING = 20_000;

  private final Libprocess libprocess;
  private final Upid self;
  private final Optional<CramMd5Server> server;
  private final Duration timeout;
  private final Map<Upid, CompletableFuture<Optional<String>>> proving = new LinkedHashMap<>();
  private final Map<Upid, String> proven =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Upid, String> eldest) {
          return size() > MAX_PROVEN;
        }
      };

  /// @param secrets the secret of a principal; without it nobody can prove anything
  public Peers(
      Libprocess libprocess,
      Upid self,
      Optional<Function<String, Optional<String>>> secrets,
      Duration timeout) {
    this.libprocess = libprocess;
    this.self = self;
    this.server = secrets.map(lookup -> new CramMd5Server(libprocess, self, lookup));
    this.timeout = timeout;
  }

  /// As whom the peer has proven itself.
  public synchronized Optional<String> principal(Upid peer) {
    return Optional.ofNullable(proven.get(peer));
  }

  /// The connection to the peer broke.
  public synchronized void exited(Upid peer) {
    proven.remove(peer);
  }

  /// Runs `action` now, or once the peer's proof under way has come to an end.
  public void afterwards(Upid peer, Runnable action) {
    CompletableFuture<Optional<String>> underWay;
    synchronized (this) {
      underWay = proving.get(peer);
    }
    if (underWay == null) {
      action.run();
    } else {
      var unused = underWay.whenComplete((principal, failure) -> action.run());
    }
  }

  /// @param client whom the proof is discussed with
  public void begin(Upid client, byte[] body) throws InvalidProtocolBufferException {
    var peer = Upid.parse(AuthenticateMessage.parseFrom(body).getPid()).orElse(null);
    if (peer == null) {
      log.warn("dropping AuthenticateMessage of {}: its pid is none", client);
      return;
    }
    if (server.isEmpty()) {
      error(client, "No authenticator loaded");
      return;
    }
    var result = new CompletableFuture<Optional<String>>();
    synchronized (this) {
      proven.remove(peer);
      if (proving.size() >= MAX_PROVING && !proving.containsKey(peer)) {
        error(client, "Too many authentications are under way");
        return;
      }
      var before = proving.put(peer, result);
      if (before != null) {
        before.cancel(false);
      }
    }
    var unused =
        server
            .get()
            .authenticate(client, timeout)
            .whenComplete((principal, failure) -> end(peer, result, principal, failure));
  }

  private void end(
      Upid peer,
      CompletableFuture<Optional<String>> result,
      Optional<String> principal,
      Throwable failure) {
    synchronized (this) {
      if (!proving.remove(peer, result)) {
        return; // it began anew meanwhile
      }
      if (failure == null && principal.isPresent()) {
        proven.put(peer, principal.get());
      }
    }
    if (failure != null) {
      log.warn("{} could not be authenticated: {}", peer, failure.toString());
    } else {
      log.info(
          principal.isPresent() ? "{} is authenticated as '{}'" : "{} has wrong credentials",
          peer,
          principal.orElse(""));
    }
    result.complete(failure == null ? principal : Optional.empty());
  }

  private void error(Upid client, String reason) {
    libprocess.send(self, client, AuthenticationErrorMessage.newBuilder().setError(reason).build());
  }
}
