// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.loop.Core;
import io.meseta.loop.Ids;
import io.meseta.marathon.core.apps.RejectedException;
import io.meseta.marathon.core.deployments.Deployments;
import io.meseta.marathon.core.health.Health;
import io.meseta.marathon.core.instances.Condition;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.instances.Instances;
import io.meseta.marathon.core.json.Docs;
import io.meseta.sdk.Calls;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/// Marathon: apps wanted by clients, kept running in the cluster. See the package.
public final class MarathonCore implements Core<MarathonEvent, Effect> {
  private static final String FRAMEWORK_ID = "framework-id";
  private static final int FRAMEWORK_REMOVED = 110;
  private static final int SCHEDULER_ERROR = 106;
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(5);
  private static final int RECONCILE_BATCH = 1000;

  private final Marathon marathon;
  private final Killer killer;
  private final Offers offers;
  private final Updates updates;
  private final Converge converge;
  private final Views views;
  private final AppRequests apps;
  private final TaskRequests tasks;
  private final GroupRequests groups;
  private final DeploymentRequests deployments;
  private String frameworkId = "";
  private String masterUrl = "";
  private boolean connected;
  private TreeSet<String> startRoles = new TreeSet<>();
  private TreeSet<String> subscribedRoles = new TreeSet<>();

  public MarathonCore(MarathonConfig config, Ids ids) {
    marathon = new Marathon(config, ids);
    killer = new Killer(marathon);
    offers = new Offers(marathon);
    updates = new Updates(marathon, killer, offers);
    converge = new Converge(marathon, killer);
    views = new Views(marathon);
    var changes = new Changes(marathon, converge);
    apps = new AppRequests(marathon, changes, views);
    tasks = new TaskRequests(marathon, apps, changes, views, killer);
    groups = new GroupRequests(marathon, changes, views);
    deployments = new DeploymentRequests(marathon, changes, converge);
  }

  @Override
  public List<Effect> on(MarathonEvent event, Instant now) {
    switch (event) {
      case MarathonEvent.Loaded(var records) -> load(records, now);
      case MarathonEvent.Api(var token, var call) -> api(token, call, now);
      case MarathonEvent.Mesos(var mesos) -> mesos(mesos, now);
      case MarathonEvent.Disconnected(var reason) -> disconnected(now);
      case MarathonEvent.Persisted(var id) -> {
        var effects = new ArrayList<>(marathon.outbox.takeNow());
        effects.addAll(marathon.outbox.persisted(id));
        return effects;
      }
      case MarathonEvent.Probed probed -> probed(probed, now);
      case MarathonEvent.ProbeDue(var key) ->
          marathon.health.probe(key, marathon.instances.get(key.instanceId()));
      case MarathonEvent.Housekeeping() -> {
        updates.housekeeping(now);
        killer.retry(now);
        timer("housekeeping", HOUSEKEEPING, event);
      }
      case MarathonEvent.ScaleCheck() -> {
        marathon.tree.apps().forEach(app -> marathon.instances.touch(app.id()));
        marathon.instances.all().forEach(each -> marathon.instances.touch(each.appId()));
        timer("scale", marathon.config.scaleInterval(), event);
      }
      case MarathonEvent.Reconcile() -> {
        reconcile();
        timer("reconcile", marathon.config.reconciliationInterval(), event);
      }
      case MarathonEvent.ReviveDue() -> offers.wake();
      case MarathonEvent.TokensDue() -> {
        offers.refreshTokens();
        timer("tokens", marathon.config.launchTokenRefresh(), event);
      }
    }
    return marathon.outbox.takeNow();
  }

  @Override
  public List<Effect> endOfBatch(Instant now) {
    converge.run(now);
    offers.endOfBatch(now);
    roles();
    return marathon.outbox.endBatch();
  }

