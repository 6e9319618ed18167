// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.RejectedException;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Requests below `/v2/deployments`.
final class DeploymentRequests {
  private final Marathon marathon;
  private final Changes changes;
  private final Converge converge;

  DeploymentRequests(Marathon marathon, Changes changes, Converge converge) {
    this.marathon = marathon;
    this.changes = changes;
    this.converge = converge;
  }

  Answer list() {
    var document = Docs.array();
    for (var deployment : marathon.deployments.all()) {
      var plan = deployment.plan();
      var json = document.addObject();
      json.put("id", plan.id());
      json.put("version", Docs.time(plan.version()));
      json.set("affectedApps", Docs.strings(plan.changes().keySet()));
      json.putArray("affectedPods");
      plan.stepsInto(json);
      var current = json.putArray("currentActions");
      for (var action : deployment.actions()) {
        var item = current.addObject().put("action", action.kind().text()).put("app", action.app());
        var readiness = item.putArray("readinessCheckResults");
        marathon.health.readiness(marathon.instances.of(action.app())).forEach(readiness::add);
      }
      json.put("currentStep", deployment.step() + 1);
      json.put("totalSteps", plan.steps().size());
    }
    return Answer.of(200, document);
  }

  Answer delete(ApiCall.DeleteDeployment call, Instant now) {
    var deployment = marathon.deployments.get(call.id());
    if (deployment == null) {
      throw RejectedException.of(404, "DeploymentPlan '" + call.id() + "' does not exist");
    }
    if (call.force()) {
      converge.end(deployment, "The deployment was cancelled", now);
      return Answer.empty(202);
    }
    var version = marathon.tree.nextVersion(now);
    var next = new TreeMap<String, @Nullable App>();
    deployment
        .plan()
        .changes()
        .forEach((id, change) -> {
          var before = change.before();
          var present = marathon.tree.app(id);
          if (before == null) {
            next.put(id, null);
          } else if (present == null) {
            next.put(id, App.created(before.definition(), version));
          } else {
            next.put(id, present.changed(before.definition(), version));
          }
        });
    // The old deployment is in the way even where its apps are as they were.
    converge.end(deployment, "The deployment was rolled back", now);
    return Changes.result(200, changes.apply(next, true, "/", version, now));
  }
}
