// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.containerizer.Containerizer;
import io.meseta.agent.core.view.AgentSnapshot;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// What endpoints read from: snapshots of the core, the containerizer, the flags. The port opens
/// before the rest is there; until then readers get nothing and answer 503.
final class Readers {
  private static final int WAIT_SECONDS = 30;

  final AgentFlags flags;
  final Access access;
  final Path workDir;
  private volatile @Nullable Effects effects;
  private volatile @Nullable Containerizer containerizer;

  Readers(AgentFlags flags, Access access, Path workDir) {
    this.flags = flags;
    this.access = access;
    this.workDir = workDir;
  }

  void connect(Effects theEffects, Containerizer theContainerizer) {
    containerizer = theContainerizer;
    effects = theEffects;
  }

  /// The agent at this moment; empty while it is not ready or too busy to say.
  Optional<AgentSnapshot> snapshot() {
    var source = effects;
    if (source == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(source.snapshot().get(WAIT_SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException busy) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /// The way of executors' calls into the core; empty until it is there.
  Optional<ExecutorStreams> executors() {
    return Optional.ofNullable(effects).map(Effects::executors);
  }

  /// Only after [#snapshot] gave one.
  Containerizer containerizer() {
    var it = containerizer;
    if (it == null) {
      throw new IllegalStateException("not ready");
    }
    return it;
  }
}
