// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.recovery.Write;
import io.meseta.testkit.Covers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskTest {
  @TempDir Path folder;

  private void append(Path file, String record) throws Exception {
    Disk.carryOut(new Write.Append(file.toString(), ByteString.copyFromUtf8(record)));
  }

  /// However much of the last record a crash let through: what is appended later is read.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 9})
  @Covers("G01")
  void aTornRecordIsCutOff(int kept) throws Exception {
    var file = folder.resolve("tasks/t/task.updates");
    append(file, "first");
    append(file, "second");
    long whole = Files.size(file);
    append(file, "third!");
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(whole + kept);
    }
    assertThat(Disk.recover(file)).extracting(String::new).containsExactly("first", "second");
    assertThat(file).hasSize(whole);
    append(file, "fourth");
    assertThat(Disk.recover(file))
        .extracting(String::new)
        .containsExactly("first", "second", "fourth");
  }

  @Test
  void zerosOfALostWriteAreCutOff() throws Exception {
    var file = folder.resolve("task.updates");
    append(file, "first");
    long whole = Files.size(file);
    Files.write(file, new byte[4096], StandardOpenOption.APPEND);
    assertThat(Disk.recover(file)).extracting(String::new).containsExactly("first");
    assertThat(file).hasSize(whole);
  }
}
