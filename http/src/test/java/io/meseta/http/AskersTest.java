// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AskersTest {
  private final AtomicLong asked = new AtomicLong();

  private boolean take(long number) {
    asked.set(number);
    return true;
  }

  @Test
  void theCoreAnswersByNumber() throws Exception {
    var askers = new Askers<String>((status, text) -> status + " " + text);
    var first = askers.ask(this::take);
    long number = asked.get();
    var second = askers.ask(this::take);
    askers.answer(number, "yes");
    askers.answer(12345, "nobody");
    assertThat(first.get(1, TimeUnit.SECONDS)).isEqualTo("yes");
    assertThat(second).isNotDone();
    askers.end("over");
    assertThat(second.get(1, TimeUnit.SECONDS)).isEqualTo("503 over");
  }

  @Test
  void nobodyWaitsForEver() throws Exception {
    var askers = new Askers<String>((status, text) -> status + " " + text, Duration.ofMillis(20));
    assertThat(askers.ask(this::take).get(10, TimeUnit.SECONDS))
        .startsWith("503 No answer within")
        .contains("may yet happen");
    askers.answer(asked.get(), "too late"); // and harms nobody
  }

  @Test
  void whoIsNotTakenIsTold() throws Exception {
    var askers = new Askers<String>((status, text) -> status + " " + text);
    assertThat(askers.ask(number -> false).get(1, TimeUnit.SECONDS)).startsWith("503 Too many");
  }
}
