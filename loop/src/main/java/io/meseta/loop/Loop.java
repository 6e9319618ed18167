// SPDX-License-Identifier: Apache-2.0
package io.meseta.loop;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// The thread that owns a [Core]: takes events in batches, hands the effects to the edges, fires
/// timers.
///
/// Events of clients come by [#offer], which refuses when the inbox is full (the edge answers 503).
/// Answers to our own effects come by [#submit], which never refuses: their number is bounded by
/// the effects under way. Effects are run on the loop's thread in order, so they must not block.
///
/// An exception out of the core or of an effect is our own mistake: `onFailure` gets it and the
/// loop ends.
public final class Loop<E, F> implements AutoCloseable {
  /// How many events one batch holds at most, so that timers and the end of the batch are never far
  /// away.
  public static final int BATCH = 1024;

  private final Core<E, F> core;
  private final Consumer<F> effects;
  private final InstantSource clock;
  private final Consumer<Throwable> onFailure;
  private final int capacity;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<E> inbox = new ArrayDeque<>();
  private final Timers<E> timers = new Timers<>();
  private boolean closed;
  private volatile long batches;

  /// A loop that is not running yet; see [#start].
  ///
  /// @param name of the thread
  /// @param effects carries out one effect; called on the loop's thread
  /// @param capacity how many events of clients may wait
  public Loop(
      String name,
      Core<E, F> core,
      Consumer<F> effects,
      InstantSource clock,
      int capacity,
      Consumer<Throwable> onFailure) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity: " + capacity + " (expected: > 0)");
    }
    this.core = core;
    this.effects = effects;
    this.clock = clock;
    this.capacity = capacity;
    this.onFailure = onFailure;
    this.thread = new Thread(this::run, name);
  }

  /// Starts the thread.
  public Loop<E, F> start() {
    thread.start();
    return this;
  }

  /// Takes an event of a client; false when the inbox is full or the loop has ended.
  public boolean offer(E event) {
    return enqueue(event, capacity);
  }

  /// Takes the answer to an effect, however full the inbox is; false when the loop has ended.
  public boolean submit(E event) {
    return enqueue(event, Integer.MAX_VALUE);
  }

  private boolean enqueue(E event, int limit) {
    lock.lock();
    try {
      if (closed || inbox.size() >= limit) {
        return false;
      }
      inbox.add(event);
      if (inbox.size() == 1) {
        changed.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Sets or replaces the timer `key`: `event` comes after `delay`, measured by the monotonic
  /// clock.
  public void setTimer(Object key, Duration delay, E event) {
    lock.lock();
    try {
      timers.set(key, System.nanoTime() + Math.max(0, saturatedNanos(delay)), event);
      if (Thread.currentThread() != thread) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Forgets the timer `key`, if there is one.
  public void cancelTimer(Object key) {
    lock.lock();
    try {
      timers.cancel(key);
    } finally {
      lock.unlock();
    }
  }

  /// How many events wait.
  public int depth() {
    lock.lock();
    try {
      return inbox.size();
    } finally {
      lock.unlock();
    }
  }

  /// How many batches were done; changes show that the loop is alive.
  public long batches() {
    return batches;
  }

  /// Whether the calling thread is this loop's own.
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /// Ends the loop after the current batch and waits up to five seconds for it. Events still
  /// waiting are dropped.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    if (!isCurrent() && thread.isAlive()) {
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    var batch = new ArrayList<E>();
    try {
      while (take(batch)) {
        for (var event : batch) {
          carryOut(core.on(event, clock.instant()));
        }
        batch.clear();
        carryOut(core.endOfBatch(clock.instant()));
        batches++;
      }
    } catch (Throwable failure) { // whatever it is, the state can no longer be trusted
      lock.lock();
      try {
        closed = true;
      } finally {
        lock.unlock();
      }
      onFailure.accept(failure);
    }
  }

  private void carryOut(List<F> results) {
    for (var effect : results) {
      effects.accept(effect);
    }
  }

  /// Fills `batch` with due timers and waiting events, waiting for the first; false when the loop
  /// is closed.
  private boolean take(List<E> batch) throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          return false;
        }
        long now = System.nanoTime();
        for (var due = timers.poll(now); due != null; due = timers.poll(now)) {
          batch.add(due);
        }
        while (batch.size() < BATCH && !inbox.isEmpty()) {
          batch.add(inbox.poll());
        }
        if (!batch.isEmpty()) {
          return true;
        }
        long wait = timers.untilNext(now);
        if (wait == Long.MAX_VALUE) {
          changed.await();
        } else {
          var unused = changed.awaitNanos(wait);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static long saturatedNanos(Duration delay) {
    try {
      return delay.toNanos();
    } catch (ArithmeticException tooLong) {
      return Long.MAX_VALUE / 4;
    }
  }
}
