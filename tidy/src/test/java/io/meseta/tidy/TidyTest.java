// SPDX-License-Identifier: Apache-2.0
package io.meseta.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The repository's own rules, over its sources: what a compiler does not see.
class TidyTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> CORES =
      List.of("model", "allocator", "master/core", "agent/core", "marathon/core", "chronos/core");

  /// What a core must not use, and what it has instead.
  private static final Map<String, String> IMPURE =
      Map.ofEntries(
          Map.entry("Instant\\.now\\(", "the event's `now`"),
          Map.entry("System\\.(currentTimeMillis|nanoTime)", "the event's `now`"),
          Map.entry(
              "LocalDateTime\\.now\\(|ZonedDateTime\\.now\\(|Clock\\.system", "the event's `now`"),
          Map.entry(
              "UUID\\.randomUUID|Math\\.random|new Random\\(|SecureRandom|ThreadLocalRandom",
              "Ids"),
          Map.entry(
              "\\bnew Thread\\(|Thread\\.of|Thread\\.sleep|\\bExecutors\\.new|CompletableFuture|\\bsynchronized\\b",
              "effects and events"),
          Map.entry(
              "import java\\.net\\.(http|Socket|ServerSocket|HttpURLConnection)",
              "effects and events"),
          Map.entry(
              "import java\\.nio\\.file\\.Files|import java\\.io\\.File(Input|Output)Stream",
              "effects and events"),
          Map.entry("ProcessBuilder|Runtime\\.getRuntime", "effects and events"),
          Map.entry("System\\.(getenv|getProperty|exit)", "the constructor, or an effect"));

  private static List<Path> sources(String under, String suffix) throws IOException {
    var folder = ROOT.resolve(under);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> f.toString().endsWith(suffix))
          .filter(f -> !f.toString().contains("/target/") && !f.toString().contains("/.git/"))
          .sorted()
          .toList();
    }
  }

  private static List<Path> java() throws IOException {
    var files = sources(".", ".java");
    assertThat(files).hasSizeGreaterThan(50);
    return files;
  }

  @Test
  void coresArePure() throws IOException {
    var found = new ArrayList<String>();
    for (var core : CORES) {
      var files = sources(core + "/src/main", ".java");
      assertThat(files).as(core).isNotEmpty();
      for (var file : files) {
        var lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
          var code = lines.get(i).replaceAll("//.*", "");
          for (var rule : IMPURE.entrySet()) {
            if (Pattern.compile(rule.getKey()).matcher(code).find()) {
              found.add(
                  ROOT.relativize(file)
                      + ":"
                      + (i + 1)
                      + ": "
                      + code.strip()
                      + " (use "
                      + rule.getValue()
                      + ")");
            }
          }
        }
      }
    }
    assertThat(found).isEmpty();
  }

  /// `Set.of` and `Map.of` have another order in each run of a program, so a core must not iterate
  /// over them.
  @Test
  void coresDoNotIterateOverUnorderedCollections() throws IOException {
    var found = new ArrayList<String>();
    var loop =
        Pattern.compile(
            "for \\([^:;]*:\\s*(Set|Map)\\.(of|copyOf)\\(|(Set|Map)\\.of\\([^)]*\\)\\.(stream|forEach|iterator)");
    for (var core : CORES) {
      for (var file : sources(core + "/src/main", ".java")) {
        if (loop.matcher(Files.readString(file)).find()) {
          found.add(ROOT.relativize(file).toString());
        }
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void coresNameNoLibraryOfTheEdges() throws IOException {
    for (var core : CORES) {
      var pom = Files.readString(ROOT.resolve(core + "/pom.xml"));
      assertThat(pom)
          .as(core)
          .doesNotContain(
              "armeria",
              "curator",
              "zookeeper",
              "netty",
              "meseta-http",
              "meseta-zk",
              "meseta-libprocess");
    }
  }

  @Test
  void everyFileNamesItsLicence() throws IOException {
    var found = new ArrayList<Path>();
    for (var suffix : List.of(".java", ".proto", ".c")) {
      for (var file : sources(".", suffix)) {
        if (Files.lines(file)
            .limit(3)
            .noneMatch(line -> line.contains("SPDX-License-Identifier: Apache-2.0"))) {
          found.add(ROOT.relativize(file));
        }
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void nothingIsLeftForLater() throws IOException {
    var found = new ArrayList<String>();
    var later = Pattern.compile("\\b(TODO|FIXME|XXX|HACK)\\b");
    for (var file : java()) {
      if (!file.endsWith("TidyTest.java") && later.matcher(Files.readString(file)).find()) {
        found.add(ROOT.relativize(file).toString());
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void packagesAreNullMarked() throws IOException {
    var found = new ArrayList<Path>();
    for (var file : java()) {
      var inMain = file.toString().contains("/src/main/java/");
      if (inMain && !file.toString().contains("/testkit/")) {
        var info = file.resolveSibling("package-info.java");
        if (!Files.exists(info) || !Files.readString(info).contains("@NullMarked")) {
          found.add(ROOT.relativize(file.getParent()));
        }
      }
    }
    assertThat(found.stream().distinct()).isEmpty();
  }

  /// `duplicates` finds what is written twice; this finds what grew without anybody looking.
  @Test
  void filesStaySmall() throws IOException {
    var found = new ArrayList<String>();
    for (var file : java()) {
      long lines = Files.lines(file).count();
      if (lines > 1000) {
        found.add(ROOT.relativize(file) + ": " + lines + " lines (expected: at most 1000)");
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void vendoredModulesAreWhatTheManifestSays() throws Exception {
    var folder = ROOT.resolve("console/src/main/resources/console/lib/vendor");
    var listed = new ArrayList<String>();
    for (var line : Files.readAllLines(ROOT.resolve("console/vendor.tsv")).subList(1, 4)) {
      var columns = line.split("\t");
      listed.add(columns[0]);
      var hash =
          MessageDigest.getInstance("SHA-256")
              .digest(Files.readAllBytes(folder.resolve(columns[0])));
      assertThat(HexFormat.of().formatHex(hash)).as(columns[0]).isEqualTo(columns[5]);
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(listed);
    }
  }

  @Test
  void linksInTheDocsLeadSomewhere() throws IOException {
    var broken = new ArrayList<String>();
    var link = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
    for (var file : sources(".", ".md")) {
      if (file.toString().contains("/src/")) {
        continue;
      }
      var matcher = link.matcher(Files.readString(file));
      while (matcher.find()) {
        if (!Files.exists(file.resolveSibling(matcher.group(1)))) {
          broken.add(ROOT.relativize(file) + ": " + matcher.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }
}