  private void load(SortedMap<String, byte[]> records, Instant now) {
    records.forEach(marathon.tree::load);
    records.forEach(marathon.tree::loadPresent);
    records.forEach((key, bytes) -> {
      if (key.startsWith(Deployments.PREFIX)) {
        marathon.deployments.load(
            bytes,
            records.get(Deployments.STEP_PREFIX + key.substring(Deployments.PREFIX.length())),
            (id, at) -> marathon.tree.version(id, at).orElse(null));
      } else if (key.startsWith(Instances.PREFIX)) {
        marathon.instances.load(key, bytes, marathon.tree::version);
      } else if (key.startsWith(Marathon.FAILURE)) {
        var json = (ObjectNode) Docs.parse(bytes);
        marathon.failures.put(json.get("appId").stringValue(), json);
      } else if (key.equals(FRAMEWORK_ID)) {
        frameworkId = new String(bytes, StandardCharsets.UTF_8);
      }
    });
    marathon.tree.apps().forEach(app -> marathon.instances.touch(app.id()));
    for (var instance : List.copyOf(marathon.instances.all())) {
      if (instance.condition().terminal()) { // stored in the middle of being rescheduled
        marathon.instances.set(instance.rescheduled(now), now);
      }
      if (instance.running()) {
        marathon.health.watch(instance);
      }
    }
    timer("housekeeping", HOUSEKEEPING, new MarathonEvent.Housekeeping());
    timer("scale", marathon.config.scaleInitialDelay(), new MarathonEvent.ScaleCheck());
    timer("tokens", marathon.config.launchTokenRefresh(), new MarathonEvent.TokensDue());
    startRoles = wantedRoles();
    marathon.outbox.now(new Effect.Subscribe(info(startRoles)));
  }

  private FrameworkInfo info(TreeSet<String> roles) {
    var info = marathon.config.framework().toBuilder().clearRoles().addAllRoles(roles);
    if (!frameworkId.isEmpty()) {
      info.setId(FrameworkID.newBuilder().setValue(frameworkId));
    }
    return info.build();
  }

  private TreeSet<String> wantedRoles() {
    var roles = new TreeSet<String>();
    roles.add(marathon.config.settings().defaultRole());
    marathon.tree.apps().forEach(app -> roles.add(app.spec().role()));
    return roles;
  }

  /// Takes up roles that new apps brought.
  private void roles() {
    if (!connected) {
      return;
    }
    for (var appId : marathon.instances.waitingApps()) {
      var app = marathon.tree.app(appId);
      if (app != null && !subscribedRoles.contains(app.spec().role())) {
        subscribedRoles = wantedRoles();
        marathon.outbox.after(
            new Effect.Send(
                Calls.updateFramework(
                    info(subscribedRoles), List.of(), OfferConstraints.getDefaultInstance())));
        return;
      }
    }
  }

  private void mesos(Event event, Instant now) {
    switch (event.getType()) {
      case SUBSCRIBED -> subscribed(event.getSubscribed(), now);
      case OFFERS -> offers.on(event.getOffers().getOffersList(), now);
      case UPDATE -> updates.on(event.getUpdate().getStatus(), now);
      case ERROR -> error(event.getError().getMessage());
      case MESSAGE -> {
        var data = Docs.object();
        data.put("slaveId", event.getMessage().getAgentId().getValue());
        data.put("executorId", event.getMessage().getExecutorId().getValue());
        data.put("message", event.getMessage().getData().toStringUtf8());
        marathon.outbox.publish("framework_message_event", data, now);
      }
      // Offers are used or declined at once, so there is none to forget; lost agents and executors
      // are told of by updates of their tasks.
      case RESCIND,
          FAILURE,
          HEARTBEAT,
          INVERSE_OFFERS,
          RESCIND_INVERSE_OFFER,
          UPDATE_OPERATION_STATUS,
          UNKNOWN -> {}
    }
  }

