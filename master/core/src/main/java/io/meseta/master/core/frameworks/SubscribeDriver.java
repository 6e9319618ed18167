// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import io.meseta.master.core.Master;
import io.meseta.master.core.MasterEvent;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.scheduler.Call;
import java.util.List;

/// Takes a driver of the old API as a framework's scheduler. A second driver of one framework is
/// refused unless it insists; drivers repeat themselves until they are answered. Original:
/// src/master/master.cpp, Master::subscribe(const UPID&, ...) and Master::_subscribe.
public final class SubscribeDriver {
  private final Master master;

  public SubscribeDriver(Master master) {
    this.master = master;
  }

  public void on(MasterEvent.SubscribeDriver event) {
    var call = event.call();
    boolean isNew = call.getFrameworkInfo().getId().getValue().isEmpty();
    master.counters.add(isNew ? "messages_register_framework" : "messages_reregister_framework");
    var info =
        event.principal().isPresent() && !call.getFrameworkInfo().hasPrincipal()
            ? call.getFrameworkInfo().toBuilder().setPrincipal(event.principal().get()).build()
            : call.getFrameworkInfo();
    var problem =
        FrameworkRules.problem(
            info, call.getSuppressedRolesList(), call.getOfferConstraints(), master.config);
    if (problem.isPresent()) {
      refuse(event.from(), problem.get());
    } else if (master.frameworks.completed(info.getId().getValue())) {
      refuse(event.from(), "Framework has been removed");
    } else if (master.permissions.register(info).isPresent()) {
      refuse(event.from(), master.permissions.register(info).get());
    } else if (isNew) {
      register(event.from(), call, info);
    } else {
      comeBack(event.from(), event.force(), call, info);
    }
  }

  private void register(Upid from, Call.Subscribe call, FrameworkInfo info) {
    var frameworks = master.frameworks;
    var known = frameworks.of(from).orElse(null);
    if (known != null) {
      frameworks.acknowledge(known, false);
      return;
    }
    var created =
        info.toBuilder().setId(FrameworkID.newBuilder().setValue(frameworks.newId())).build();
    var framework = frameworks.add(created);
    frameworks.update(
        framework, created, call.getOfferConstraints(), call.getSuppressedRolesList());
    master.out.note(
        "framework " + framework.id() + " '" + info.getName() + "' at " + from + " subscribed");
    frameworks.connect(framework, from, false);
    master.watchers.frameworkAdded(framework);
    framework.touch(); // the view made for watchers does not say which roles are suppressed
  }

  private void comeBack(Upid from, boolean force, Call.Subscribe call, FrameworkInfo given) {
    var frameworks = master.frameworks;
    var other = frameworks.of(from).orElse(null);
    if (other != null && !other.id().equals(given.getId().getValue())) {
      // An error would reach the framework that is there already.
      master.out.note(
          "dropping SUBSCRIBE of '" + given.getName() + "': " + other.id() + " is at " + from);
      return;
    }
    var framework =
        frameworks.get(given.getId().getValue()).orElseGet(() -> frameworks.recover(given));
    var info = Subscribe.keepImmutable(framework.info(), given);
    var problem = FrameworkRules.updateProblem(framework.info(), info);
    if (problem.isPresent()) {
      refuse(from, problem.get());
      return;
    }
    boolean same = from.equals(framework.pid);
    if (!framework.recovered() && !same && !force) {
      refuse(from, "Framework failed over");
      return;
    }
    if (!same) {
      frameworks.sendFailedOver(framework);
    }
    boolean again = !framework.recovered() && !force;
    if (again) {
      List.copyOf(framework.offers()).forEach(master.offers::rescind);
    }
    frameworks.detach(framework);
    frameworks.update(framework, info, call.getOfferConstraints(), call.getSuppressedRolesList());
    framework.reregisteredTime = master.now();
    master.out.note(
        "framework " + framework.id() + " '" + info.getName() + "' is back, at " + from);
    frameworks.connect(framework, from, again);
    frameworks.broadcast(framework);
  }

  private void refuse(Upid driver, String reason) {
    master.frameworks.sendError(driver, reason);
  }
}
