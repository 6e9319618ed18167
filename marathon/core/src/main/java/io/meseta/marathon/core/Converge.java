// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.deployments.Deployments.Deployment;
import io.meseta.marathon.core.deployments.Plan.Action;
import io.meseta.marathon.core.deployments.Rolling;
import io.meseta.marathon.core.deployments.Wanted;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.json.Docs;
import io.meseta.marathon.core.queue.Statistics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Brings the instances of apps to what is wanted of them, and deployments forward. Looks only at
/// apps that changed since the last time.
final class Converge {
  private static final int MAX_ROUNDS = 50;

  private final Marathon marathon;
  private final Killer killer;

  Converge(Marathon marathon, Killer killer) {
    this.marathon = marathon;
    this.killer = killer;
  }

  void run(Instant now) {
    for (int round = 0; round < MAX_ROUNDS; round++) {
      var dirty = marathon.instances.takeDirty();
      if (dirty.isEmpty()) {
        return;
      }
      var concerned = new LinkedHashSet<Deployment>();
      for (var app : dirty) {
        converge(app, now);
        var deployment = marathon.deployments.of(app);
        if (deployment != null) {
          concerned.add(deployment);
        }
      }
      concerned.forEach(deployment -> progress(deployment, now));
    }
  }

  private void converge(String appId, Instant now) {
    var deployment = marathon.deployments.of(appId);
    switch (wanted(appId, deployment, now)) {
      case Wanted.Count(var app, var count) -> count(app, count, now);
      case Wanted.Replace(var app, var rolling) -> replace(app, rolling, now);
      case Wanted.None() ->
          marathon.instances.of(appId).stream()
              .filter(Instance::keep)
              .forEach(instance -> killer.decommission(instance, now));
      case Wanted.Hold() -> {}
    }
    if (marathon.instances.scheduledCount(appId) > 0) {
      marathon.statistics.computeIfAbsent(appId, id -> new Statistics(now));
    } else if (marathon.instances.of(appId).stream().noneMatch(Converge::launching)) {
      marathon.statistics.remove(appId);
    }
  }

  static boolean launching(Instance instance) {
    return switch (instance.condition()) {
      case SCHEDULED, PROVISIONED -> true;
      default -> false;
    };
  }

  private Wanted wanted(String appId, @Nullable Deployment deployment, Instant now) {
    if (deployment == null) {
      var app = marathon.tree.app(appId);
      return app == null ? new Wanted.None() : new Wanted.Count(app, app.spec().instances());
    }
    var action = deployment.action(appId);
    var after = deployment.plan().changes().get(appId).after();
    if (action == null) {
      return new Wanted.Hold();
    }
    return switch (action.kind()) {
      case START -> new Wanted.Hold();
      case STOP -> new Wanted.None();
      case SCALE ->
          after == null ? new Wanted.None() : new Wanted.Count(after, after.spec().instances());
      case RESTART ->
          after == null ? new Wanted.None() : new Wanted.Replace(after, rolling(deployment, after));
    };
  }

  private Rolling rolling(Deployment deployment, App app) {
    var known = deployment.rolling(app.id());
    if (known != null) {
      return known;
    }
    var active =
        marathon.instances.of(app.id()).stream()
            .filter(each -> each.active() && each.condition().hasTask())
            .toList();
    var healthy = active.stream().filter(this::healthy).toList();
    int old = (int) active.stream().filter(each -> !current(each, app)).count();
    int newHealthy = (int) healthy.stream().filter(each -> current(each, app)).count();
    var begun = Rolling.begin(app.spec(), active.size(), healthy.size(), old, newHealthy);
    deployment.begin(app.id(), begun);
    return begun;
  }

  private boolean healthy(Instance instance) {
    return instance.running()
        && (instance.app().spec().healthChecks().isEmpty()
            || marathon.health.healthy(instance).orElse(false));
  }

  static boolean current(Instance instance, App app) {
    return instance.app().lastConfigChangeAt().equals(app.lastConfigChangeAt());
  }

  private void count(App app, int wanted, Instant now) {
    var active = marathon.instances.of(app.id()).stream().filter(Instance::active).toList();
    if (active.size() < wanted) {
      schedule(app, wanted - active.size(), now);
    } else if (active.size() > wanted) {
      active.stream()
          .sorted(Killer.order(app.spec().oldestFirst()))
          .limit(active.size() - wanted)
          .forEach(instance -> killer.decommission(instance, now));
    }
  }

