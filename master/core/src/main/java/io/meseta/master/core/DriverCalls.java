// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.frameworks.SubscribeDriver;
import io.meseta.wire.Upid;
import java.util.Optional;

/// Calls of drivers of the old API: who may call, then what is called. Original:
/// src/master/master.cpp, Master::receive.
final class DriverCalls {
  private final Master master;
  private final SchedulerCalls calls;
  private final SubscribeDriver subscribe;

  DriverCalls(Master master, SchedulerCalls calls) {
    this.master = master;
    this.calls = calls;
    this.subscribe = new SubscribeDriver(master);
  }

  void on(MasterEvent.SubscribeDriver event) {
    subscribe.on(event);
  }

  void on(MasterEvent.DriverCall event) {
    var call = event.call();
    var what = call.getType().name();
    var framework = sender(event.from(), call.getFrameworkId().getValue(), what).orElse(null);
    if (framework == null) {
      return;
    }
    if (!framework.connected()) {
      // Our link to it is broken, and it cannot know.
      master.frameworks.sendError(event.from(), "Framework disconnected");
      return;
    }
    switch (call.getType()) {
      case ACKNOWLEDGE_OPERATION_STATUS, RECONCILE_OPERATIONS ->
          drop(what, framework.id(), "the v0 API does not have it");
      case UPDATE_FRAMEWORK -> {
        var reply = calls.update(framework, call.getUpdateFramework());
        if (reply.status() != 200) {
          master.frameworks.sendError(event.from(), reply.message());
        }
      }
      default -> {
        if (!calls.carryOut(framework, call)) {
          drop(what, framework.id(), "there is no such call");
        }
      }
    }
  }

  void on(MasterEvent.DeactivateDriver event) {
    master.counters.add("messages_deactivate_framework");
    sender(event.from(), event.frameworkId(), "DeactivateFrameworkMessage")
        .filter(framework -> framework.connected() && framework.active())
        .ifPresent(master.frameworks::deactivate);
  }

  private Optional<Framework> sender(Upid from, String frameworkId, String what) {
    var framework = master.frameworks.get(frameworkId);
    if (framework.isEmpty()) {
      drop(what, frameworkId, "nobody knows the framework");
    } else if (!framework.get().pid().equals(from)) {
      drop(what, frameworkId, "it is not at " + from);
      return Optional.empty();
    }
    return framework;
  }

  private void drop(String what, String frameworkId, String reason) {
    master.out.note("dropping " + what + " of framework " + frameworkId + ": " + reason);
  }
}
