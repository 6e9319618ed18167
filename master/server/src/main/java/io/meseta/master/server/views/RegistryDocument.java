// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import com.google.protobuf.ByteString;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.master.core.registry.RegistryRecords;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.internal.Registry;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.WeightInfo;
import java.util.Map;

/// `/registrar(1)/registry`: the records of the registry put together to the one message that the
/// original keeps.
public final class RegistryDocument {
  private RegistryDocument() {}

  public static Registry of(MasterInfo leader, Map<String, ByteString> kept) {
    var records = RegistryRecords.read(kept);
    var result = Registry.newBuilder();
    result.getMasterBuilder().setInfo(leader);
    result.getMachinesBuilder();
    for (var machine : records.machines()) {
      result.getMachinesBuilder().addMachinesBuilder().setInfo(machine);
    }
    var slaves = result.getSlavesBuilder();
    records
        .agents()
        .forEach((id, agent) -> {
          var slave =
              agent.toBuilder()
                  .setInfo(inOldForm(agent.getInfo()))
                  .setDeactivated(records.deactivated().contains(id));
          if (records.drains().containsKey(id)) {
            slave.setDrainInfo(records.drains().get(id));
          }
          slaves.addSlaves(slave);
        });
    records
        .unreachable()
        .forEach((id, since) -> {
          var slave =
              result
                  .getUnreachableBuilder()
                  .addSlavesBuilder()
                  .setId(AgentID.newBuilder().setValue(id))
                  .setTimestamp(RegistryOperation.time(since))
                  .setDeactivated(records.deactivated().contains(id));
          if (records.drains().containsKey(id)) {
            slave.setDrainInfo(records.drains().get(id));
          }
        });
    records
        .gone()
        .forEach((id, since) ->
            result
                .getGoneBuilder()
                .addSlavesBuilder()
                .setId(AgentID.newBuilder().setValue(id))
                .setTimestamp(RegistryOperation.time(since)));
    result.addAllSchedules(records.schedules());
    records
        .weights()
        .forEach((role, weight) ->
            result
                .addWeightsBuilder()
                .setInfo(WeightInfo.newBuilder().setRole(role).setWeight(weight)));
    result.addAllQuotaConfigs(records.quotas().values());
    records
        .minimumCapabilities()
        .forEach(name -> result.addMinimumCapabilitiesBuilder().setCapability(name));
    return result.build();
  }

  /// The original keeps resources in the form from before reservations could be refined, if it can
  /// say them.
  private static AgentInfo inOldForm(AgentInfo info) {
    var resources = ResourceWire.decodeTrusted(info.getResourcesList());
    return ResourceWire.fitsPre(resources)
        ? info.toBuilder()
            .clearResources()
            .addAllResources(ResourceWire.encode(resources, ResourceWire.Format.PRE))
            .build()
        : info;
  }
}