  private void subscribed(Event.Subscribed subscribed, Instant now) {
    var id = subscribed.getFrameworkId().getValue();
    boolean first = frameworkId.isEmpty();
    if (first) {
      frameworkId = id;
      marathon.outbox.put(FRAMEWORK_ID, id.getBytes(StandardCharsets.UTF_8));
    }
    connected = true;
    var master = subscribed.getMasterInfo();
    masterUrl = "http://" + master.getHostname() + ":" + master.getPort() + "/";
    var data = Docs.object();
    data.put("frameworkId", id);
    data.put("master", master.getHostname() + ":" + master.getPort());
    marathon.outbox.publish(
        first ? "scheduler_registered_event" : "scheduler_reregistered_event", data, now);
    offers.subscribed(master.getDomain().getFaultDomain().getRegion().getName(), now);
    killer.resume(now);
    if (marathon.instances.all().stream().anyMatch(each -> each.condition().hasTask())) {
      reconcile();
    }
    timer("reconcile", marathon.config.reconciliationInitialDelay(), new MarathonEvent.Reconcile());
    subscribedRoles = startRoles; // the client subscribes with the roles of its start
  }

  private void disconnected(Instant now) {
    connected = false;
    offers.disconnected();
    marathon.outbox.publish("scheduler_disconnected_event", Docs.object(), now);
  }

