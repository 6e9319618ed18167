// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// @param allocationInterval a refusal lasts at least this long
/// @param minAllocatable the smallest offers; any one of them suffices. Empty: anything is offered
/// @param fairSharingExcluded names of resources that do not count for shares
/// @param hideGpus whether agents with gpus are offered to GPU_RESOURCES frameworks only
/// @param roleSorter in which order the roles of one level have their turn, and `frameworkSorter`
///   the frameworks of one role
public record AllocatorOptions(
    Duration allocationInterval,
    List<Quantities> minAllocatable,
    Set<String> fairSharingExcluded,
    boolean hideGpus,
    Sorter roleSorter,
    Sorter frameworkSorter) {

  /// Who comes first.
  public enum Sorter {
    /// Whoever has the smallest dominant share for its weight.
    DRF,
    /// Anybody, with a chance by weight.
    RANDOM
  }

  /// The default sorters.
  public AllocatorOptions(
      Duration allocationInterval,
      List<Quantities> minAllocatable,
      Set<String> fairSharingExcluded,
      boolean hideGpus) {
    this(allocationInterval, minAllocatable, fairSharingExcluded, hideGpus, Sorter.DRF, Sorter.DRF);
  }

  public AllocatorOptions {
    minAllocatable = List.copyOf(minAllocatable);
    fairSharingExcluded = new LinkedHashSet<>(fairSharingExcluded);
  }

  /// Reads `cpus:0.01|mem:32`.
  public static List<Quantities> parseMinAllocatable(String text) throws Invalid {
    var result = new ArrayList<Quantities>();
    for (var alternative : text.split("\\|")) {
      if (!alternative.isBlank()) {
        result.add(Quantities.parse(alternative));
      }
    }
    return result;
  }
}
