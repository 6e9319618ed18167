// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.resources.Resources;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// `/tasks`: a page of all tasks there are or were.
public final class TaskPages {
  /// A page of so many tasks is put together from pieces that other documents have rendered.
  private static final int LONG = 1_000;

  private TaskPages() {}

  /// Which tasks to show.
  ///
  /// @param ascending by the time of the first status
  public record Query(
      int limit,
      int offset,
      boolean ascending,
      Optional<String> frameworkId,
      Optional<String> taskId) {}

  /// A task and, on a long page, where it stands rendered.
  private record Slot(Task task, Pieces.Piece piece, int index) {
    double time() {
      return task.getStatusesCount() == 0 ? 0 : task.getStatuses(0).getTimestamp();
    }
  }

  private static final Pieces.Piece NONE =
      new Pieces.Piece(new Object[0], new int[0], new byte[0], Resources.EMPTY);

  public static List<byte[]> render(Documents documents, Query query) {
    var known = new KnownResources();
    boolean fromPieces = query.limit() >= LONG && query.taskId().isEmpty();
    var slots = new ArrayList<Slot>();
    for (var frameworks :
        List.of(documents.snapshot().frameworks(), documents.snapshot().completedFrameworks())) {
      for (var framework : frameworks) {
        if (query.frameworkId().isEmpty() || query.frameworkId().get().equals(framework.id())) {
          for (var list : TaskList.values()) {
            if (fromPieces) {
              for (var piece :
                  FrameworkDocument.tasks(framework, list, known, documents.rendered().documents)) {
                slots(piece, slots);
              }
            } else {
              slots(framework, list, query, slots);
            }
          }
        }
      }
    }
    StateDocuments.forget(documents);
    var byTime = Comparator.comparingDouble(Slot::time);
    slots.sort(query.ascending() ? byTime : Collections.reverseOrder(byTime));
    var out = new JsonOut().object();
    out.array("tasks");
    slots.stream()
        .skip(query.offset())
        .limit(query.limit())
        .forEach(slot -> {
          if (slot.piece == NONE) {
            TaskDocument.write(out, slot.task, known);
          } else {
            out.raw(
                slot.piece.bytes(),
                slot.piece.begin(slot.index, 1), // a comma
                slot.piece.ends()[slot.index]);
          }
        });
    return out.end().end().parts();
  }

  private static void slots(Pieces.Piece piece, List<Slot> slots) {
    for (int i = 0; i < piece.elements().length; i++) {
      slots.add(new Slot((Task) piece.elements()[i], piece, i));
    }
  }

  private static void slots(FrameworkView framework, TaskList list, Query query, List<Slot> slots) {
    for (var task : list.in(framework)) {
      if (query.taskId().isEmpty() || query.taskId().get().equals(task.getTaskId().getValue())) {
        slots.add(new Slot(task, NONE, 0));
      }
    }
  }
}
