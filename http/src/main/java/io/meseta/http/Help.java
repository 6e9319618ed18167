// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// `/help`, `/help/<id>` and `/help/<id>/<endpoint>`: every endpoint of a server, as a page for
/// browsers, as Markdown for others, and as JSON with `format=json`. Endpoints are grouped as the
/// original's processes are: `files`, `metrics`, and the server itself. Original:
/// 3rdparty/libprocess/src/help.cpp.
public final class Help {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> GROUPS = Set.of("files", "metrics");

  private final String title;
  private final String id;
  private final Router router;
  private final Map<String, String> texts = new LinkedHashMap<>();

  /// @param title for people
  /// @param id of the server itself, such as `master`; its endpoints are also below it
  public Help(String title, String id, Router router) {
    this.title = title;
    this.id = id;
    this.router = router;
  }

  /// Says what an endpoint is for; endpoints without a text are listed all the same.
  public Help say(String path, String text) {
    texts.put(path, text);
    return this;
  }

  /// Takes `/help` and all below it.
  public void register() {
    router.on("*", "/help", request -> Router.done(answer(request)));
  }

  /// One endpoint: its path, its methods, its name within its group.
  private record Entry(String path, List<String> methods, String name) {}

  private TreeMap<String, List<Entry>> groups() {
    return router.routes().entrySet().stream()
        .filter(route -> !Set.of("/", "/lib", "/help").contains(route.getKey()))
        .filter(route -> !route.getKey().endsWith(".json"))
        .map(route -> {
          var path = route.getKey();
          return new Entry(
              path,
              route.getValue(),
              group(path).equals(id) ? path : path.substring(1 + group(path).length()));
        })
        .collect(
            Collectors.groupingBy(entry -> group(entry.path()), TreeMap::new, Collectors.toList()));
  }

  private String group(String path) {
    int slash = path.indexOf('/', 1);
    var first = slash < 0 ? path.substring(1) : path.substring(1, slash);
    return GROUPS.contains(first) && slash > 0 ? first : id;
  }

  private Answer answer(Request request) {
    var all = groups();
    var tail = request.tail();
    int slash = tail.indexOf('/');
    var group = slash < 0 ? tail : tail.substring(0, slash);
    var name = slash < 0 ? "" : tail.substring(slash);
    if (!group.isEmpty() && !all.containsKey(group)) {
      return Answer.text(400, "No help available for '/" + group + "'.\n");
    }
    var entries =
        group.isEmpty()
            ? List.<Entry>of()
            : all.get(group).stream().filter(e -> name.isEmpty() || e.name().equals(name)).toList();
    if (!group.isEmpty() && entries.isEmpty()) {
      return Answer.text(400, "No help available for '/" + tail + "'.\n");
    }
    if (group.isEmpty() && request.query("format").filter("json"::equals).isPresent()) {
      return Answer.json(json(all));
    }
    var shown = group.isEmpty() ? all : new TreeMap<>(Map.of(group, entries));
    boolean browser = request.header("accept").filter(a -> a.contains("text/html")).isPresent();
    return browser
        ? Answer.of(200, "text/html; charset=utf-8", html(shown).getBytes(StandardCharsets.UTF_8))
        : Answer.of(
            200,
            "text/x-markdown; charset=utf-8",
            markdown(shown).getBytes(StandardCharsets.UTF_8));
  }

  private String text(Entry entry) {
    return texts.getOrDefault(entry.path(), "");
  }

  private String usage(Entry entry) {
    var methods = entry.methods().contains("*") ? "GET" : String.join(", ", entry.methods());
    return methods + " " + entry.path();
  }

  private byte[] json(TreeMap<String, List<Entry>> all) {
    var root = JSON.createObjectNode();
    var processes = root.putArray("processes");
    all.forEach((group, entries) -> {
      var process = processes.addObject().put("id", group);
      var endpoints = process.putArray("endpoints");
      entries.forEach(entry ->
          endpoints
              .addObject()
              .put("name", entry.name())
              .put("text", "### USAGE ###\n>        " + usage(entry) + "\n\n" + text(entry)));
    });
    return JSON.writeValueAsBytes(root);
  }

  private String markdown(TreeMap<String, List<Entry>> shown) {
    var out = new StringBuilder("# ").append(title).append("\n");
    shown.forEach((group, entries) -> {
      out.append("\n## /").append(group).append("\n\n");
      entries.forEach(entry ->
          out.append("- `")
              .append(usage(entry))
              .append("`")
              .append(text(entry).isEmpty() ? "" : ": " + text(entry))
              .append('\n'));
    });
    return out.toString();
  }

  private String html(TreeMap<String, List<Entry>> shown) {
    var out = new StringBuilder();
    out.append(
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Endpoints · %s</title>
        <style>
        :root { color-scheme: light dark }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
        a { color: light-dark(#4338ca, #a5a0ff); text-decoration: none } a:hover { text-decoration: underline }
        h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
        dl { margin: 0 } dt { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; margin-top: .75rem }
        dt b { font-weight: 500; opacity: .65; display: inline-block; min-width: 3.2rem } dd { margin: 0 0 0 3.2rem; opacity: .85 }
        @media (max-width: 480px) { dd { margin-left: 0 } }
        </style></head><body>
        <h1>%s</h1><p><a href="/">Console</a> · <a href="/help">All endpoints</a> · <a href="/help?format=json">JSON</a></p>
        """
            .formatted(escape(title), escape(title)));
    shown.forEach((group, entries) -> {
      out.append("<h2><a href=\"/help/").append(escape(group)).append("\">/").append(escape(group));
      out.append("</a></h2>\n<dl>\n");
      for (var entry : entries) {
        var methods = entry.methods().contains("*") ? "GET" : String.join(" ", entry.methods());
        out.append("<dt><b>").append(methods).append("</b><a href=\"/help/");
        out.append(escape(group)).append(escape(entry.name())).append("\">");
        out.append(escape(entry.path())).append("</a></dt><dd>");
        out.append(escape(text(entry))).append("</dd>\n");
      }
      out.append("</dl>\n");
    });
    return out.append("</body></html>\n").toString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
