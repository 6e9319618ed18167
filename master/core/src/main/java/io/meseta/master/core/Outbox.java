// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import com.google.protobuf.Message;
import io.meseta.wire.Upid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Collects the effects of one event, in order.
public final class Outbox {
  private List<Effect> effects = new ArrayList<>();

  public void add(Effect effect) {
    effects.add(effect);
  }

  /// A message from the process `master`.
  public void send(Upid to, Message message) {
    effects.add(new Effect.Send("master", to, message));
  }

  public void setTimer(TimerKey key, Duration delay) {
    effects.add(new Effect.SetTimer(key, delay));
  }

  public void cancelTimer(TimerKey key) {
    effects.add(new Effect.CancelTimer(key));
  }

  public void note(String text) {
    effects.add(new Effect.Note(text));
  }

  List<Effect> drain() {
    if (effects.isEmpty()) {
      return List.of();
    }
    var result = effects;
    effects = new ArrayList<>();
    return result;
  }
}
