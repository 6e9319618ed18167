// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/// One version of an app.
///
/// @param document the normal form as text, without version and versionInfo
/// @param version when it was made
/// @param lastScalingAt version of the last change of `instances`
/// @param lastConfigChangeAt version of the last other change; tasks of before are old
public record App(
    String id,
    byte[] document,
    Instant version,
    Instant lastScalingAt,
    Instant lastConfigChangeAt,
    Spec spec) {

  /// The first version of a new app.
  public static App created(ObjectNode document, Instant version) {
    return of(document, version, version, version);
  }

  private static App of(
      ObjectNode document, Instant version, Instant lastScalingAt, Instant lastConfigChangeAt) {
    return new App(
        document.get("id").stringValue().intern(),
        Docs.bytes(document),
        version,
        lastScalingAt,
        lastConfigChangeAt,
        Spec.of(document));
  }

  /// The next version with this definition, or this one when nothing differs.
  public App changed(ObjectNode next, Instant now) {
    var before = definition();
    var after = (ObjectNode) Docs.parse(Docs.bytes(next)); // the same kinds of number nodes
    if (before.equals(after)) {
      return this;
    }
    before.remove("instances");
    var rest = after.deepCopy();
    rest.remove("instances");
    return before.equals(rest)
        ? of(next, now, now, lastConfigChangeAt)
        : of(next, now, lastScalingAt, now);
  }

  /// The same definition as a change of configuration, so that all instances are replaced.
  public App restarted(Instant now) {
    return new App(id, document, now, lastScalingAt, now, spec);
  }

  /// The same with another number of instances.
  public App scaled(int instances, Instant now) {
    var next = definition();
    next.put("instances", instances);
    return changed(next, now);
  }

  /// A fresh tree of the normal form.
  public ObjectNode definition() {
    return (ObjectNode) Docs.parse(document);
  }

  /// As clients see it.
  public ObjectNode json() {
    var json = definition();
    json.put("version", Docs.time(version));
    json.putObject("versionInfo")
        .put("lastScalingAt", Docs.time(lastScalingAt))
        .put("lastConfigChangeAt", Docs.time(lastConfigChangeAt));
    return json;
  }

  /// As it is stored.
  public byte[] bytes() {
    return Docs.bytes(json());
  }

  /// Reads what [#bytes] wrote.
  public static App load(byte[] stored) {
    var json = (ObjectNode) Docs.parse(stored);
    var version = time(json.remove("version").stringValue());
    var info = json.remove("versionInfo");
    return of(
        json,
        version,
        time(info.get("lastScalingAt").stringValue()),
        time(info.get("lastConfigChangeAt").stringValue()));
  }

  private static Instant time(String text) {
    return Docs.time(text).orElseThrow();
  }
}
