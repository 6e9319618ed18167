// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import com.google.protobuf.Message;
import io.meseta.agent.core.recovery.Write;
import io.meseta.wire.Upid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where the rooms of the core put their effects, and the order of what waits for the disk.
public final class Out {
  private final Map<Long, Runnable> waiting = new HashMap<>();
  private List<Effect> effects = new ArrayList<>();
  private long token;

  /// Adds an effect.
  public void add(Effect effect) {
    effects.add(effect);
  }

  public void send(Upid to, Message message) {
    add(new Effect.Send(to, message));
  }

  public void note(String text) {
    add(new Effect.Note(text));
  }

  public void setTimer(TimerKey key, Duration delay) {
    add(new Effect.SetTimer(key, delay));
  }

  public void cancelTimer(TimerKey key) {
    add(new Effect.CancelTimer(key));
  }

  /// Writes, then does `next`: the only way to wait for the disk.
  public void persist(List<Write> writes, Runnable next) {
    long mine = ++token;
    waiting.put(mine, next);
    add(new Effect.Persist(mine, List.copyOf(writes)));
  }

  /// Writes what nobody waits for.
  public void persist(Write... writes) {
    persist(List.of(writes), () -> {});
  }

  void persisted(long done) {
    var next = waiting.remove(done);
    if (next != null) {
      next.run();
    }
  }

  List<Effect> take() {
    var taken = effects;
    effects = new ArrayList<>();
    return taken;
  }
}
