// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.registry;

import io.meseta.wire.internal.Registry;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainInfo;
import io.meseta.wire.v1.MachineInfo;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.WeightInfo;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One change of the registry. Records are small, one per agent, so that a change writes little:
/// `agents/ID`, `unreachable/ID`, `gone/ID`, `deactivated/ID`, `drains/ID`, `weights/ROLE` (slashes
/// of a role written as spaces, which no role has), `quotas/ROLE`, `machines/NAME|IP`, and one
/// `maintenance/schedule`, each the original's message for it. What operators decided of an agent
/// has records of its own, since it holds whether the agent is there or unreachable.
public sealed interface RegistryOperation {
  String AGENTS = "agents/";
  String UNREACHABLE = "unreachable/";
  String GONE = "gone/";
  String DEACTIVATED = "deactivated/";
  String DRAINS = "drains/";
  String WEIGHTS = "weights/";
  String QUOTAS = "quotas/";
  String MINIMUM_CAPABILITIES = "minimum-capabilities/";
  String MACHINES = "machines/";
  String SCHEDULE = "maintenance/schedule";

  /// Adds the changed records to `batch`.
  void write(RegistryBatch batch);

  /// Admits an agent, writes its changed description, or takes it back after it was unreachable.
  record Admit(AgentInfo info) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      var id = info.getId().getValue();
      batch.delete(UNREACHABLE + id);
      batch.put(AGENTS + id, Registry.Slave.newBuilder().setInfo(info).build().toByteString());
    }
  }

  /// Keeps an agent from offers.
  record Deactivate(String agentId) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      batch.put(
          DEACTIVATED + agentId, AgentID.newBuilder().setValue(agentId).build().toByteString());
    }
  }

  /// Keeps an agent from offers and has it drained, or says that it is.
  record Drain(String agentId, DrainInfo drain) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      new Deactivate(agentId).write(batch);
      batch.put(DRAINS + agentId, drain.toByteString());
    }
  }

  /// Has an agent offered again.
  record Reactivate(String agentId) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      batch.delete(DEACTIVATED + agentId);
      batch.delete(DRAINS + agentId);
    }
  }

  record MarkUnreachable(String agentId, Instant when) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      batch.delete(AGENTS + agentId);
      batch.put(
          UNREACHABLE + agentId,
          Registry.UnreachableSlave.newBuilder()
              .setId(AgentID.newBuilder().setValue(agentId))
              .setTimestamp(time(when))
              .build()
              .toByteString());
    }
  }

  record MarkGone(String agentId, Instant when) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      batch.delete(AGENTS + agentId);
      batch.delete(UNREACHABLE + agentId);
      new Reactivate(agentId).write(batch);
      batch.put(
          GONE + agentId,
          Registry.GoneSlave.newBuilder()
              .setId(AgentID.newBuilder().setValue(agentId))
              .setTimestamp(time(when))
              .build()
              .toByteString());
    }
  }

  /// Forgets an agent that left by itself.
  record Remove(String agentId) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      batch.delete(AGENTS + agentId);
      new Reactivate(agentId).write(batch);
    }
  }

  /// Forgets an agent that has been unreachable for very long.
  record Prune(String agentId) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      batch.delete(UNREACHABLE + agentId);
      new Reactivate(agentId).write(batch);
    }
  }

  /// Forgets an agent that was marked gone very long ago.
  record PruneGone(String agentId) implements RegistryOperation {
    @Override
    public void write(RegistryBatch batch) {
      batch.delete(GONE + agentId);
    }
  }

  /// Weights of roles, all in one transaction. A weight of 1 is written, too: without a record the
  /// flag's weight would count again.
  record SetWeights(Map<String, Double> weights) implements RegistryOperation {
    public SetWeights {
      weights = new LinkedHashMap<>(weights);
    }

    @Override
    public void write(RegistryBatch batch) {
      weights.forEach((role, weight) ->
          batch.put(
              WEIGHTS + role.replace('/', ' '),
              WeightInfo.newBuilder().setRole(role).setWeight(weight).build().toByteString()));
    }
  }

  /// Quotas of roles, all in one transaction; one that promises and limits nothing is deleted.
  record SetQuotas(List<QuotaConfig> configs) implements RegistryOperation {
    public SetQuotas {
      configs = List.copyOf(configs);
    }

    @Override
    public void write(RegistryBatch batch) {
      for (var config : configs) {
        var key = QUOTAS + config.getRole();
        if (config.getGuaranteesCount() == 0 && config.getLimitsCount() == 0) {
          batch.delete(key);
        } else {
          batch.put(key, config.toByteString());
        }
      }
    }
  }

  /// The maintenance schedule, and machines by key whose mode or unavailability changed.
  record SetMaintenance(Schedule schedule, Map<String, MachineInfo> changed, List<String> gone)
      implements RegistryOperation {
    public SetMaintenance {
      changed = new LinkedHashMap<>(changed);
      gone = List.copyOf(gone);
    }

    @Override
    public void write(RegistryBatch batch) {
      gone.forEach(key -> batch.delete(MACHINES + key));
      changed.forEach((key, info) ->
          batch.put(
              MACHINES + key, Registry.Machine.newBuilder().setInfo(info).build().toByteString()));
      if (schedule.getWindowsCount() == 0) {
        batch.delete(SCHEDULE);
      } else {
        batch.put(SCHEDULE, schedule.toByteString());
      }
    }
  }

  static TimeInfo time(Instant time) {
    return TimeInfo.newBuilder()
        .setNanoseconds(Math.addExact(time.getEpochSecond() * 1_000_000_000L, time.getNano()))
        .build();
  }

  static Instant instant(TimeInfo time) {
    return Instant.ofEpochSecond(0, time.getNanoseconds());
  }
}
