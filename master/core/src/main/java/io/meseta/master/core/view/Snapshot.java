// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import com.google.protobuf.Message;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.maintenance.ClusterStatus;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// The whole master at one moment, safe to read on any thread.
///
/// @param unreachable agents, and since when
/// @param counters by metric name without `master/`
/// @param refusals how many offers are refused for now, by role
/// @param watchers open event streams of operators
/// @param weights of roles for which they were set
/// @param quotas by role
/// @param schedule of maintenance, and `maintenance` what came of it
/// @param operations whose answers are not acknowledged
/// @param rolesShown to whom this is for
public record Snapshot(
    Instant at,
    Instant electedTime,
    List<AgentView> agents,
    List<AgentInfo> recoveredAgents,
    Map<String, Instant> unreachable,
    List<FrameworkView> frameworks,
    List<FrameworkView> completedFrameworks,
    Map<String, Double> weights,
    List<Operation> operations,
    Map<String, QuotaConfig> quotas,
    Schedule schedule,
    ClusterStatus maintenance,
    Map<String, Long> counters,
    Map<String, Integer> refusals,
    int watchers,
    int queuedRegistryOperations,
    Predicate<String> rolesShown) {

  /// What documents of the cluster's state do not show.
  private static final Set<String> NOT_SHOWN =
      Set.of("at", "counters", "refusals", "watchers", "queuedRegistryOperations", "rolesShown");

  private static final List<Method> SHOWN =
      Arrays.stream(Snapshot.class.getRecordComponents())
          .filter(component -> !NOT_SHOWN.contains(component.getName()))
          .map(RecordComponent::getAccessor)
          .toList();

  /// Whether documents of the state look the same now. Views are made anew only when something
  /// changed, so it suffices to see whether they are the same ones; in doubt the answer is no.
  public boolean showsSameAs(Snapshot other) {
    try {
      for (var component : SHOWN) {
        if (!same(component.invoke(this), component.invoke(other))) {
          return false;
        }
      }
      return true;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean same(Object one, Object two) {
    if (!(one instanceof List<?> list && two instanceof List<?> others)) {
      return one.equals(two);
    }
    if (list.size() != others.size()) {
      return false;
    }
    var other = others.iterator();
    for (var element : list) {
      var counterpart = other.next();
      if (element != counterpart && !(element instanceof Message && element.equals(counterpart))) {
        return false;
      }
    }
    return true;
  }
}
