// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.ResourceKey;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.sim.Wishes.Phase;
import io.meseta.sim.Wishes.Wish;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.InverseOffer;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A scheduler as one should be written: it records before it asks, acknowledges what it has
/// recorded, reconciles after every subscription and from time to time, and kills what it has
/// replaced. Its records survive its crashes.
public final class SchedulerNode extends Node {
  private static final Duration SILENCE = Duration.ofSeconds(45);
  private static final Duration TICK = Duration.ofSeconds(2);

  /// What one task needs.
  static final int CPU_THOUSANDTHS = 400;

  private final Framework framework;
  final Wishes wishes;
  final Reservations reservations;
  private String frameworkId = "";
  private boolean calm;

  // Of this life.
  private @Nullable MasterNode master;
  private Optional<MasterInfo> leader = Optional.empty();
  private String streamId = "";
  private int streams;
  private boolean subscribed;
  private boolean suppressed;
  private long heard;
  private long nextTry;
  private long nextReconciliation;

  SchedulerNode(Cluster cluster, String host, Framework framework) {
    super(cluster, host);
    this.framework = framework;
    this.wishes = new Wishes(host);
    this.reservations = new Reservations(host, cluster.chance);
    wishes.newService(1 + cluster.chance.below(3));
    wishes.newBatch();
  }

  @Override
  void started() {
    leader = Optional.empty();
    streamId = "";
    subscribed = false;
    suppressed = false;
    nextTry = 0;
    watch();
    later(TICK, this::tick);
  }

  @Override
  void stopped() {
    streamId = "";
    subscribed = false;
    master = null;
  }

  /// No new wishes from now on, and tasks that run well.
  void calm() {
    calm = true;
  }

  void unrest() {
    calm = false;
  }

  boolean subscribedTo(MasterNode node) {
    return subscribed && master == node;
  }

  private void watch() {
    cluster.network.send(
        host,
        ZooKeeper.HOST,
        "zk",
        "watch",
        () -> cluster.zooKeeper.watch(this, found -> guard(() -> detected(found)).run()),
        guard(() -> later(Duration.ofSeconds(1), this::watch)));
  }

  private void detected(Optional<MasterInfo> found) {
    if (!found.equals(leader)) {
      leader = found;
      disconnect("another master leads");
      nextTry = cluster.clock.nanos() + cluster.chance.millis(0, 1_000);
    }
  }

  private void tick() {
    later(TICK, this::tick);
    long now = cluster.clock.nanos();
    if (streamId.isEmpty()) {
      if (leader.isPresent() && now >= nextTry) {
        subscribe();
      }
    } else if (now - heard > (subscribed ? SILENCE : Duration.ofSeconds(15)).toNanos()) {
      disconnect("the master is silent");
    }
    if (!calm) {
      change();
    }
    if (subscribed) {
      wishes.surplus().forEach(this::kill);
      if (now >= nextReconciliation) {
        reconcile();
      }
      if (suppressed && !wishes.lacking().isEmpty()) {
        suppressed = false;
        send(Call.newBuilder().setType(Call.Type.REVIVE));
        cluster.count(Happening.REVIVED);
      }
    }
  }

  /// New wishes.
  private void change() {
    var chance = cluster.chance;
    if (chance.oneIn(6) && wishes.openBatches().size() < 4) {
      wishes.newBatch();
    }
    if (chance.oneIn(15)) {
      wishes.scale(chance.one(List.copyOf(wishes.services().keySet())), 1 + chance.below(3));
    }
    if (chance.oneIn(12) && subscribed) {
      var all = wishes.tasks().stream().filter(w -> w.phase == Phase.ACTIVE).toList();
      if (!all.isEmpty()) {
        kill(chance.one(all));
      }
    }
  }

