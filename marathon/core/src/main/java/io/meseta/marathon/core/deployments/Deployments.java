// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.deployments;

import io.meseta.marathon.core.Outbox;
import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.deployments.Plan.Action;
import io.meseta.marathon.core.json.Docs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Owns the deployments under way. No two of them concern the same app.
public final class Deployments {
  /// Where deployments are stored.
  public static final String PREFIX = "deployment~";

  /// Where their present steps are stored, once they are beyond the first. The plan itself is
  /// written once: in a long one it is large, and the steps are many.
  public static final String STEP_PREFIX = "deployment-step~";

  /// Events of larger plans leave out the plan's steps: each step is told by two events, and
  /// clients would be sent the square of the plan.
  private static final int MAX_TOLD_ACTIONS = 1000;

  /// One deployment; `step` counts from 0.
  public static final class Deployment {
    private final Plan plan;
    private int step;
    private final TreeMap<String, Rolling> rolling = new TreeMap<>();
    private Map<String, Action> present = Map.of();
    private final ObjectNode told;

    Deployment(Plan plan, int step) {
      this.plan = plan;
      this.told = plan.actions() > MAX_TOLD_ACTIONS ? plan.outline() : plan.json();
      begin(step);
    }

    private void begin(int next) {
      step = next;
      rolling.clear();
      present = new HashMap<>();
      actions().forEach(action -> present.putIfAbsent(action.app(), action));
    }

    public Plan plan() {
      return plan;
    }

    /// How many steps are done.
    public int step() {
      return step;
    }

    /// The actions of the present step.
    public List<Action> actions() {
      return step < plan.steps().size() ? plan.steps().get(step).actions() : List.of();
    }

    /// The present action of an app, if it has one.
    public @Nullable Action action(String app) {
      return present.get(app);
    }

    public @Nullable Rolling rolling(String app) {
      return rolling.get(app);
    }

    public void begin(String app, Rolling arithmetic) {
      rolling.put(app, arithmetic);
    }
  }

  private final Outbox outbox;
  private final LinkedHashMap<String, Deployment> all = new LinkedHashMap<>();
  private final TreeMap<String, Deployment> byApp = new TreeMap<>();

  public Deployments(Outbox outbox) {
    this.outbox = outbox;
  }

  /// Takes in a stored deployment; its present step begins anew.
  ///
  /// @param step as stored under [#STEP_PREFIX], if it was
  public void load(
      byte[] bytes, byte @Nullable [] step, BiFunction<String, Instant, @Nullable App> apps) {
    var json = (ObjectNode) Docs.parse(Plan.unpack(bytes));
    int present =
        step == null
            ? json.path("currentStep").asInt(0)
            : Integer.parseInt(new String(step, StandardCharsets.US_ASCII));
    add(new Deployment(Plan.load(json, apps), present));
  }

  private void add(Deployment deployment) {
    all.put(deployment.plan().id(), deployment);
    deployment.plan().changes().keySet().forEach(app -> byApp.put(app, deployment));
  }

  public @Nullable Deployment get(String id) {
    return all.get(id);
  }

  public Collection<Deployment> all() {
    return all.values();
  }

  /// The deployment that has locked an app.
  public @Nullable Deployment of(String app) {
    return byApp.get(app);
  }

  /// Deployments that have locked any of these apps.
  public List<Deployment> conflicting(Set<String> apps) {
    return all.values().stream().filter(each -> each.plan().concerns(apps)).toList();
  }

  /// Whether a deployment under way needs this version of an app.
  public boolean uses(String app, Instant version) {
    var deployment = byApp.get(app);
    if (deployment == null) {
      return false;
    }
    var change = deployment.plan().changes().get(app);
    return change != null
        && (change.before() != null && change.before().version().equals(version)
            || change.after() != null && change.after().version().equals(version));
  }

  /// Begins a deployment.
  public Deployment start(Plan plan, Instant now) {
    var deployment = new Deployment(plan, 0);
    add(deployment);
    outbox.put(PREFIX + plan.id(), plan.bytes());
    info("deployment_info", deployment, now);
    return deployment;
  }

  /// Moves to the next step; false when there is none.
  public boolean advance(Deployment deployment, Instant now) {
    info("deployment_step_success", deployment, now);
    deployment.begin(deployment.step + 1);
    if (deployment.step >= deployment.plan().steps().size()) {
      return false;
    }
    outbox.put(
        STEP_PREFIX + deployment.plan().id(),
        Integer.toString(deployment.step).getBytes(StandardCharsets.US_ASCII));
    info("deployment_info", deployment, now);
    return true;
  }

  /// Ends a deployment, done or not.
  ///
  /// @param failure why it was not done, or null
  public void end(Deployment deployment, @Nullable String failure, Instant now) {
    all.remove(deployment.plan().id());
    deployment.plan().changes().keySet().forEach(app -> byApp.remove(app, deployment));
    outbox.delete(PREFIX + deployment.plan().id());
    if (deployment.step > 0) {
      outbox.delete(STEP_PREFIX + deployment.plan().id());
    }
    var data = Docs.object();
    data.put("id", deployment.plan().id());
    data.set("plan", deployment.told);
    if (failure != null) {
      info("deployment_step_failure", deployment, now);
      data.put("reason", failure);
    }
    outbox.publish(failure == null ? "deployment_success" : "deployment_failed", data, now);
  }

  /// `{"id":…}` of the deployments that have locked an app.
  public List<String> idsOf(String app) {
    var deployment = byApp.get(app);
    return deployment == null ? List.of() : List.of(deployment.plan().id());
  }

  private void info(String type, Deployment deployment, Instant now) {
    var data = Docs.object();
    data.set("plan", deployment.told);
    var current = data.putObject("currentStep");
    var actions = current.putArray("actions");
    var apps = new ArrayList<>(deployment.actions());
    apps.forEach(
        action -> actions.addObject().put("action", action.kind().text()).put("app", action.app()));
    outbox.publish(type, data, now);
  }
}
