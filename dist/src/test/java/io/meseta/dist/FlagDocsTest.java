// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FlagDocsTest {
  @Test
  void thePagesSayWhatTheProgramsDo() throws Exception {
    for (var page : FlagDocs.pages().entrySet()) {
      assertThat(Files.readString(Path.of("../docs/flags").resolve(page.getKey())))
          .as(page.getKey() + " (./meseta docs writes it anew)")
          .isEqualTo(page.getValue());
    }
  }
}
