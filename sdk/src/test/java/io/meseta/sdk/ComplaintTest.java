// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ComplaintTest {
  @Test
  void aNewProblemIsSaidAtOnceAndTheSameOneEveryHalfMinute() {
    var clock = new AtomicLong(7);
    var complaint = new Complaint(clock::get);
    assertThat(complaint.isDue("a")).isTrue();
    clock.addAndGet(Duration.ofSeconds(29).toNanos());
    assertThat(complaint.isDue("a")).isFalse();
    assertThat(complaint.isDue("b")).isTrue();
    clock.addAndGet(Duration.ofSeconds(30).toNanos());
    assertThat(complaint.isDue("b")).isTrue();
    complaint.clear();
    assertThat(complaint.isDue("b")).isTrue();
  }
}
