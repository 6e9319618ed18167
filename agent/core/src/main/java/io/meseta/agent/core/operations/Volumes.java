// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.operations;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.agent.core.recovery.Write;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.DiskInfo.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Folders of persistent volumes. A destroyed one is put aside in order with all other writes, so
/// that a new volume of the same name never shows what was in the old one, and removed when there
/// is time. A disk of type MOUNT is its volume: it is emptied.
public final class Volumes {
  private record Place(String path, String root, boolean mount) {}

  private final Agent agent;

  public Volumes(Agent agent) {
    this.agent = agent;
  }

  /// What changes on the disk when `before` becomes `after`.
  List<Write> change(Resources before, Resources after, List<String> remove) {
    var writes = new ArrayList<Write>();
    var old = places(before);
    var present = places(after);
    for (var place : old.values()) {
      if (present.containsKey(place.path())) {
        continue;
      }
      if (place.mount()) {
        writes.add(new Write.Empty(place.path()));
      } else {
        var aside = agent.layout.destroyedVolumes(place.root()) + "/" + agent.ids.uuid();
        writes.add(new Write.Move(place.path(), aside));
        remove.add(aside);
      }
    }
    for (var place : present.values()) {
      if (!old.containsKey(place.path())) {
        writes.add(new Write.Folder(place.path()));
      }
    }
    return writes;
  }

  /// What was put aside before and may not be removed yet.
  void sweep() {
    Set<String> roots = new LinkedHashSet<>(List.of(""));
    for (var item : agent.total.items()) {
      var disk = item.key().disk();
      if (disk != null && disk.info().getSource().getType() == Source.Type.PATH) {
        roots.add(disk.info().getSource().getPath().getRoot());
      }
    }
    roots.forEach(
        root -> agent.out.add(new Effect.RemovePath(agent.layout.destroyedVolumes(root))));
  }

  /// The volumes among `resources`, as they appear in the sandbox.
  public List<ContainerSpec.Volume> of(Collection<Resource> resources) {
    var result = new ArrayList<ContainerSpec.Volume>();
    for (var item : ResourceWire.decodeTrusted(resources).persistentVolumes().items()) {
      var disk = item.key().disk();
      if (disk != null) {
        result.add(
            new ContainerSpec.Volume(
                place(item).path(), disk.info().getVolume().getContainerPath()));
      }
    }
    return result;
  }

  private Map<String, Place> places(Resources resources) {
    var result = new LinkedHashMap<String, Place>();
    for (var item : resources.persistentVolumes().items()) {
      var place = place(item);
      result.put(place.path(), place);
    }
    return result;
  }

  private Place place(ResourceItem item) {
    var disk = item.key().disk();
    if (disk == null) {
      throw new IllegalStateException(item + " is not a volume");
    }
    var source = disk.info().getSource();
    var id = disk.info().getPersistence().getId();
    var role = item.key().reservationRole();
    return switch (source.getType()) {
      case MOUNT -> new Place(source.getMount().getRoot(), "", true);
      case PATH ->
          new Place(
              agent.layout.volume(source.getPath().getRoot(), role, id),
              source.getPath().getRoot(),
              false);
      case BLOCK, RAW, UNKNOWN -> new Place(agent.layout.volume("", role, id), "", false);
    };
  }
}
