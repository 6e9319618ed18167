// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Writes metrics in the Prometheus text format. Samples of one metric must follow each other.
public final class Prometheus {
  /// The media type of the format.
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder();
  private String current = "";

  /// A value that goes up and down.
  public Prometheus gauge(String name, String help, Map<String, String> labels, double value) {
    return sample(name, "gauge", help, labels, value);
  }

  /// A value that only grows; its name ends in `_total`.
  public Prometheus counter(String name, String help, Map<String, String> labels, double value) {
    return sample(name, "counter", help, labels, value);
  }

  /// The document.
  public Answer answer() {
    return Answer.of(200, CONTENT_TYPE, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private Prometheus sample(
      String name, String type, String help, Map<String, String> labels, double value) {
    if (!name.equals(current)) {
      current = name;
      text.append("# HELP ")
          .append(name)
          .append(' ')
          .append(help.replace("\\", "\\\\").replace("\n", "\\n"));
      text.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
    }
    text.append(name);
    if (!labels.isEmpty()) {
      var separator = "{";
      for (var label : labels.entrySet()) {
        text.append(separator)
            .append(label.getKey())
            .append("=\"")
            .append(escaped(label.getValue()))
            .append('"');
        separator = ",";
      }
      text.append('}');
    }
    text.append(' ')
        .append(
            value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value));
    text.append('\n');
    return this;
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
