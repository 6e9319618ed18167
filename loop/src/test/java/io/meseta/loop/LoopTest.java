// SPDX-License-Identifier: Apache-2.0
package io.meseta.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final class Echo implements Core<String, String> {
    final List<String> seen = new ArrayList<>();

    @Override
    public List<String> on(String event, Instant now) {
      if (event.equals("boom")) {
        throw new IllegalStateException("boom");
      }
      seen.add(event);
      return List.of(event + "!");
    }

    @Override
    public List<String> endOfBatch(Instant now) {
      return List.of("end of " + seen.size());
    }
  }

  @Test
  void runsEventsInOrderAndEndsEachBatchOnce() throws Exception {
    var out = new LinkedBlockingQueue<String>();
    var loop = new Loop<>("test", new Echo(), out::add, InstantSource.system(), 10, e -> {});
    loop.offer("a");
    loop.offer("b");
    try (loop) {
      loop.start();
      assertThat(List.of(take(out), take(out), take(out))).containsExactly("a!", "b!", "end of 2");
    }
  }

  @Test
  void refusesWhatClientsSendWhenTheInboxIsFullButTakesAnswers() {
    var loop = new Loop<>("test", new Echo(), e -> {}, InstantSource.system(), 2, e -> {});
    assertThat(loop.offer("1")).isTrue();
    assertThat(loop.offer("2")).isTrue();
    assertThat(loop.offer("3")).isFalse();
    assertThat(loop.submit("answer")).isTrue();
    assertThat(loop.depth()).isEqualTo(3);
    loop.close();
    assertThat(loop.submit("late")).isFalse();
  }

  @Test
  void firesTimersInOrderAndReplacesThemByKey() throws Exception {
    var out = new LinkedBlockingQueue<String>();
    try (var loop = new Loop<>("test", new Echo(), out::add, InstantSource.system(), 10, e -> {})) {
      loop.setTimer("x", Duration.ofDays(1), "never");
      loop.setTimer("x", Duration.ofMillis(20), "x");
      loop.setTimer("y", Duration.ofMillis(1), "y");
      loop.setTimer("z", Duration.ofMillis(1), "z");
      loop.cancelTimer("z");
      loop.start();
      var fired = new ArrayList<String>();
      while (fired.size() < 2) {
        var effect = take(out);
        if (effect.endsWith("!")) {
          fired.add(effect);
        }
      }
      assertThat(fired).containsExactly("y!", "x!");
    }
  }

  @Test
  void reportsItsOwnMistakeAndEnds() throws Exception {
    var failure = new AtomicReference<Throwable>();
    var reported = new CountDownLatch(1);
    var loop =
        new Loop<>(
            "test",
            new Echo(),
            e -> {},
            InstantSource.system(),
            10,
            e -> {
              failure.set(e);
              reported.countDown();
            });
    loop.start();
    loop.offer("boom");
    assertThat(reported.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get()).hasMessage("boom");
    assertThat(loop.offer("more")).isFalse();
  }

  @Test
  void timersSurviveAnOverflowingClock() {
    var timers = new Timers<String>();
    timers.set("late", Long.MIN_VALUE + 5, "late");
    timers.set("soon", Long.MAX_VALUE - 5, "soon");
    assertThat(timers.untilNext(Long.MAX_VALUE - 10)).isEqualTo(5);
    assertThat(timers.poll(Long.MAX_VALUE - 1)).isEqualTo("soon");
    assertThat(timers.poll(Long.MAX_VALUE)).isNull();
    assertThat(timers.poll(Long.MIN_VALUE + 5)).isEqualTo("late");
    assertThat(timers.size()).isZero();
  }

  @Test
  void seededIdsRepeatAndAreVersionFour() {
    var ids = Ids.seeded(7);
    var uuid = ids.uuid();
    assertThat(uuid).isEqualTo(Ids.seeded(7).uuid()).isNotEqualTo(ids.uuid());
    assertThat(uuid.version()).isEqualTo(4);
    assertThat(uuid.variant()).isEqualTo(2);
  }

  private static String take(LinkedBlockingQueue<String> queue) throws InterruptedException {
    var taken = queue.poll(5, TimeUnit.SECONDS);
    assertThat(taken).isNotNull();
    return taken;
  }
}