  private void replace(App app, Rolling rolling, Instant now) {
    var occupied = new ArrayList<Instance>();
    var stays = new ArrayList<Instance>();
    var fresh = new ArrayList<Instance>();
    for (var instance : marathon.instances.of(app.id())) {
      if (current(instance, app)) {
        if (instance.active()) {
          fresh.add(instance);
        }
      } else if (!instance.condition().hasTask()) {
        killer.decommission(instance, now); // only waits, so nothing is lost
      } else {
        occupied.add(instance);
        if (instance.keep()) {
          stays.add(instance);
        }
      }
    }
    int wanted = app.spec().instances();
    int serving = (int) fresh.stream().filter(marathon.health::serves).count();
    int oldHealthy = (int) stays.stream().filter(this::healthy).count();
    int surplus = rolling.surplus(stays.size(), oldHealthy, serving, wanted);
    int free = rolling.maxCapacity() - occupied.size() - fresh.size();
    boolean stuck =
        surplus == 0 && free <= 0 && fresh.size() < wanted && stays.size() == occupied.size();
    if (stuck && oldHealthy < stays.size()) {
      surplus = 1; // an unhealthy old one makes room
    }
    if (surplus > 0) {
      Comparator<Instance> unhealthyFirst = Comparator.comparing(this::healthy);
      stays.stream()
          .sorted(unhealthyFirst.thenComparing(Killer.order(app.spec().oldestFirst())))
          .limit(surplus)
          .forEach(instance -> killer.decommission(instance, now));
    }
    schedule(app, Math.min(free, wanted - fresh.size()), now);
    if (fresh.size() > wanted) {
      fresh.stream()
          .sorted(Killer.order(app.spec().oldestFirst()))
          .limit(fresh.size() - wanted)
          .forEach(instance -> killer.decommission(instance, now));
    }
  }

  private void schedule(App app, int count, Instant now) {
    for (int i = 0; i < count; i++) {
      var id =
          io.meseta.marathon.core.apps.AppPath.safe(app.id())
              + ".instance-"
              + marathon.uuids.next(now);
      marathon.instances.set(Instance.scheduled(id, app, now), now);
    }
  }

  /// Goes on to further steps as long as the present one is done.
  void progress(Deployment deployment, Instant now) {
    while (marathon.deployments.get(deployment.plan().id()) == deployment) {
      if (!deployment.actions().stream().allMatch(action -> done(deployment, action))) {
        return;
      }
      for (var action : deployment.actions()) {
        finished(action, now);
      }
      if (deployment.plan().steps().isEmpty() || !marathon.deployments.advance(deployment, now)) {
        end(deployment, null, now);
        return;
      }
      deployment.actions().forEach(action -> converge(action.app(), now));
    }
  }

  private void finished(Action action, Instant now) {
    if (action.kind() == io.meseta.marathon.core.deployments.Plan.Kind.STOP) {
      var data = Docs.object();
      data.put("appId", action.app());
      marathon.outbox.publish("app_terminated_event", data, now);
    }
  }

  /// Ends a deployment; its apps are then held to their definitions.
  void end(Deployment deployment, @Nullable String failure, Instant now) {
    marathon.deployments.end(deployment, failure, now);
    deployment
        .plan()
        .changes()
        .forEach((app, change) -> {
          if (marathon.tree.app(app) == null) {
            marathon.tree.forget(app);
            marathon.delays.reset(app);
            if (marathon.failures.remove(app) != null) {
              marathon.outbox.delete(Marathon.FAILURE + Marathon.key(app));
            }
          }
          marathon.instances.touch(app);
        });
  }

  private boolean done(Deployment deployment, Action action) {
    var instances = marathon.instances.of(action.app());
    var after = deployment.plan().changes().get(action.app()).after();
    return switch (action.kind()) {
      case START -> true;
      case STOP -> instances.isEmpty();
      case SCALE -> after == null || settled(instances, after);
      case RESTART ->
          after == null
              || settled(instances, after)
                  && instances.stream()
                      .allMatch(each -> current(each, after) || !each.condition().hasTask());
    };
  }

  private boolean settled(List<Instance> instances, App app) {
    int serving = 0;
    for (var instance : instances) {
      if (!instance.keep()) {
        return false;
      }
      if (instance.active()) {
        if (!marathon.health.serves(instance)) {
          return false;
        }
        serving++;
      }
    }
    return serving == app.spec().instances();
  }
}
