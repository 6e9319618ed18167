// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.Invalid;
import io.meseta.model.acls.Acls;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;

/// A master with rules, an agent and a framework that reserves and makes volumes.
final class Cluster extends Scenario {
  final String stream;

  Cluster(String acls, FrameworkInfo framework, RegisterSlaveMessage registration) {
    super(new Stage(Stage.config(), rules(acls)));
    stage.say(1, registration);
    stream = stage.subscribe(framework);
  }

  Cluster(String acls, FrameworkInfo framework, String resources) {
    this(acls, framework, Stage.registration(1, resources));
  }

  Cluster(FrameworkInfo framework, String resources) {
    this("{}", framework, resources);
  }

  private static Acls rules(String acls) {
    try {
      return Acls.parse(acls);
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  static Resources parse(String text) {
    return ResourceWire.decodeTrusted(Stage.resources(text));
  }

  static Resources of(List<Resource> resources) {
    return ResourceWire.decodeTrusted(resources);
  }

  static Operation reserve(List<Resource> resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.RESERVE)
        .setReserve(Operation.Reserve.newBuilder().addAllResources(resources))
        .build();
  }

  static Operation unreserve(List<Resource> resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.UNRESERVE)
        .setUnreserve(Operation.Unreserve.newBuilder().addAllResources(resources))
        .build();
  }

  static Operation launch(String id, Offer offer, List<Resource> resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.LAUNCH)
        .setLaunch(
            Operation.Launch.newBuilder()
                .addTaskInfos(
                    Stage.task(id, offer, "cpus:1").toBuilder()
                        .clearResources()
                        .addAllResources(resources)))
        .build();
  }

  /// Accepts the last offer with a filter of no time; the next one is there afterwards.
  void accept(String who, Operation... operations) {
    int before = stage.offers(who).size();
    accept(who, 0, operations);
    stage.pass(Duration.ofSeconds(1));
    assertThat(stage.offers(who)).hasSize(before + 1);
  }

  void accept(Operation... operations) {
    accept(stream, operations);
  }

  void accept(String who, double refuseSeconds, Operation... operations) {
    stage.call(
        who,
        Call.newBuilder()
            .setType(Call.Type.ACCEPT)
            .setAccept(
                Call.Accept.newBuilder()
                    .addOfferIds(stage.lastOffer(who).getId())
                    .addAllOperations(List.of(operations))
                    .setFilters(Filters.newBuilder().setRefuseSeconds(refuseSeconds))));
  }

  void declineForEver(String who) {
    decline(who, stage.lastOffer(who));
  }

  private void decline(String who, Offer offer) {
    stage.call(
        who,
        Call.newBuilder()
            .setType(Call.Type.DECLINE)
            .setDecline(
                Call.Decline.newBuilder()
                    .addOfferIds(offer.getId())
                    .setFilters(Filters.newBuilder().setRefuseSeconds(Double.MAX_VALUE))));
  }

  /// Gives all that is offered back and has it offered again, as one offer.
  void summon(String who) {
    framework(who).offers().forEach(offer -> decline(who, offer));
    revive(who);
    stage.pass(Duration.ofSeconds(1));
    assertThat(framework(who).offers()).hasSize(1);
  }

  void revive(String who) {
    stage.call(who, Call.newBuilder().setType(Call.Type.REVIVE));
  }

  Resources offered(String who) {
    return ResourceWire.decodeTrusted(stage.lastOffer(who).getResourcesList()).unallocate();
  }

  Resources offered() {
    return offered(stream);
  }

  /// All that is offered is exactly this.
  void assertOffered(Resources expected) {
    assertThat(offered()).isEqualTo(expected);
    assertThat(stage.core.audit()).isEmpty();
  }
}