  /// Subscribes anew, whatever was before: as a standby does that takes over.
  public void subscribe() {
    var target = leader.flatMap(info -> Upid.parse(info.getPid())).flatMap(cluster::hostOf);
    if (!up() || paused() || target.isEmpty() || !(target.get() instanceof MasterNode node)) {
      return;
    }
    master = node;
    streamId = host + "." + life + "." + ++streams;
    subscribed = false;
    heard = cluster.clock.nanos();
    var mine = streamId;
    var info = framework.info();
    var call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    if (!frameworkId.isEmpty()) {
      var id = FrameworkID.newBuilder().setValue(frameworkId).build();
      info = info.toBuilder().setId(id).build();
      call.setFrameworkId(id);
    }
    call.setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(info));
    var built = call.build();
    cluster.network.send(
        host,
        node.host,
        "call",
        "SUBSCRIBE",
        () -> node.subscribe(this, mine, built),
        guard(() -> broken(mine)));
    cluster.network.link(host, node.host, "call", "stream", guard(() -> broken(mine)));
  }

  private void broken(String which) {
    if (which.equals(streamId)) {
      disconnect("the connection is broken");
    }
  }

  private void disconnect(String why) {
    if (streamId.isEmpty()) {
      return;
    }
    cluster.note(host, () -> ": disconnects: " + why);
    if (master != null) {
      cluster.network.cut(master.host, host, MasterNode.lane(streamId));
    }
    streamId = "";
    subscribed = false;
    nextTry = cluster.clock.nanos() + cluster.chance.millis(100, 4_000);
  }

  private void send(Call.Builder call) {
    var node = master;
    if (node == null || streamId.isEmpty()) {
      return;
    }
    var built = call.setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId)).build();
    var mine = streamId;
    cluster.network.send(
        host,
        node.host,
        "call",
        built.getType() + " " + built.getSerializedSize(),
        () -> node.call(this, mine, built),
        guard(() -> broken(mine)));
  }

  // What comes from the master.

  void replied(String which, int status, String message) {
    guard(
            () -> {
              if (status != 202 && which.equals(streamId)) {
                disconnect("a call was answered " + status + " " + message);
              }
            })
        .run();
  }

  void streamEnded(String which) {
    guard(() -> broken(which)).run();
  }

  void event(MasterNode from, String which, Event event) {
    guard(
            () -> {
              if (which.equals(streamId)) {
                heard = cluster.clock.nanos();
                take(event);
              } else {
                if (event.getType() == Event.Type.ERROR) {
                  cluster.count(Happening.FAILED_OVER);
                }
                cluster.network.cut(from.host, host, MasterNode.lane(which));
              }
            })
        .run();
  }

  private void take(Event event) {
    switch (event.getType()) {
      case SUBSCRIBED -> {
        if (!frameworkId.isEmpty()) {
          cluster.count(Happening.SUBSCRIBED_AGAIN);
        }
        frameworkId = event.getSubscribed().getFrameworkId().getValue();
        subscribed = true;
        suppressed = false;
        reconcile();
      }
      case OFFERS -> {
        var mine = streamId;
        long delay =
            cluster.chance.oneIn(20)
                ? cluster.chance.millis(1_000, 8_000)
                : cluster.chance.millis(0, 300);
        later(
            Duration.ofNanos(delay),
            () -> {
              if (mine.equals(streamId)) {
                event.getOffers().getOffersList().forEach(this::answer);
              }
            });
      }
      case UPDATE -> update(event.getUpdate().getStatus());
      case UPDATE_OPERATION_STATUS -> operationUpdate(event.getUpdateOperationStatus().getStatus());
      case INVERSE_OFFERS ->
          event.getInverseOffers().getInverseOffersList().forEach(this::inverseOffer);
      case ERROR -> {
        Broken.unless(
            event.getError().getMessage().equals("Framework failed over"),
            host + " is told: " + event.getError().getMessage());
        disconnect("failed over");
      }
      default -> {}
    }
  }

  private void answer(Offer offer) {
    var left = ResourceWire.decodeTrusted(offer.getResourcesList());
    var operations = framework.reserves() ? reservations.choose(offer, calm) : List.<Operation>of();
    for (var operation : operations) {
      try {
        left = Conversion.of(operation).apply(left);
      } catch (Invalid e) {
        throw new Broken(host + " asks for what cannot be: " + e.reason());
      }
    }
    boolean resized = operations.stream().anyMatch(SchedulerNode::resizes);
    var tasks = new ArrayList<TaskInfo>();
    for (var job : wishes.lacking()) {
      var need = resized ? Resources.EMPTY : needs(left, wishes.isService(job));
      if (need.isEmpty() || tasks.size() == 3) {
        break;
      }
      left = left.minus(need);
      var wish = wishes.wish(job, offer.getAgentId().getValue());
      cluster.truth.wished(wish.taskId, framework, job);
      tasks.add(task(wish, need));
    }
    var filters = Filters.newBuilder().setRefuseSeconds(cluster.chance.below(8));
    if (tasks.isEmpty() && operations.isEmpty()) {
      send(
          Call.newBuilder()
              .setType(Call.Type.DECLINE)
              .setDecline(
                  Call.Decline.newBuilder().addOfferIds(offer.getId()).setFilters(filters)));
      if (cluster.chance.oneIn(3)) {
        suppressed = true;
        send(Call.newBuilder().setType(Call.Type.SUPPRESS));
        cluster.count(Happening.SUPPRESSED);
      }
      return;
    }
    var accept =
        Call.Accept.newBuilder()
            .addOfferIds(offer.getId())
            .setFilters(filters)
            .addAllOperations(operations);
    if (!tasks.isEmpty()) {
      accept
          .addOperationsBuilder()
          .setType(Operation.Type.LAUNCH)
          .setLaunch(Operation.Launch.newBuilder().addAllTaskInfos(tasks));
    }
    send(Call.newBuilder().setType(Call.Type.ACCEPT).setAccept(accept));
  }

  private static boolean resizes(Operation operation) {
    return operation.getType() == Operation.Type.GROW_VOLUME
        || operation.getType() == Operation.Type.SHRINK_VOLUME;
  }

  /// What one more task takes of what is left; what is reserved only for work that ends.
  private Resources needs(Resources left, boolean service) {
    var kinds = new ArrayList<ResourceKey>();
    for (var item : left.items()) {
      var key = item.key();
      if (key.name().equals("cpus") && !key.reserved()) {
        kinds.addLast(key);
      } else if (key.name().equals("cpus") && framework.reserves() && !service && !calm) {
        kinds.addFirst(key);
      }
    }
    return Reservations.needs(left, kinds);
  }

  private TaskInfo task(Wish wish, Resources need) {
    var chance = cluster.chance;
    boolean service = wishes.isService(wish.job);
    long millis = chance.nanos(Duration.ofMillis(10), Duration.ofMinutes(3)) / 1_000_000;
    boolean fails = !calm && chance.oneIn(5);
    var command =
        new Containers.Command(
            wish.taskId, service && !fails ? 0 : millis, fails ? 1 : 0, chance.oneIn(5));
    return TaskInfo.newBuilder()
        .setName(wish.job)
        .setTaskId(TaskID.newBuilder().setValue(wish.taskId))
        .setAgentId(AgentID.newBuilder().setValue(wish.agentId))
        .addAllResources(
            framework.reserves()
                ? ResourceWire.encode(need, ResourceWire.Format.POST)
                : ResourceWire.encode(need.unallocate(), ResourceWire.Format.PRE))
        .setCommand(CommandInfo.newBuilder().setValue(command.text()))
        .build();
  }

  /// Operations are answered until they are acknowledged.
  private void operationUpdate(OperationStatus status) {
    cluster.note(
        host, () -> " hears " + status.getOperationId().getValue() + " " + status.getState());
    if (reservations.heard(status)) {
      send(
          Call.newBuilder()
              .setType(Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
              .setAcknowledgeOperationStatus(
                  Call.AcknowledgeOperationStatus.newBuilder()
                      .setAgentId(status.getAgentId())
                      .setUuid(status.getUuid().getValue())
                      .setOperationId(status.getOperationId())));
    }
  }

  private void inverseOffer(InverseOffer offer) {
    cluster.count(Happening.INVERSE_OFFERED);
    send(
        cluster.chance.oneIn(2)
            ? Call.newBuilder()
                .setType(Call.Type.ACCEPT_INVERSE_OFFERS)
                .setAcceptInverseOffers(
                    Call.AcceptInverseOffers.newBuilder().addInverseOfferIds(offer.getId()))
            : Call.newBuilder()
                .setType(Call.Type.DECLINE_INVERSE_OFFERS)
                .setDeclineInverseOffers(
                    Call.DeclineInverseOffers.newBuilder().addInverseOfferIds(offer.getId())));
  }

  private void update(TaskStatus status) {
    cluster.note(
        host,
        () ->
            " hears "
                + status.getTaskId().getValue()
                + " "
                + status.getState()
                + (status.hasUuid() ? "" : " from the master: " + status.getMessage()));
    cluster.truth.heard(status);
    if (status.getReason() == TaskStatus.Reason.REASON_RECONCILIATION) {
      cluster.count(Happening.RECONCILED);
    }
    if (!status.hasUuid()
        && (status.getState() == TaskState.TASK_UNREACHABLE
            || status.getState() == TaskState.TASK_LOST)) {
      cluster.count(Happening.TASK_UNREACHABLE);
    }
    wishes.find(status.getTaskId().getValue()).ifPresent(wish -> believe(wish, status));
    if (status.hasUuid()) {
      var mine = streamId;
      long delay =
          cluster.chance.oneIn(30)
              ? cluster.chance.millis(1_000, 5_000)
              : cluster.chance.millis(0, 50);
      later(Duration.ofNanos(delay), () -> acknowledge(mine, status));
    }
  }

  private void acknowledge(String which, TaskStatus status) {
    if (which.equals(streamId)) {
      cluster.truth.acknowledges(status.getUuid());
      send(
          Call.newBuilder()
              .setType(Call.Type.ACKNOWLEDGE)
              .setAcknowledge(
                  Call.Acknowledge.newBuilder()
                      .setAgentId(status.getAgentId())
                      .setTaskId(status.getTaskId())
                      .setUuid(status.getUuid())));
    }
  }

  private void believe(Wish wish, TaskStatus status) {
    if (wish.phase == Phase.DEAD) {
      return;
    }
    wish.state = status.getState();
    switch (status.getState()) {
      case TASK_FINISHED -> {
        wishes.finished(wish.job);
        wish.phase = Phase.DEAD;
      }
      case TASK_ERROR -> wish.phase = Phase.DEAD;
      // Only the agent's word, which asks for an acknowledgement, is final.
      case TASK_FAILED, TASK_KILLED, TASK_LOST, TASK_DROPPED, TASK_GONE, TASK_GONE_BY_OPERATOR ->
          wish.phase = status.hasUuid() ? Phase.DEAD : Phase.PRESUMED_LOST;
      case TASK_UNREACHABLE, TASK_UNKNOWN -> wish.phase = Phase.PRESUMED_LOST;
      case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING -> {
        if (wish.phase == Phase.PRESUMED_LOST) {
          if (!wish.kill && wishes.lacks(wish.job)) {
            wish.phase = Phase.ACTIVE;
          } else {
            kill(wish);
          }
        }
      }
    }
  }

  private void kill(Wish wish) {
    wish.kill = true;
    cluster.truth.killAsked(wish.taskId);
    var kill = Call.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue(wish.taskId));
    if (cluster.chance.oneIn(2)) {
      kill.setAgentId(AgentID.newBuilder().setValue(wish.agentId));
    }
    send(Call.newBuilder().setType(Call.Type.KILL).setKill(kill));
  }

  /// Asks for the state of everything that is not over, and repeats kills.
  private void reconcile() {
    nextReconciliation = cluster.clock.nanos() + cluster.chance.millis(20_000, 60_000);
    var call = Call.Reconcile.newBuilder();
    for (var wish : wishes.tasks()) {
      if (wish.phase != Phase.DEAD) {
        var task =
            Call.Reconcile.Task.newBuilder().setTaskId(TaskID.newBuilder().setValue(wish.taskId));
        if (!cluster.chance.oneIn(8)) {
          task.setAgentId(AgentID.newBuilder().setValue(wish.agentId));
        }
        call.addTasks(task);
        if (wish.kill) {
          kill(wish);
        }
      }
    }
    if (call.getTasksCount() > 0) {
      send(Call.newBuilder().setType(Call.Type.RECONCILE).setReconcile(call));
    }
    var operations = Call.ReconcileOperations.newBuilder();
    reservations
        .open()
        .forEach((id, agentId) ->
            operations
                .addOperationsBuilder()
                .setOperationId(OperationID.newBuilder().setValue(id))
                .setAgentId(AgentID.newBuilder().setValue(agentId)));
    if (operations.getOperationsCount() > 0) {
      send(
          Call.newBuilder()
              .setType(Call.Type.RECONCILE_OPERATIONS)
              .setReconcileOperations(operations));
    }
    if (cluster.chance.oneIn(3)) {
      send(
          Call.newBuilder()
              .setType(Call.Type.RECONCILE)
              .setReconcile(Call.Reconcile.getDefaultInstance()));
    }
  }
}
