// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/// Static pages out of the classpath. They are few and small, so they stay in memory once read.
final class Assets {
  private record Asset(byte[] bytes, String type, String tag, Optional<String> policy) {}

  private static final Pattern INLINE =
      Pattern.compile("(?s)<script(?![^>]* src=)[^>]*>(.*?)</script>");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("txt", "text/plain; charset=utf-8"));

  private final String folder;
  private final Map<String, Optional<Asset>> cache = new ConcurrentHashMap<>();

  Assets(String folder) {
    this.folder = folder.endsWith("/") ? folder : folder + "/";
  }

  Answer on(Request request) {
    if (request.tail().isEmpty() && !request.path().endsWith("/")) {
      // Pages name their parts relative to themselves.
      return Answer.empty(302).header("Location", request.path() + "/");
    }
    var name = request.tail();
    if (name.isEmpty() || name.endsWith("/")) {
      name += "index.html";
    }
    if (name.contains("..") || name.contains("//") || name.contains("\\")) {
      return Answer.text(404, "404 Not Found.");
    }
    var asset = cache.containsKey(name) ? cache.get(name) : load(name);
    if (asset.isEmpty()) {
      return Answer.text(404, "404 Not Found.");
    }
    var found = asset.get();
    if (request.header("if-none-match").filter(found.tag::equals).isPresent()) {
      return Answer.empty(304).header("ETag", found.tag);
    }
    var answer =
        Answer.of(200, found.type, found.bytes)
            .header("ETag", found.tag)
            .header("Cache-Control", "no-cache")
            .header("X-Content-Type-Options", "nosniff");
    return found.policy.isEmpty()
        ? answer
        : answer
            .header("Content-Security-Policy", found.policy.get())
            .header("X-Frame-Options", "DENY")
            .header("Referrer-Policy", "same-origin");
  }

  /// What a browser may do with a page: no frames around it, and of the scripts inside it only
  /// those that were there when it was built. Scripts of other hosts stay allowed: agents answer
  /// the master's console with callbacks.
  private static String policy(byte[] page) {
    var scripts = new StringBuilder("'self' http: https:");
    var matcher = INLINE.matcher(new String(page, StandardCharsets.UTF_8));
    while (matcher.find()) {
      var hash = sha256().digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
      scripts.append(" 'sha256-").append(Base64.getEncoder().encodeToString(hash)).append('\'');
    }
    return "default-src 'self'; script-src "
        + scripts
        + "; style-src 'self' 'unsafe-inline'; connect-src 'self' http: https:"
        + "; img-src 'self' data: http: https:; object-src 'none'; base-uri 'self'"
        + "; form-action 'self'; frame-ancestors 'none'";
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private Optional<Asset> load(String name) {
    try (var in = Assets.class.getClassLoader().getResourceAsStream(folder + name)) {
      if (in == null) {
        return Optional.empty(); // not remembered: names come from clients
      }
      var bytes = in.readAllBytes();
      var sum = new CRC32C();
      sum.update(bytes);
      var type =
          TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
      var asset =
          Optional.of(
              new Asset(
                  bytes,
                  type,
                  "\"" + Long.toHexString(sum.getValue()) + "\"",
                  type.startsWith("text/html") ? Optional.of(policy(bytes)) : Optional.empty()));
      cache.put(name, asset);
      return asset;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
