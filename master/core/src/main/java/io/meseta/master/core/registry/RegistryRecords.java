// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.wire.internal.Registry;
import io.meseta.wire.v1.DrainInfo;
import io.meseta.wire.v1.MachineInfo;
import io.meseta.wire.v1.WeightInfo;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The registry as it was read at the start.
public record RegistryRecords(
    Map<String, Registry.Slave> agents,
    Map<String, Instant> unreachable,
    Map<String, Instant> gone,
    Set<String> deactivated,
    Map<String, DrainInfo> drains,
    Map<String, Double> weights,
    Map<String, QuotaConfig> quotas,
    List<MachineInfo> machines,
    List<Schedule> schedules,
    Set<String> minimumCapabilities) {

  /// @throws IllegalStateException for a record that cannot be read: better no master than one that
  ///   forgot
  public static RegistryRecords read(Map<String, ByteString> records) {
    var result =
        new RegistryRecords(
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashSet<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new LinkedHashSet<>());
    for (var entry : new TreeMap<>(records).entrySet()) {
      try {
        result.add(entry.getKey(), entry.getValue());
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("registry record " + entry.getKey() + ": " + e, e);
      }
    }
    return result;
  }

  private void add(String key, ByteString record) throws InvalidProtocolBufferException {
    var id = key.substring(key.indexOf('/') + 1);
    switch (key.substring(0, key.indexOf('/') + 1)) {
      case RegistryOperation.AGENTS -> agents.put(id, Registry.Slave.parseFrom(record));
      case RegistryOperation.UNREACHABLE ->
          unreachable.put(
              id,
              RegistryOperation.instant(
                  Registry.UnreachableSlave.parseFrom(record).getTimestamp()));
      case RegistryOperation.GONE ->
          gone.put(
              id, RegistryOperation.instant(Registry.GoneSlave.parseFrom(record).getTimestamp()));
      case RegistryOperation.DEACTIVATED -> deactivated.add(id);
      case RegistryOperation.DRAINS -> drains.put(id, DrainInfo.parseFrom(record));
      case RegistryOperation.WEIGHTS -> {
        var weight = WeightInfo.parseFrom(record);
        weights.put(weight.getRole(), weight.getWeight());
      }
      case RegistryOperation.QUOTAS -> quotas.put(id, QuotaConfig.parseFrom(record));
      case RegistryOperation.MACHINES -> machines.add(Registry.Machine.parseFrom(record).getInfo());
      case RegistryOperation.MINIMUM_CAPABILITIES -> minimumCapabilities.add(id);
      case "maintenance/" -> schedules.add(Schedule.parseFrom(record));
      default -> {} // of a newer version; left alone
    }
  }
}
