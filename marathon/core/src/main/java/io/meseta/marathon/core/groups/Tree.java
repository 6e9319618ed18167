// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.groups;

import io.meseta.marathon.core.Outbox;
import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.AppPath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Owns the definitions: the present version of every app, its older versions, the groups.
///
/// Stored are one record per version (`version~shop~web~MILLIS`), one per present app
/// (`app~shop~web`: which version) and one per group (`group~shop`).
public final class Tree {
  private static final String APP = "app~";
  private static final String VERSION = "version~";
  private static final String GROUP = "group~";

  private final Outbox outbox;
  private final int maxVersions;
  private final boolean newGroupsEnforceRole;
  private final BiPredicate<String, Instant> inUse;
  private final TreeMap<String, App> apps = new TreeMap<>();
  private final TreeMap<String, TreeMap<Instant, App>> history = new TreeMap<>();
  private final TreeMap<String, Group> groups = new TreeMap<>();
  private final HashMap<Integer, Integer> servicePorts = new HashMap<>();
  private Instant version = Instant.EPOCH;

  /// @param maxVersions kept per app
  /// @param inUse whether a version is still needed for an instance or a deployment
  public Tree(
      Outbox outbox,
      int maxVersions,
      boolean newGroupsEnforceRole,
      BiPredicate<String, Instant> inUse) {
    this.outbox = outbox;
    this.maxVersions = maxVersions;
    this.newGroupsEnforceRole = newGroupsEnforceRole;
    this.inUse = inUse;
  }

  /// Takes in a record; versions must come before apps.
  public void load(String key, byte[] bytes) {
    if (key.startsWith(VERSION)) {
      var app = App.load(bytes);
      history.computeIfAbsent(app.id(), id -> new TreeMap<>()).put(app.version(), app);
      later(app.version());
    } else if (key.startsWith(GROUP)) {
      var id = path(key.substring(GROUP.length()));
      var group = Group.load(id, bytes);
      groups.put(id, group);
      later(group.version());
    }
  }

  /// Takes in which versions are the present ones, after [#load] of all.
  public void loadPresent(String key, byte[] bytes) {
    if (key.startsWith(APP)) {
      var id = path(key.substring(APP.length()));
      var at = Instant.ofEpochMilli(Long.parseLong(new String(bytes)));
      version(id, at).ifPresent(this::present);
    }
  }

  private void present(App app) {
    var before = apps.put(app.id(), app);
    if (before != null) {
      before.spec().ports().forEach(port -> count(port.servicePort(), -1));
    }
    app.spec().ports().forEach(port -> count(port.servicePort(), 1));
  }

  private void count(int servicePort, int change) {
    servicePorts.merge(servicePort, change, Integer::sum);
    servicePorts.remove(servicePort, 0);
  }

  /// How many ports of all apps have this service port.
  public int servicePortUses(int port) {
    return servicePorts.getOrDefault(port, 0);
  }

  /// Whether there are apps below a path.
  public boolean hasBelow(String path) {
    var next = apps.higherKey(path + "/");
    return next != null && AppPath.within(next, path);
  }

  private void later(Instant time) {
    if (time.isAfter(version)) {
      version = time;
    }
  }

  public @Nullable App app(String id) {
    return apps.get(id);
  }

  /// All apps, by id.
  public Collection<App> apps() {
    return apps.values();
  }

  /// The apps below a group, at any depth, by id.
  public List<App> below(String group) {
    if (group.equals("/")) {
      return List.copyOf(apps.values());
    }
    return List.copyOf(apps.subMap(group + "/", group + "0").values()); // '0' follows '/'
  }

  public Optional<App> version(String id, Instant at) {
    var versions = history.get(id);
    return versions == null ? Optional.empty() : Optional.ofNullable(versions.get(at));
  }

  /// The versions of an app, newest first.
  public List<Instant> versions(String id) {
    var versions = history.get(id);
    return versions == null ? List.of() : new ArrayList<>(versions.descendingKeySet());
  }

  /// When anything changed last.
  public Instant version() {
    return version;
  }

