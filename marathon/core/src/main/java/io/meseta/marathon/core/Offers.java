// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.instances.Condition;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.matching.Matcher;
import io.meseta.marathon.core.matching.Seen;
import io.meseta.marathon.core.queue.Statistics;
import io.meseta.sdk.Calls;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Uses offers for waiting instances, gives the rest back, and asks for more when needed.
///
/// So many launches may be under way at a time (launch tokens); a task that runs or has ended gives
/// its token back, and all come back from time to time.
final class Offers {
  private final Marathon marathon;
  private final Seen seen = new Seen();
  private final Set<String> tokensOut = new HashSet<>();
  private long revivedAt = -1;
  private Instant lastRevive = Instant.EPOCH;
  private boolean suppressed;
  private boolean subscribed;

  Offers(Marathon marathon) {
    this.marathon = marathon;
  }

  /// A new subscription gets offers by itself.
  void subscribed(String region, Instant now) {
    seen.home(region);
    subscribed = true;
    suppressed = false;
    revivedAt = marathon.instances.wakeUps();
    lastRevive = now;
  }

  void disconnected() {
    subscribed = false;
  }

  /// Its launch is over.
  void started(Instance instance) {
    boolean exhausted = tokensOut.size() >= marathon.config.launchTokens();
    if (tokensOut.remove(instance.taskId()) && exhausted) {
      wake();
    }
  }

  /// Hands out the tokens of launches that never came to an end.
  void refreshTokens() {
    if (tokensOut.size() >= marathon.config.launchTokens()) {
      wake();
    }
    tokensOut.clear();
  }

  void on(List<Offer> offers, Instant now) {
    offers.forEach(seen::note);
    var unused = new ArrayList<io.meseta.wire.v1.OfferID>();
    for (var offer : offers) {
      var tasks = use(offer, now);
      if (tasks.isEmpty()) {
        unused.add(offer.getId());
      } else {
        var refuse = waiting(now) ? Duration.ZERO : marathon.config.declineFor();
        marathon.outbox.after(
            new Effect.Send(
                Calls.accept(List.of(offer.getId()), List.of(Calls.launch(tasks)), refuse)));
      }
    }
    if (!unused.isEmpty()) {
      marathon.outbox.now(new Effect.Send(Calls.decline(unused, marathon.config.declineFor())));
    }
  }

  private List<TaskInfo> use(Offer offer, Instant now) {
    var tasks = new ArrayList<TaskInfo>();
    if (marathon.instances.waitingApps().isEmpty()) {
      return tasks;
    }
    var matcher = new Matcher(offer, marathon.config.matching(), seen, marathon.ids);
    for (var appId : List.copyOf(marathon.instances.waitingApps())) {
      for (var instance = marathon.instances.nextScheduled(appId);
          instance != null && mayLaunch(tasks.size()) && !delayed(instance, now);
          instance = marathon.instances.nextScheduled(appId)) {
        var enforce = Optional.of(marathon.tree.enforcesRole(appId));
        var match = matcher.match(instance, placed(instance), enforce, now);
        var statistics = marathon.statistics.computeIfAbsent(appId, id -> new Statistics(now));
        if (match.launch().isEmpty()) {
          statistics.unused(offer, match.reject().orElseThrow(), now);
          break;
        }
        statistics.used(offer, now);
        var launch = match.launch().get();
        tasks.add(launch.task());
        tokensOut.add(launch.instance().taskId());
        marathon.instances.set(launch.instance(), now);
      }
    }
    return tasks;
  }

  private boolean mayLaunch(int onThisOffer) {
    return onThisOffer < marathon.config.maxInstancesPerOffer()
        && tokensOut.size() < marathon.config.launchTokens();
  }

  private boolean delayed(Instance instance, Instant now) {
    return !marathon.delays.left(instance.app(), now).isZero();
  }

  /// The instances that count for constraints: those of the present configuration that stay.
  private List<Instance> placed(Instance instance) {
    if (instance.app().spec().constraints().isEmpty()) {
      return List.of();
    }
    return marathon.instances.of(instance.appId()).stream()
        .filter(each ->
            each.keep()
                && each.condition().hasTask()
                && each.condition() != Condition.UNREACHABLE_INACTIVE
                && Converge.current(each, instance.app()))
        .toList();
  }

  private boolean waiting(Instant now) {
    return !roles(now).isEmpty();
  }

  /// Roles of instances that could be launched now.
  private TreeSet<String> roles(Instant now) {
    var roles = new TreeSet<String>();
    for (var appId : marathon.instances.waitingApps()) {
      var next = marathon.instances.nextScheduled(appId);
      if (next != null && !delayed(next, now)) {
        roles.add(next.app().spec().role());
      }
    }
    return roles;
  }

  /// A delay is over, or somebody wants a launch now.
  void wake() {
    revivedAt = -1;
  }

  /// At the end of a batch: asks for offers, or for none.
  void endOfBatch(Instant now) {
    if (!subscribed) {
      return;
    }
    if (marathon.instances.waitingApps().isEmpty()) {
      if (!suppressed && marathon.config.suppressOffers()) {
        suppressed = true;
        marathon.outbox.after(new Effect.Send(Calls.suppress(List.of())));
      }
      return;
    }
    if (revivedAt == marathon.instances.wakeUps()) {
      return;
    }
    var roles = roles(now);
    if (roles.isEmpty()) {
      return;
    }
    var sinceLast = Duration.between(lastRevive, now);
    if (!suppressed && sinceLast.compareTo(marathon.config.minReviveInterval()) < 0) {
      marathon.outbox.now(
          new Effect.SetTimer(
              "revive",
              marathon.config.minReviveInterval().minus(sinceLast),
              new MarathonEvent.ReviveDue()));
      return;
    }
    suppressed = false;
    revivedAt = marathon.instances.wakeUps();
    lastRevive = now;
    marathon.outbox.after(new Effect.Send(Calls.revive(roles)));
  }
}
