// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RecordIoTest {
  @Test
  void recordsSurviveAnyCutting() {
    Seeds.forAll(
        200,
        random -> {
          var stream = new ByteArrayOutputStream();
          var sent = new ArrayList<String>();
          for (int i = random.nextInt(6); i >= 0; i--) {
            var record = "x".repeat(random.nextInt(40));
            sent.add(record);
            stream.writeBytes(RecordIo.encode(record.getBytes(StandardCharsets.US_ASCII)));
          }
          var bytes = stream.toByteArray();
          var decoder = new RecordIo.Decoder(100);
          var got = new ArrayList<String>();
          for (int at = 0; at < bytes.length; ) {
            int next = Math.min(bytes.length, at + 1 + random.nextInt(20));
            for (var record : decoder.feed(Arrays.copyOfRange(bytes, at, next))) {
              got.add(new String(record, StandardCharsets.US_ASCII));
            }
            at = next;
          }
          assertThat(got).isEqualTo(sent);
          assertThat(decoder.atBoundary()).isTrue();
        });
  }

  @Test
  void brokenFramingIsRefused() {
    for (var wrong : new String[] {"\n", "x\n", "12345678901\n", "101\n", "-1\n", "1 \n"}) {
      assertThatThrownBy(
              () -> new RecordIo.Decoder(100).feed(wrong.getBytes(StandardCharsets.US_ASCII)))
          .as(wrong)
          .isInstanceOf(RecordIo.MalformedException.class);
    }
  }
}
