// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.libprocess.Libprocess;
import io.meseta.libprocess.auth.CramMd5Client;
import io.meseta.wire.Upid;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Proves to the master who this agent is before each attempt to register: a master forgets a proof
/// when it loses the connection, and the agent cannot know. Thread-safe.
final class Proof {
  private static final Logger LOG = LoggerFactory.getLogger(Proof.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final CramMd5Client client;
  private final Runnable refused;
  private @Nullable Upid asked;
  private @Nullable Runnable next;

  /// @param credential principal and secret
  /// @param refused called when the master does not believe them
  Proof(Libprocess libprocess, Upid self, Map.Entry<String, String> credential, Runnable refused) {
    this.client = new CramMd5Client(libprocess, self, credential.getKey(), credential.getValue());
    this.refused = refused;
  }

  /// Registers once the master believes us. A later attempt takes the place of one that waits; an
  /// attempt that comes to nothing is repeated by the core.
  synchronized void before(Upid master, Runnable register) {
    next = register;
    if (master.equals(asked)) {
      return;
    }
    asked = master;
    var unused =
        client
            .authenticate(master, TIMEOUT)
            .whenComplete(
                (believed, failure) -> end(master, believed != null && believed, failure));
  }

  private void end(Upid master, boolean believed, @Nullable Throwable failure) {
    Runnable register;
    synchronized (this) {
      if (!master.equals(asked)) {
        return; // another master leads by now
      }
      register = next;
      asked = null;
      next = null;
    }
    if (failure != null) {
      LOG.warn("cannot authenticate with {}: {}", master, failure.toString());
    } else if (!believed) {
      LOG.error("{} refuses this agent's --credential", master);
      refused.run();
    } else if (register != null) {
      register.run();
    }
  }
}
