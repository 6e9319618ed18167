// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.flags.Flags;
import io.meseta.http.Answer;
import io.meseta.http.files.VirtualFiles;
import io.meseta.master.core.tasks.Statuses;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.core.view.Visibility;
import io.meseta.master.server.auth.Access;
import io.meseta.master.server.views.Documents;
import io.meseta.master.server.views.Metrics;
import io.meseta.model.acls.Action;
import io.meseta.wire.v1.MasterInfo;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/// Gets snapshots and has them rendered off the loop and off the network's threads.
final class Reading {
  private final MasterFlags flags;
  private final Node node;
  private final Leadership leadership;
  private final Access access;
  private final Renderings renderings;
  private final Executor executor;
  private final Instant startTime = Instant.now();
  private final Map<String, String> effective;

  Reading(MasterFlags flags, Node node, Leadership leadership, Access access, Executor executor) {
    this.flags = flags;
    this.node = node;
    this.leadership = leadership;
    this.access = access;
    this.renderings = new Renderings(node::read, executor);
    this.executor = executor;
    this.effective = Collections.unmodifiableMap(new TreeMap<>(Flags.effective(flags)));
  }

  /// Threads for what takes a while.
  Executor executor() {
    return executor;
  }

  /// What of this master's disk there is to see.
  VirtualFiles files() {
    var files = new VirtualFiles();
    flags
        .externalLogFile()
        .or(() -> flags.logDir().map(folder -> folder.resolve(MasterMain.LOG)))
        .ifPresent(log -> files.attach("/master/log", log));
    return files;
  }

  static double seconds(Instant time) {
    return Statuses.seconds(time);
  }

  Map<String, String> flags() {
    return effective;
  }

  Map<String, Double> metrics(Snapshot snapshot) {
    var metrics =
        Metrics.of(
            snapshot,
            startTime,
            leadership.elected(),
            node.depth(),
            flags.publishPerFrameworkMetrics(),
            new LinkedHashSet<>(flags.fairSharingExcludedResourceNames()));
    node.meters().put(metrics);
    node.throttle().put(metrics);
    metrics.put("master/http_cache_hits", (double) renderings.shared());
    metrics.put(
        "registrar/log/ensemble_size",
        flags.durable() ? (double) flags.zk().orElse("").split(",", -1).length : 1.0);
    return metrics;
  }

  /// Whether there are rules about who may do what.
  boolean isRestricted() {
    return !access.acls().isEmpty();
  }

  /// Whether the principal may; nobody in particular is empty.
  boolean permits(Optional<String> principal, Action action, Optional<String> object) {
    return access.acls().permits(principal, action, object);
  }

  /// Questions of different principals have different answers when there are rules.
  private Object kindFor(Optional<String> principal, Object kind) {
    return access.acls().isEmpty() ? kind : List.of(principal, kind);
  }

  /// Answers with a document of the cluster's state and of nothing else.
  ///
  /// @param principal what it may not see is left out
  /// @param kind equal for questions that have the same answer
  CompletionStage<Answer> render(
      Optional<String> principal, Object kind, Function<Documents, Answer> render) {
    var leader = leadership.leader(); // not part of the state, but shown with it
    return renderings.render(
        List.of(kindFor(principal, kind), leader),
        true,
        snapshot ->
            render.apply(
                documents(
                    new Visibility(access.acls(), principal).of(snapshot),
                    leader,
                    permits(principal, Action.VIEW_FLAGS, Optional.empty()) ? flags() : Map.of())));
  }

  /// Answers with something that changes all the time, such as counters.
  CompletionStage<Answer> renderNow(Object kind, Function<Documents, Answer> render) {
    return renderings.render(
        kind, false, snapshot -> render.apply(documents(snapshot, leadership.leader(), flags())));
  }

  private Documents documents(
      Snapshot snapshot, Optional<MasterInfo> leader, Map<String, String> shownFlags) {
    return new Documents(
        node.identity().info(),
        startTime,
        leader,
        flags.cluster(),
        shownFlags,
        snapshot,
        node.rendered());
  }
}
