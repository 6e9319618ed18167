// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.loop.Core;
import io.meseta.loop.Timers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.function.Consumer;

/// What [io.meseta.loop.Loop] is in production: batches of due timers and waiting events, then the
/// end of the batch. Belongs to one life of a node.
final class CoreLoop<E, F> {
  private final Node node;
  private final int life;
  private final Core<E, F> core;
  private final Consumer<F> effects;
  private final Runnable afterBatch;
  private final ArrayDeque<E> inbox = new ArrayDeque<>();
  private final Timers<E> timers = new Timers<>();
  private long wakeAt = Long.MAX_VALUE;

  CoreLoop(Node node, Core<E, F> core, Consumer<F> effects, Runnable afterBatch) {
    this.node = node;
    this.life = node.life;
    this.core = core;
    this.effects = effects;
    this.afterBatch = afterBatch;
  }

  void submit(E event) {
    inbox.add(event);
    wake();
  }

  void setTimer(Object key, Duration delay, E event) {
    timers.set(key, now() + Math.max(0, delay.toNanos()), event);
    wake();
  }

  void cancelTimer(Object key) {
    timers.cancel(key);
  }

  private long now() {
    return node.cluster.clock.nanos();
  }

  void wake() {
    long due = timers.untilNext(now());
    long wait = inbox.isEmpty() ? due : Math.min(due, node.cluster.chance.nanos(10_000, 300_000));
    if (wait != Long.MAX_VALUE && now() + wait < wakeAt) {
      long at = now() + wait;
      wakeAt = at;
      node.cluster.clock.after(wait, () -> run(at));
    }
  }

  private void run(long at) {
    if (at != wakeAt) {
      return; // an earlier one was planned meanwhile
    }
    wakeAt = Long.MAX_VALUE;
    if (node.life != life || node.paused()) {
      return;
    }
    var batch = new ArrayList<E>();
    for (var due = timers.poll(now()); due != null; due = timers.poll(now())) {
      batch.add(due);
    }
    batch.addAll(inbox);
    inbox.clear();
    var instant = node.instant();
    for (var event : batch) {
      node.cluster.trace(node.host, " ", event.getClass().getSimpleName());
      if (!carryOut(core.on(event, instant))) {
        return;
      }
    }
    if (!batch.isEmpty() && carryOut(core.endOfBatch(instant))) {
      afterBatch.run();
    }
    wake();
  }

  /// False when the process has ended by one of the effects.
  private boolean carryOut(Iterable<F> list) {
    for (var effect : list) {
      effects.accept(effect);
      if (node.life != life) {
        return false;
      }
    }
    return true;
  }
}