  /// Asks for the tasks we know, then for all the master knows.
  private void reconcile() {
    if (!connected) {
      return;
    }
    var batch = new ArrayList<Call.Reconcile.Task>();
    for (var instance : marathon.instances.all()) {
      var agent = instance.agent();
      if (instance.condition().hasTask() && agent != null) {
        batch.add(
            Calls.reconcileTask(
                TaskID.newBuilder().setValue(instance.taskId()).build(),
                AgentID.newBuilder().setValue(agent.id()).build()));
      }
      if (batch.size() == RECONCILE_BATCH) {
        marathon.outbox.after(new Effect.Send(Calls.reconcile(List.copyOf(batch))));
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      marathon.outbox.after(new Effect.Send(Calls.reconcile(batch)));
    }
    marathon.outbox.after(new Effect.Send(Calls.reconcileAll()));
  }

  private void error(String message) {
    boolean removed =
        message.contains("Framework has been removed")
            || message.contains("Completed framework attempted to re-register");
    if (removed) {
      marathon.outbox.delete(FRAMEWORK_ID);
    }
    marathon.outbox.after(
        new Effect.Exit(
            removed ? FRAMEWORK_REMOVED : SCHEDULER_ERROR, "The master says: " + message));
  }

  private void probed(MarathonEvent.Probed probed, Instant now) {
    var instance = marathon.instances.get(probed.key().instanceId());
    var kill = marathon.health.probed(probed, instance, now);
    if (instance == null) {
      return;
    }
    marathon.instances.touch(instance.appId());
    if (kill.isPresent() && instance.condition() == Condition.RUNNING) {
      unhealthy(instance, kill.get(), now);
    }
    if (probed.key().check() == Health.READINESS) {
      marathon.instances.touch(instance.appId());
    }
  }

  private void unhealthy(Instance instance, String cause, Instant now) {
    if (killer.isAsked(instance)) {
      return; // its checks go on failing until it has ended
    }
    var data = Docs.object();
    data.put("appId", instance.appId());
    data.put("taskId", instance.taskId());
    data.put("instanceId", instance.id());
    data.put("version", Docs.time(instance.app().version()));
    data.put("reason", cause);
    var agent = instance.agent();
    if (agent != null) {
      data.put("host", agent.host());
      data.put("slaveId", agent.id());
    }
    marathon.outbox.publish("unhealthy_instance_kill_event", data, now);
    updates.failure(
        instance,
        "TASK_KILLED",
        "Task was killed since health check failed. Reason: " + cause,
        now);
    killer.killTask(instance, now);
  }

  private void api(long token, ApiCall call, Instant now) {
    Answer answer;
    try {
      answer = answer(call, now);
    } catch (RejectedException rejected) {
      answer = Answer.of(rejected.status(), rejected.document());
    }
    if (reads(call)) {
      marathon.outbox.now(new Effect.Reply(token, answer));
    } else {
      marathon.outbox.after(new Effect.Reply(token, answer));
    }
  }

  private Answer answer(ApiCall call, Instant now) {
    return switch (call) {
      case ApiCall.ListApps list -> apps.list(list, now);
      case ApiCall.AppsBelow below -> apps.below(below, now);
      case ApiCall.CreateApp create -> apps.create(create, now);
      case ApiCall.GetApp get -> apps.get(get, now);
      case ApiCall.UpdateApp update -> apps.update(update, now);
      case ApiCall.UpdateApps update -> apps.updateAll(update, now);
      case ApiCall.DeleteApp delete -> apps.delete(delete, now);
      case ApiCall.RestartApp restart -> apps.restart(restart, now);
      case ApiCall.AppVersions versions -> apps.versions(versions);
      case ApiCall.AppVersion version -> apps.version(version);
      case ApiCall.AppTasks ofApp -> tasks.ofApp(ofApp);
      case ApiCall.KillAppTasks kill -> tasks.killOfApp(kill, now);
      case ApiCall.ListTasks list -> tasks.list(list);
      case ApiCall.KillTasks kill -> tasks.kill(kill, now);
      case ApiCall.ListQueue queue -> tasks.queue(queue, now);
      case ApiCall.ResetDelay(var id) -> resetDelay(id);
      case ApiCall.ListDeployments() -> deployments.list();
      case ApiCall.DeleteDeployment delete -> deployments.delete(delete, now);
      case ApiCall.GetGroup get -> groups.get(get, now);
      case ApiCall.CreateGroup create -> groups.create(create, now);
      case ApiCall.UpdateGroup update -> groups.update(update, now);
      case ApiCall.PatchGroup patch -> groups.patch(patch, now);
      case ApiCall.DeleteGroup delete -> groups.delete(delete, now);
      case ApiCall.GroupVersions versions -> groups.versions(versions);
      case ApiCall.FrameworkState() -> frameworkState();
      case ApiCall.Counts() -> counts();
    };
  }

  private static boolean reads(ApiCall call) {
    return switch (call) {
      case ApiCall.ListApps list -> true;
      case ApiCall.AppsBelow below -> true;
      case ApiCall.GetApp get -> true;
      case ApiCall.AppVersions versions -> true;
      case ApiCall.AppVersion version -> true;
      case ApiCall.AppTasks ofApp -> true;
      case ApiCall.ListTasks list -> true;
      case ApiCall.ListQueue queue -> true;
      case ApiCall.ListDeployments list -> true;
      case ApiCall.GetGroup get -> true;
      case ApiCall.GroupVersions versions -> true;
      case ApiCall.FrameworkState state -> true;
      case ApiCall.Counts counts -> true;
      default -> false;
    };
  }

  private Answer resetDelay(String id) {
    boolean queued = marathon.instances.of(id).stream().anyMatch(Converge::launching);
    if (!queued) {
      throw RejectedException.of(404, "Application " + id + " not found in tasks queue.");
    }
    marathon.delays.reset(id);
    offers.wake();
    return Answer.empty(204);
  }

  private Answer frameworkState() {
    var document = Docs.object();
    document.put("frameworkId", frameworkId);
    document.put("master", masterUrl);
    document.put("connected", connected);
    return Answer.of(200, document);
  }

  private Answer counts() {
    var document = Docs.object();
    document.put("apps", marathon.tree.apps().size());
    document.put("groups", marathon.tree.groupsBelow("/").size() + 1);
    document.put("deployments", marathon.deployments.all().size());
    int running = 0;
    int staged = 0;
    int scheduled = 0;
    for (var instance : marathon.instances.all()) {
      switch (instance.condition()) {
        case RUNNING -> running++;
        case PROVISIONED, STAGING, STARTING -> staged++;
        case SCHEDULED -> scheduled++;
        default -> {}
      }
    }
    document.put("running", running);
    document.put("staged", staged);
    document.put("scheduled", scheduled);
    document.put("kills", killer.inFlight());
    return Answer.of(200, document);
  }

  private void timer(String key, Duration delay, MarathonEvent event) {
    marathon.outbox.now(new Effect.SetTimer(key, delay, event));
  }
}
