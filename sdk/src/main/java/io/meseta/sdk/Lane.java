// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// A bounded queue of calls, of which so many are under way at a time. With one at a time they
/// arrive in order.
final class Lane<T, R> {
  private record Waiting<T, R>(T call, CompletableFuture<R> answer) {}

  private final int capacity;
  private final int parallel;
  private final Function<T, CompletableFuture<R>> sender;
  private final ArrayDeque<Waiting<T, R>> waiting = new ArrayDeque<>();
  private int underWay;

  Lane(int capacity, int parallel, Function<T, CompletableFuture<R>> sender) {
    this.capacity = capacity;
    this.parallel = parallel;
    this.sender = sender;
  }

  CompletableFuture<R> add(T call) {
    var answer = new CompletableFuture<R>();
    synchronized (this) {
      if (waiting.size() >= capacity) {
        return CompletableFuture.failedFuture(
            new CallFailedException(0, "more than " + capacity + " calls wait to be sent"));
      }
      waiting.add(new Waiting<>(call, answer));
    }
    pump();
    return answer;
  }

  /// Fails all calls not yet sent.
  void drop(String reason) {
    ArrayDeque<Waiting<T, R>> dropped;
    synchronized (this) {
      dropped = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    dropped.forEach(
        each -> each.answer().completeExceptionally(new CallFailedException(0, reason)));
  }

  synchronized int depth() {
    return waiting.size() + underWay;
  }

  private void pump() {
    while (true) {
      Waiting<T, R> next;
      synchronized (this) {
        if (underWay >= parallel || waiting.isEmpty()) {
          return;
        }
        next = waiting.poll();
        underWay++;
      }
      var sent = sender.apply(next.call());
      boolean now = sent.isDone();
      sent.whenComplete((answer, failure) -> {
        synchronized (this) {
          underWay--;
        }
        if (failure != null) {
          next.answer().completeExceptionally(failure);
        } else {
          next.answer().complete(answer);
        }
        if (!now) { // else the loop goes on by itself, without growing the stack
          pump();
        }
      });
    }
  }
}
