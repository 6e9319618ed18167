// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PartsTest {
  private static RecordReader reader(String text) {
    return new RecordReader(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), 1000);
  }

  @Test
  void readsBackWhateverWasWritten() {
    Seeds.forAll(
        50,
        random -> {
          var out = new ByteArrayOutputStream();
          var written = new ArrayList<byte[]>();
          for (int i = random.nextInt(5); i >= 0; i--) {
            var bytes = new byte[random.nextInt(1000)];
            random.nextBytes(bytes);
            written.add(bytes);
            out.writeBytes((bytes.length + "\n").getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(bytes);
          }
          var reader = new RecordReader(new ByteArrayInputStream(out.toByteArray()), 1000);
          for (var bytes : written) {
            assertThat(reader.next()).isEqualTo(bytes);
          }
          assertThat(reader.next()).isNull();
        });
  }

  @Test
  void refusesBrokenRecords() {
    assertThatThrownBy(() -> reader("3\nab").next()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> reader("3").next()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> reader("\n").next()).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> reader("1001\n").next()).hasMessageContaining("1000 bytes");
    assertThatThrownBy(() -> reader("99999999999999999999999\n").next())
        .hasMessageContaining("1000 bytes");
  }

  @Test
  void waitsDoubleUpToTheLimitAndAreShortenedByUpToAHalf() {
    Seeds.forAll(
        20,
        random -> {
          var backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(350), random);
          for (int millis : new int[] {100, 200, 350, 350}) {
            assertThat(backoff.next().toMillis()).isBetween(millis / 2L, (long) millis);
          }
          backoff.reset();
          assertThat(backoff.next().toMillis()).isBetween(50L, 100L);
        });
  }

  @Test
  void aLaneOfManyImmediateAnswersDoesNotGrowTheStack() {
    var gate = new CompletableFuture<Integer>();
    var lane =
        new Lane<Integer, Integer>(
            200_000, 1, n -> n == 0 ? gate : CompletableFuture.completedFuture(n));
    CompletableFuture<Integer> last = null;
    for (int i = 0; i < 100_000; i++) {
      last = lane.add(i);
    }
    assertThat(lane.depth()).isEqualTo(100_000);
    gate.complete(0);
    assertThat(last).isCompletedWithValue(99_999);
    assertThat(lane.depth()).isZero();
  }
}
