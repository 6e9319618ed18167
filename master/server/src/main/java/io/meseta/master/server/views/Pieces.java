// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.model.resources.Resources;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The long lists of one kind of document, kept in pieces from one rendering to the next, so that
/// only what has changed since is written anew.
///
/// Elements are immutable and made anew when they change, so a piece can be used again when it is
/// of the very same ones. Where a piece ends depends on the elements alone: one that comes or goes
/// changes one piece and leaves all others as they are. Documents share the pieces, so that those
/// on their way to slow readers cost little. What is kept goes when memory is short. Thread-safe.
final class Pieces {
  /// Elements of a piece, on average and at most.
  private static final int MEAN = 64;

  private static final int MOST = 4 * MEAN;

  /// Fewer pieces than this are not worth other threads.
  private static final int WORTH_SHARING = 16;

  /// A rendered run of elements; `ends` is where each of them ends in `bytes`.
  record Piece(Object[] elements, int[] ends, byte[] bytes, Resources held) {
    /// Where in `bytes` an element begins that stands after so many others.
    int begin(int index, int separator) {
      return index == 0 ? 0 : ends[index - 1] + separator;
    }
  }

  /// A run of elements that may have to be rendered.
  private record Run<T>(String id, List<T> elements, @Nullable Piece before) {
    boolean unchanged() {
      if (before == null || before.elements.length != elements.size()) {
        return false;
      }
      for (int i = 0; i < before.elements.length; i++) {
        if (before.elements[i] != elements.get(i)) {
          return false;
        }
      }
      return true;
    }
  }

  private volatile SoftReference<Map<String, Map<String, Piece>>> kept =
      new SoftReference<>(new ConcurrentHashMap<>());

  private Map<String, Map<String, Piece>> kept() {
    var lists = kept.get();
    if (lists == null) {
      lists = new ConcurrentHashMap<>();
      kept = new SoftReference<>(lists);
    }
    return lists;
  }

  /// The pieces of `elements`, in order.
  ///
  /// @param list names the list among those of this kind of document
  /// @param id of an element, the same for its later versions
  <T> List<Piece> of(String list, List<T> elements, Function<T, String> id, Form<T> form) {
    if (elements.isEmpty()) {
      return List.of();
    }
    var lists = kept();
    var runs = runs(elements, id, lists.getOrDefault(list, Map.of()));
    long changed = runs.stream().filter(run -> !run.unchanged()).count();
    var pieces =
        (changed < WORTH_SHARING ? runs.stream() : runs.parallelStream())
            .map(run -> piece(run, form))
            .toList();
    var next = new HashMap<String, Piece>();
    for (int i = 0; i < pieces.size(); i++) {
      next.put(runs.get(i).id, pieces.get(i));
    }
    lists.put(list, next);
    return pieces;
  }

  /// Forgets all lists but these.
  void retain(Set<String> lists) {
    kept().keySet().retainAll(new HashSet<>(lists));
  }

  private static <T> List<Run<T>> runs(
      List<T> elements, Function<T, String> id, Map<String, Piece> before) {
    var runs = new ArrayList<Run<T>>();
    int begin = 0;
    var first = id.apply(elements.getFirst());
    for (int i = 1; i <= elements.size(); i++) {
      var next = i == elements.size() ? "" : id.apply(elements.get(i));
      if (i == elements.size() || i - begin == MOST || begins(next)) {
        runs.add(new Run<>(first, elements.subList(begin, i), before.get(first)));
        begin = i;
        first = next;
      }
    }
    return runs;
  }

  /// Whether a piece begins with this element: true for one in `MEAN`.
  private static boolean begins(String id) {
    int hash = id.hashCode(); // ids that count up have hashes that do
    hash = (hash ^ hash >>> 16) * 0x85EBCA6B;
    hash = (hash ^ hash >>> 13) * 0xC2B2AE35;
    return (hash ^ hash >>> 16) % MEAN == 0;
  }

  private static <T> Piece piece(Run<T> run, Form<T> form) {
    var before = run.before;
    if (before != null && run.unchanged()) {
      return before;
    }
    var pen = form.pen().get();
    var elements = run.elements.toArray();
    var ends = new int[elements.length];
    int at = 0; // where in the piece of before the next element should be
    for (int i = 0; i < elements.length; i++) {
      int found = before == null ? -1 : find(before.elements, elements[i], at);
      if (before != null && found >= 0) {
        pen.copy(before.bytes, before.begin(found, form.separator()), before.ends[found]);
        at = found + 1;
      } else {
        pen.write(run.elements.get(i));
      }
      ends[i] = pen.size();
    }
    return new Piece(elements, ends, pen.bytes(), form.held().apply(run.elements));
  }

  private static int find(Object[] elements, Object wanted, int from) {
    for (int i = from; i < elements.length; i++) {
      if (elements[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
