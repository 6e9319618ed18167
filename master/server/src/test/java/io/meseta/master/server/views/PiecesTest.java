// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PiecesTest {
  /// What changes comes as a new object with the same id.
  private static final class Element {
    final String id;
    final int version;

    Element(String id, int version) {
      this.id = id;
      this.version = version;
    }

    String text() {
      return "\"" + id + "." + version + "\"";
    }
  }

  private final Pieces pieces = new Pieces();
  private final AtomicInteger written = new AtomicInteger();
  private final Form<Element> form =
      Form.json((out, element) -> {
        written.incrementAndGet();
        out.value(element.id + "." + element.version);
      });

  private String render(List<Element> elements) {
    var out = new ByteArrayOutputStream();
    for (var piece : pieces.of("list", elements, element -> element.id, form)) {
      if (out.size() > 0) {
        out.write(',');
      }
      out.writeBytes(piece.bytes());
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String expected(List<Element> elements) {
    return elements.stream().map(Element::text).collect(Collectors.joining(","));
  }

  private static List<Element> elements(int count) {
    var result = new ArrayList<Element>();
    for (int i = 0; i < count; i++) {
      result.add(new Element("task-" + i, 0));
    }
    return result;
  }

  @Test
  void whateverChangesTheTextIsThatOfTheElements() {
    var random = new SplittableRandom(5);
    var elements = elements(3_000);
    int named = elements.size();
    assertThat(render(elements)).isEqualTo(expected(elements));
    for (int round = 0; round < 60; round++) {
      for (int change = random.nextInt(30); change >= 0; change--) {
        int at = random.nextInt(elements.size());
        switch (random.nextInt(4)) {
          case 0 -> elements.remove(at);
          case 1 -> elements.add(at, new Element("task-" + named++, 0));
          case 2 -> elements.addAll(List.of(elements.remove(at))); // to the end
          default -> elements.set(at, new Element(elements.get(at).id, round + 1));
        }
      }
      assertThat(render(elements)).isEqualTo(expected(elements));
    }
    assertThat(render(List.of())).isEmpty();
  }

  @Test
  void onlyWhatHasChangedIsWrittenAgain() {
    var elements = elements(10_000);
    render(elements);
    assertThat(written.getAndSet(0)).isEqualTo(10_000);

    render(List.copyOf(elements));
    assertThat(written.getAndSet(0)).isZero();

    elements.set(5_000, new Element(elements.get(5_000).id, 1));
    elements.add(new Element("new", 0));
    elements.removeFirst();
    elements.remove(7_000);
    render(elements);
    // A piece that lost its first element begins with another one and is not known.
    assertThat(written.get()).isBetween(2, 2 + 3 * 256);
  }
}