  /// A version later than all before.
  public Instant nextVersion(Instant now) {
    return now.isAfter(version)
        ? now.truncatedTo(java.time.temporal.ChronoUnit.MILLIS).isAfter(version)
            ? now.truncatedTo(java.time.temporal.ChronoUnit.MILLIS)
            : version.plusMillis(1)
        : version.plusMillis(1);
  }

  /// Makes this the present version.
  public void put(App app) {
    present(app);
    var versions = history.computeIfAbsent(app.id(), id -> new TreeMap<>());
    if (versions.put(app.version(), app) == null) {
      outbox.put(versionKey(app.id(), app.version()), app.bytes());
    }
    outbox.put(APP + key(app.id()), Long.toString(app.version().toEpochMilli()).getBytes());
    later(app.version());
    prune(app.id(), versions);
    for (var parent = AppPath.parent(app.id());
        !parent.equals("/");
        parent = AppPath.parent(parent)) {
      ensureGroup(parent, app.version());
    }
  }

  /// Takes an app out of the tree; its versions stay until [#forget].
  public void remove(String id, Instant at) {
    var gone = apps.remove(id);
    if (gone != null) {
      gone.spec().ports().forEach(port -> count(port.servicePort(), -1));
      outbox.delete(APP + key(id));
      later(at);
    }
  }

  /// Drops the versions of an app that is gone.
  public void forget(String id) {
    if (!apps.containsKey(id)) {
      var versions = history.remove(id);
      if (versions != null) {
        versions.keySet().forEach(each -> outbox.delete(versionKey(id, each)));
      }
    }
  }

  /// The group `id`, if there is one. The root always is.
  public Optional<Group> group(String id) {
    return id.equals("/")
        ? Optional.of(new Group("/", List.of(), false, version))
        : Optional.ofNullable(groups.get(id));
  }

  /// Ids of the groups right below.
  public List<String> groupsIn(String id) {
    var found = new ArrayList<String>();
    for (var group : groups.keySet()) {
      if (AppPath.parent(group).equals(id)) {
        found.add(group);
      }
    }
    return found;
  }

  /// Ids of all groups below, at any depth.
  public TreeSet<String> groupsBelow(String id) {
    var found = new TreeSet<String>();
    for (var group : groups.keySet()) {
      if (AppPath.within(group, id)) {
        found.add(group);
      }
    }
    return found;
  }

  public void putGroup(Group group) {
    groups.put(group.id(), group);
    outbox.put(GROUP + key(group.id()), group.bytes());
    later(group.version());
    var parent = AppPath.parent(group.id());
    if (!parent.equals("/")) {
      ensureGroup(parent, group.version());
    }
  }

  public void removeGroup(String id) {
    if (groups.remove(id) != null) {
      outbox.delete(GROUP + key(id));
    }
  }

  /// Whether new apps at this path take their top-level group's name as role.
  public boolean enforcesRole(String appId) {
    if (AppPath.segments(appId).size() < 2) {
      return false;
    }
    var top = groups.get("/" + AppPath.top(appId));
    return top == null ? newGroupsEnforceRole : top.enforceRole();
  }

  private void ensureGroup(String id, Instant at) {
    if (!groups.containsKey(id)) {
      boolean top = AppPath.parent(id).equals("/");
      var group = new Group(id, List.of(), top && newGroupsEnforceRole, at);
      groups.put(id, group);
      outbox.put(GROUP + key(id), group.bytes());
    }
  }

  private void prune(String id, TreeMap<Instant, App> versions) {
    int surplus = versions.size() - maxVersions;
    if (surplus <= 0) {
      return;
    }
    var present = apps.get(id);
    for (var each : List.copyOf(versions.keySet())) {
      if (surplus <= 0) {
        return;
      }
      if ((present == null || !present.version().equals(each)) && !inUse.test(id, each)) {
        versions.remove(each);
        outbox.delete(versionKey(id, each));
        surplus--;
      }
    }
  }

  private static String versionKey(String id, Instant version) {
    return VERSION + key(id) + "~" + version.toEpochMilli();
  }

  private static String key(String path) {
    return path.substring(1).replace('/', '~');
  }

  private static String path(String key) {
    return "/" + key.replace('~', '/');
  }
}
