// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import io.meseta.master.core.Master;
import io.meseta.master.core.MasterEvent;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.scheduler.Call;

/// Takes a scheduler's stream: a new framework, one that comes back, or one that replaces an older
/// scheduler of the same framework. Whatever is wrong is said by an ERROR event, after which the
/// stream ends. Original: src/master/master.cpp, Master::subscribe.
public final class Subscribe {
  private final Master master;

  public Subscribe(Master master) {
    this.master = master;
  }

  public void on(MasterEvent.Subscribe event) {
    master.counters.add("messages_register_framework");
    var call = event.call().getSubscribe();
    var info = withPrincipal(call.getFrameworkInfo(), event);
    var frameworks = master.frameworks;
    var problem =
        FrameworkRules.problem(
            info, call.getSuppressedRolesList(), call.getOfferConstraints(), master.config);
    var id = info.getId().getValue();
    if (problem.isEmpty() && frameworks.completed(id)) {
      frameworks.sendError(event.streamId(), "Framework has been removed");
      return;
    }
    if (problem.isPresent()) {
      frameworks.sendError(event.streamId(), problem.get());
      return;
    }
    var forbidden = master.permissions.register(info);
    if (forbidden.isPresent()) {
      frameworks.sendError(event.streamId(), forbidden.get());
      return;
    }
    if (id.isEmpty()) {
      var created =
          info.toBuilder().setId(FrameworkID.newBuilder().setValue(frameworks.newId())).build();
      var framework = frameworks.add(created);
      frameworks.update(
          framework, created, call.getOfferConstraints(), call.getSuppressedRolesList());
      master.out.note("framework " + framework.id() + " '" + info.getName() + "' subscribed");
      frameworks.connect(framework, event.streamId());
      master.watchers.frameworkAdded(framework);
      framework.touch(); // the view made for watchers does not say which roles are suppressed
      return;
    }
    comeBack(event.streamId(), call, info);
  }

  private static FrameworkInfo withPrincipal(FrameworkInfo info, MasterEvent.Subscribe event) {
    return info.hasPrincipal() || event.principal().isEmpty()
        ? info
        : info.toBuilder().setPrincipal(event.principal().get()).build();
  }

  /// A scheduler cannot change some things; the original keeps the old values for it.
  static FrameworkInfo keepImmutable(FrameworkInfo before, FrameworkInfo given) {
    var info = given.toBuilder().setUser(before.getUser()).setCheckpoint(before.getCheckpoint());
    if (!before.hasCheckpoint() && !given.hasCheckpoint()) {
      info.clearCheckpoint();
    }
    return info.build();
  }

  private void comeBack(String streamId, Call.Subscribe call, FrameworkInfo given) {
    var frameworks = master.frameworks;
    var framework =
        frameworks.get(given.getId().getValue()).orElseGet(() -> frameworks.recover(given));
    var info = keepImmutable(framework.info(), given);
    var problem = FrameworkRules.updateProblem(framework.info(), info);
    if (problem.isPresent()) {
      frameworks.sendError(streamId, problem.get());
      return;
    }
    frameworks.sendFailedOver(framework);
    frameworks.detach(framework);
    frameworks.update(framework, info, call.getOfferConstraints(), call.getSuppressedRolesList());
    framework.reregisteredTime = master.now();
    master.out.note("framework " + framework.id() + " '" + info.getName() + "' is back");
    frameworks.connect(framework, streamId);
    frameworks.broadcast(framework);
  }
}
