// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Ranges;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceKey;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/// What the host has, where the flags do not say. Original: Containerizer::resources.
final class Detection {
  private static final long GIGABYTE = 1L << 30;

  private Detection() {}

  /// The resources of `text`, and those detected that it does not name.
  static Resources resources(String text, String defaultRole, Path workDir)
      throws Invalid, IOException {
    var given = text.isBlank() ? Resources.EMPTY : ResourceText.parse(text, defaultRole);
    var role = defaultRole;
    var items = new ArrayList<>(given.items());
    // A zero is left out by the parser and still says that nothing is to be detected.
    if (!names(given, text, "cpus")) {
      items.addAll(parse("cpus:" + Runtime.getRuntime().availableProcessors(), role));
    }
    if (!names(given, text, "mem")) {
      items.addAll(parse("mem:" + usable(memoryBytes(), 1, 2) / (1 << 20), role));
    }
    if (!names(given, text, "disk")) {
      items.addAll(
          parse(
              "disk:" + usable(Files.getFileStore(workDir).getTotalSpace(), 5, 10) / (1 << 20),
              role));
    }
    if (!names(given, text, "ports")) {
      items.add(
          role.equals("*")
              ? ResourceItem.of(
                  ResourceKey.plain("ports", Value.Type.RANGES), Ranges.of(31000, 32000))
              : parse("ports:[31000-32000]", role).getFirst());
    }
    return Resources.of(items);
  }

  private static boolean names(Resources given, String text, String name) {
    return !given.named(name).isEmpty()
        || text.matches("(?s).*(^|[;\\s\"])" + name + "\\s*(\\([^)]*\\))?\\s*[:\"].*");
  }

  private static java.util.List<ResourceItem> parse(String text, String role) throws Invalid {
    return ResourceText.parse(text, role).items();
  }

  /// All but `reserve` gigabytes; half when there are less than `small`.
  static long usable(long bytes, long reserve, long small) {
    return bytes >= small * GIGABYTE ? bytes - reserve * GIGABYTE : bytes / 2;
  }

  static long memoryBytes() throws IOException {
    return meminfo("MemTotal");
  }

  static long freeMemoryBytes() throws IOException {
    return meminfo("MemFree");
  }

  private static long meminfo(String name) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .filter(line -> line.startsWith(name + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseThrow(() -> new IOException("/proc/meminfo has no " + name));
    }
  }
}
