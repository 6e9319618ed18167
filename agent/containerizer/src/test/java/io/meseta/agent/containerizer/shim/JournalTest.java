// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.agent.containerizer.shim.ShimState.Line;
import io.meseta.agent.containerizer.shim.ShimState.Over;
import io.meseta.agent.containerizer.shim.ShimState.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class JournalTest {
  private static final Line STARTED = new Line("a", new Running("boot", 10, 11, 12, 13));
  private static final Line OVER = new Line("a", new Over("boot", 256, 5, 6, 7, ""));
  private static final Line REFUSED = new Line("b", new Over("boot", -1, 0, 0, 0, "no such user"));

  @TempDir Path folder;

  private void write(String text) throws Exception {
    Files.writeString(
        folder.resolve("journal"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void linesAreReadAsTheyComeAndPiecesOfLinesWait() throws Exception {
    var seen = new ArrayList<Line>();
    try (var journal = Journal.open(folder, 1 << 20, seen::add)) {
      write("a pid boot 10 11 12 13\nb exit bo");
      journal.read();
      assertThat(seen).containsExactly(STARTED);
      write("ot -1 0 0 0 no such user\na exit boot 2\n\na exit boot 256 5 6 7\n");
      journal.read();
      assertThat(seen).containsExactly(STARTED, REFUSED, OVER);
    }
  }

  @Test
  void linesThatAreWrittenReadTheSame() {
    for (var line : List.of(STARTED, OVER, REFUSED)) {
      assertThat(ShimState.parse(line.state().line(line.id()))).contains(line);
    }
  }

  @Test
  void aNewJournalHoldsOnlyWhatIsNeeded() throws Exception {
    var seen = new ArrayList<Line>();
    try (var journal = Journal.open(folder, 20, seen::add)) {
      write("a pid boot 10 11 12 13\nb exit boot -1 0 0 0 no such user\n");
      journal.read();
      assertThat(journal.isDue()).isTrue();
      journal.renew(() -> List.of(STARTED.state().line("a")));
      write("a exit boot 256 5 6 7\n");
      journal.read();
    }
    assertThat(folder.resolve("journal"))
        .hasContent("\na pid boot 10 11 12 13\na exit boot 256 5 6 7\n");
    assertThat(folder.resolve("journal.old")).doesNotExist();
    assertThat(seen).containsExactly(STARTED, REFUSED, STARTED, OVER);
  }

  @Test
  void whatAnAgentLeftThatWasKilledMeanwhileIsReadToo() throws Exception {
    write("a pid boot 10 11 12 13\n");
    Files.move(folder.resolve("journal"), folder.resolve("journal.old"));
    var seen = new ArrayList<Line>();
    try (var journal = Journal.open(folder, 1 << 20, seen::add)) {
      journal.readOld();
      assertThat(seen).containsExactly(STARTED);
      assertThat(journal.isDue()).isTrue();
      journal.renew(() -> List.of(STARTED.state().line("a")));
      assertThat(journal.isDue()).isFalse();
      assertThat(folder.resolve("journal.old")).doesNotExist();
      journal.read();
    }
    assertThat(seen).containsExactly(STARTED, STARTED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noEndIsLostWhileNewJournalsAreBegun(boolean script) throws Exception {
    int count = script ? 20 : 300;
    var over = new CountDownLatch(count);
    var lost = new AtomicInteger();
    var listener =
        new Shims.Listener() {
          @Override
          public void started(String id, Running running) {}

          @Override
          public void over(String id, Over status) {
            over.countDown();
          }

          @Override
          public void lost(String id, String why) {
            lost.incrementAndGet();
          }
        };
    try (var shims = Shims.open(folder.resolve("shims"), folder, Set.of(), script, 500, listener)) {
      for (int i = 0; i < count; i++) {
        shims.launch(
            new ShimRequest(
                "c" + i,
                Optional.empty(),
                folder,
                folder.resolve("stdout"),
                folder.resolve("stderr"),
                List.of("/bin/true"),
                Map.of("PATH", "/usr/bin:/bin")));
      }
      assertThat(over.await(50, TimeUnit.SECONDS)).as("%d are missing", over.getCount()).isTrue();
    }
    assertThat(lost).hasValue(0);
  }
}
