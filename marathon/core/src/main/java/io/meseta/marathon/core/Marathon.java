// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.loop.Ids;
import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.AppPath;
import io.meseta.marathon.core.deployments.Deployments;
import io.meseta.marathon.core.groups.Group;
import io.meseta.marathon.core.groups.Tree;
import io.meseta.marathon.core.health.Health;
import io.meseta.marathon.core.instances.Instances;
import io.meseta.marathon.core.instances.TimeUuids;
import io.meseta.marathon.core.queue.Delays;
import io.meseta.marathon.core.queue.Statistics;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/// The owners of state, for the classes of this package that work on several of them.
final class Marathon {
  /// Where the last failure of an app is stored.
  static final String FAILURE = "failure~";

  final MarathonConfig config;
  final Ids ids;
  final TimeUuids uuids;
  final Outbox outbox = new Outbox();
  final Instances instances = new Instances(outbox);
  final Deployments deployments = new Deployments(outbox);
  final Tree tree;
  final Health health = new Health(outbox);
  final Delays delays = new Delays();

  /// Of waiting apps.
  final TreeMap<String, Statistics> statistics = new TreeMap<>();

  /// `lastTaskFailure` by app.
  final TreeMap<String, ObjectNode> failures = new TreeMap<>();

  Marathon(MarathonConfig config, Ids ids) {
    this.config = config;
    this.ids = ids;
    this.uuids = new TimeUuids(ids);
    this.tree = new Tree(outbox, config.maxVersions(), config.newGroupsEnforceRole(), this::inUse);
  }

  private boolean inUse(String app, Instant version) {
    return deployments.uses(app, version)
        || instances.of(app).stream().anyMatch(each -> each.app().version().equals(version));
  }

  /// The roles an app may have.
  Set<String> roles(String appId) {
    var roles = new LinkedHashSet<String>();
    roles.add(config.settings().defaultRole());
    if (AppPath.segments(appId).size() > 1) {
      roles.add(AppPath.top(appId));
    }
    return roles;
  }

  /// The role of an app that names none.
  String role(String appId) {
    return tree.enforcesRole(appId) ? AppPath.top(appId) : config.settings().defaultRole();
  }

  /// The paths that come before `app`: those it or a group above it names, of apps or groups.
  ///
  /// @param groups about to be changed, by id
  Set<String> dependencyPaths(App app, Map<String, Group> groups) {
    var found = new TreeSet<>(app.spec().dependencies());
    for (var id = AppPath.parent(app.id()); !id.equals("/"); id = AppPath.parent(id)) {
      var group = groups.containsKey(id) ? groups.get(id) : tree.group(id).orElse(null);
      if (group != null) {
        found.addAll(group.dependencies());
      }
    }
    return found;
  }

  static String key(String path) {
    return path.substring(1).replace('/', '~');
  }
}
