// SPDX-License-Identifier: Apache-2.0
package io.meseta.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/// Adds up the test reports of a run: `java Summary.java ROOT SINCE`, with SINCE in seconds since
/// 1970. Names what failed and what was skipped; the last line is plain.
public final class Summary {
  private static final class Row {
    int passed;
    int failed;
    int skipped;
    double seconds;
  }

  private Summary() {}

  public static void main(String[] args) throws Exception {
    var root = Path.of(args[0]);
    var since = Instant.ofEpochSecond(Long.parseLong(args[1]));
    var rows = new TreeMap<String, Row>();
    var xml = DocumentBuilderFactory.newInstance();
    xml.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    try (var files = Files.walk(root)) {
      for (var file : files.filter(Summary::isReport).toList()) {
        if (!Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
          var suite = xml.newDocumentBuilder().parse(file.toFile()).getDocumentElement();
          var module = root.relativize(file).toString().replaceAll("/target/.*", "");
          add(suite, rows.computeIfAbsent(module, name -> new Row()));
        }
      }
    }
    print(rows);
  }

  private static boolean isReport(Path file) {
    var name = file.getFileName().toString();
    return name.startsWith("TEST-")
        && name.endsWith(".xml")
        && file.toString().contains("/target/surefire-reports/");
  }

  private static void add(Element suite, Row row) throws IOException {
    row.seconds += Double.parseDouble(suite.getAttribute("time").replace(",", ""));
    var cases = suite.getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      var test = (Element) cases.item(i);
      var name = test.getAttribute("classname") + "." + test.getAttribute("name");
      var problem = first(test, "failure", "error");
      var skip = first(test, "skipped");
      if (problem != null) {
        row.failed++;
        System.out.println("FAILED " + name + ": " + firstLine(problem));
      } else if (skip != null) {
        row.skipped++;
        System.out.println("skipped " + name + ": " + skip.getAttribute("message"));
      } else {
        row.passed++;
      }
    }
  }

  private static Element first(Element test, String... kinds) {
    for (var kind : kinds) {
      var found = test.getElementsByTagName(kind);
      if (found.getLength() > 0) {
        return (Element) found.item(0);
      }
    }
    return null;
  }

  private static String firstLine(Element problem) {
    var text =
        problem.getAttribute("message").isEmpty()
            ? problem.getTextContent()
            : problem.getAttribute("message");
    return text.strip().lines().findFirst().orElse(problem.getTagName());
  }

  private static void print(TreeMap<String, Row> rows) {
    var all = new Row();
    System.out.println();
    rows.forEach((module, row) -> {
      System.out.println(
          String.format(
              Locale.ROOT,
              "  %-22s %5d passed %3d failed %3d skipped %8.1f s",
              module,
              row.passed,
              row.failed,
              row.skipped,
              row.seconds));
      all.passed += row.passed;
      all.failed += row.failed;
      all.skipped += row.skipped;
    });
    System.out.println();
    System.out.println(
        all.passed + " passed, " + all.failed + " failed, " + all.skipped + " skipped");
  }
}
