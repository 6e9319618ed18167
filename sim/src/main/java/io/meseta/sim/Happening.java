// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

/// What a simulation counts, so that nobody believes in faults that never strike and in calls that
/// never succeed: each is counted where it takes effect, not where it is intended.
public enum Happening {
  LOST(Kind.FAULT, "messages lost while their connection lives"),
  DELAYED(Kind.FAULT, "messages delayed by a slow path"),
  OVERTAKEN(Kind.FAULT, "messages overtaken by later ones of the same host to the same"),
  DUPLICATED(Kind.FAULT, "messages delivered twice"),
  STRAGGLED(Kind.FAULT, "messages delivered once more, late"),
  HELD_ONE_WAY(Kind.FAULT, "messages held by a partition of one direction"),
  HELD_BOTH_WAYS(Kind.FAULT, "messages held by a partition of both directions"),
  LOST_WITH_CONNECTION(Kind.FAULT, "messages lost with their connection"),
  SENT_BY_THE_DEAD(Kind.FAULT, "messages delivered after the end of their sender"),
  SWIZZLED(Kind.FAULT, "hosts cut off and brought back in another order"),
  MASTER_CRASHED(Kind.FAULT, "crashes of masters"),
  AGENT_CRASHED(Kind.FAULT, "crashes of agents"),
  SCHEDULER_CRASHED(Kind.FAULT, "crashes of schedulers"),
  WRITES_LOST(Kind.FAULT, "batches of writes lost in a crash"),
  WRITES_TORN(Kind.FAULT, "batches of writes cut short in a crash"),
  WRITES_SLOW(Kind.FAULT, "batches of writes delayed by a slow disk"),
  SESSION_EXPIRED(Kind.FAULT, "sessions expired"),
  WRITE_FENCED(Kind.FAULT, "writes of deposed leaders refused"),
  CLOCK_JUMPED(Kind.FAULT, "jumps of clocks"),
  PAUSED(Kind.FAULT, "pauses of processes"),

  ELECTED(Kind.CLUSTER, "masters elected"),
  UNREACHABLE(Kind.CLUSTER, "agents unreachable"),
  REREGISTERED(Kind.CLUSTER, "re-registrations of agents"),
  AGENT_GONE(Kind.CLUSTER, "agents gone"),

  LAUNCHED(Kind.SCHEDULER, "tasks started"),
  KILLED(Kind.SCHEDULER, "tasks killed"),
  TASK_UNREACHABLE(Kind.SCHEDULER, "tasks unreachable or lost"),
  RECONCILED(Kind.SCHEDULER, "answers of a reconciliation"),
  FAILED_OVER(Kind.SCHEDULER, "failovers to another instance while the first is connected"),
  SUBSCRIBED_AGAIN(Kind.SCHEDULER, "subscriptions after the first"),
  SUPPRESSED(Kind.SCHEDULER, "offers suppressed"),
  REVIVED(Kind.SCHEDULER, "offers revived"),
  INVERSE_OFFERED(Kind.SCHEDULER, "inverse offers answered"),
  RESERVE(Kind.SCHEDULER, "reservations made"),
  UNRESERVE(Kind.SCHEDULER, "reservations given back"),
  CREATE(Kind.SCHEDULER, "volumes created"),
  DESTROY(Kind.SCHEDULER, "volumes destroyed"),
  GROW_VOLUME(Kind.SCHEDULER, "volumes grown"),
  SHRINK_VOLUME(Kind.SCHEDULER, "volumes shrunk"),
  OPERATION_FAILED(Kind.SCHEDULER, "operations failed or lost"),

  WEIGHTS_SET(Kind.OPERATOR, "weights set"),
  QUOTA_SET(Kind.OPERATOR, "quotas set"),
  QUOTA_REMOVED(Kind.OPERATOR, "quotas removed"),
  DEACTIVATED(Kind.OPERATOR, "agents deactivated"),
  REACTIVATED(Kind.OPERATOR, "agents reactivated"),
  DRAINED(Kind.OPERATOR, "agents drained"),
  MARKED_GONE(Kind.OPERATOR, "agents marked gone"),
  MAINTENANCE_PLANNED(Kind.OPERATOR, "maintenance planned"),
  MACHINE_DOWN(Kind.OPERATOR, "machines taken down"),
  MACHINE_UP(Kind.OPERATOR, "machines brought up"),
  OPERATED(Kind.OPERATOR, "reservations and volumes changed");

  /// Whose doing it is.
  public enum Kind {
    FAULT("faults"),
    CLUSTER("the cluster"),
    SCHEDULER("schedulers"),
    OPERATOR("operators");

    final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  final Kind kind;
  final String text;

  Happening(Kind kind, String text) {
    this.kind = kind;
    this.text = text;
  }
}
