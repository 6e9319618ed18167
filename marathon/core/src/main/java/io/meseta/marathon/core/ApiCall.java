// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// A client's request, taken out of its HTTP form. Ids are absolute paths.
public sealed interface ApiCall {
  /// Who asks, for the events that tell of changes.
  record Origin(String clientIp, String uri) {}

  /// `GET /v2/apps`; empty texts filter nothing.
  record ListApps(String cmd, String id, String label, Set<String> embed) implements ApiCall {}

  record CreateApp(JsonNode body, boolean force, Origin origin) implements ApiCall {}

  record GetApp(String id, Set<String> embed) implements ApiCall {}

  /// `GET /v2/apps/{group}/*`
  record AppsBelow(String group, Set<String> embed) implements ApiCall {}

  /// `PUT` (creates if absent) or `PATCH`.
  record UpdateApp(
      String id, JsonNode body, boolean force, boolean partial, boolean create, Origin origin)
      implements ApiCall {}

  record UpdateApps(JsonNode body, boolean force, boolean partial, boolean create, Origin origin)
      implements ApiCall {}

  record DeleteApp(String id, boolean force) implements ApiCall {}

  record RestartApp(String id, boolean force) implements ApiCall {}

  /// Tasks of one app, or of all below a group.
  record AppTasks(String id, boolean below) implements ApiCall {}

  record KillAppTasks(
      String id,
      Optional<String> host,
      Optional<String> taskId,
      boolean scale,
      boolean wipe,
      boolean force)
      implements ApiCall {}

  record AppVersions(String id) implements ApiCall {}

  record AppVersion(String id, String version) implements ApiCall {}

  record ListTasks(Set<String> statuses) implements ApiCall {}

  record KillTasks(List<String> ids, boolean scale, boolean wipe, boolean force)
      implements ApiCall {}

  record ListDeployments() implements ApiCall {}

  record DeleteDeployment(String id, boolean force) implements ApiCall {}

  record ListQueue(boolean lastUnusedOffers) implements ApiCall {}

  record ResetDelay(String id) implements ApiCall {}

  record GetGroup(String id, Set<String> embed) implements ApiCall {}

  record CreateGroup(String id, JsonNode body, boolean force) implements ApiCall {}

  record UpdateGroup(String id, JsonNode body, boolean force, boolean dryRun) implements ApiCall {}

  record PatchGroup(String id, JsonNode body) implements ApiCall {}

  record DeleteGroup(String id, boolean force) implements ApiCall {}

  record GroupVersions(String id) implements ApiCall {}

  /// The framework id and where the master is, for `/v2/info`.
  record FrameworkState() implements ApiCall {}

  /// Numbers of apps and instances, for `/metrics`.
  record Counts() implements ApiCall {}
}
