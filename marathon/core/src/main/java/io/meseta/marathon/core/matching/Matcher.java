// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.loop.Ids;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Puts instances on one offer, one after the other.
public final class Matcher {
  /// What an instance got, or why not.
  public record Match(Optional<Reject> reject, Optional<Launch> launch) {}

  /// A task to launch.
  public record Launch(Instance instance, TaskInfo task) {}

  /// What of the configuration concerns tasks.
  ///
  /// @param draining before its maintenance begins, an agent is avoided so long
  public record Options(
      String envPrefix, String bridge, boolean maintenanceMode, Duration draining) {}

  private final Offer offer;
  private final Instance.Agent agent;
  private final Pool pool;
  private final Options options;
  private final Seen seen;
  private final Ids ids;

  public Matcher(Offer offer, Options options, Seen seen, Ids ids) {
    this.offer = offer;
    this.agent = Agents.of(offer);
    this.pool = new Pool(offer);
    this.options = options;
    this.seen = seen;
    this.ids = ids;
  }

  /// Tries to put a scheduled instance on what is left of the offer.
  ///
  /// @param placed where the app's other instances are
  public Match match(
      Instance instance, List<Instance> placed, Optional<Boolean> enforceRole, Instant now) {
    var spec = instance.app().spec();
    if (!offer.getAllocationInfo().getRole().equals(spec.role())
        && offer.getAllocationInfo().hasRole()) {
      return reject(Reject.UnfulfilledRole);
    }
    if (!Constraints.met(spec, agent, placed, seen)) {
      return reject(Reject.UnfulfilledConstraint);
    }
    if (options.maintenanceMode() && inMaintenance(now)) {
      return reject(Reject.AgentMaintenance);
    }
    Predicate<String> roles =
        role ->
            spec.acceptedRoles().isEmpty()
                ? role.equals("*") || role.equals(spec.role())
                : spec.acceptedRoles().contains(role);
    if (pool.available("cpus", roles) < spec.cpusMillis()) {
      return reject(Reject.InsufficientCpus);
    }
    if (pool.available("mem", roles) < spec.memMillis()) {
      return reject(Reject.InsufficientMemory);
    }
    if (pool.available("disk", roles) < spec.diskMillis()) {
      return reject(Reject.InsufficientDisk);
    }
    if (pool.available("gpus", roles) < spec.gpus() * 1000L) {
      return reject(Reject.InsufficientGpus);
    }
    if (spec.gpus() == 0 && pool.available("gpus", role -> true) > 0) {
      return reject(Reject.DeclinedScarceResources);
    }
    var wanted = new ArrayList<Integer>();
    for (var port : spec.ports()) {
      port.hostPort().ifPresent(wanted::add);
    }
    var resources = new ArrayList<Resource>();
    var got = pool.takePorts(wanted, roles, ids.random(), resources);
    if (got.isEmpty()) {
      return reject(Reject.InsufficientPorts);
    }
    resources.addAll(pool.take("cpus", spec.cpusMillis(), roles));
    resources.addAll(pool.take("mem", spec.memMillis(), roles));
    resources.addAll(pool.take("disk", spec.diskMillis(), roles));
    resources.addAll(pool.take("gpus", spec.gpus() * 1000L, roles));
    return new Match(
        Optional.empty(), Optional.of(launch(instance, got.get(), resources, enforceRole, now)));
  }

  private Launch launch(
      Instance instance,
      List<Integer> got,
      List<Resource> resources,
      Optional<Boolean> enforceRole,
      Instant now) {
    var hostPorts = new ArrayList<Integer>();
    int next = 0;
    for (var port : instance.app().spec().ports()) {
      hostPorts.add(port.hostPort().isPresent() ? got.get(next++) : 0);
    }
    var definition = instance.app().definition();
    var environment =
        Environment.of(
            instance, definition, agent, hostPorts, options.envPrefix(), enforceRole, ids.random());
    var task =
        TaskBuilder.build(
            instance, definition, offer, resources, hostPorts, environment, options.bridge());
    return new Launch(instance.provisioned(agent, List.copyOf(hostPorts), now), task);
  }

  private boolean inMaintenance(Instant now) {
    if (!offer.hasUnavailability()) {
      return false;
    }
    var unavailability = offer.getUnavailability();
    var start = Instant.ofEpochSecond(0, unavailability.getStart().getNanoseconds());
    boolean begun = !now.isBefore(start.minus(options.draining()));
    boolean over =
        unavailability.hasDuration()
            && now.isAfter(start.plusNanos(unavailability.getDuration().getNanoseconds()));
    return begun && !over;
  }

  private static Match reject(Reject reason) {
    return new Match(Optional.of(reason), Optional.empty());
  }
}
