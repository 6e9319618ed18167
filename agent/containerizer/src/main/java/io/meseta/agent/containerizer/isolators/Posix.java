// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.isolators;

import io.meseta.agent.containerizer.launcher.ProcessTable;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.wire.v1.ResourceStatistics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// `posix/cpu` and `posix/mem`: no limits, only accounts, summed over the processes of a container.
///
/// Limits are reported as promised by the resources, as the original does.
public final class Posix {
  private Posix() {}

  private record Promise(double cpus, long memBytes) {}

  /// What both have in common: they remember the resources and the shim.
  private abstract static class Accounts implements Isolator {
    final Map<String, Promise> promises = new ConcurrentHashMap<>();
    final Map<String, Long> shims = new ConcurrentHashMap<>();
    final Supplier<ProcessTable> table;

    Accounts(Supplier<ProcessTable> table) {
      this.table = table;
    }

    @Override
    public void prepare(ContainerSpec spec) {
      promises.put(spec.id(), new Promise(spec.cpus(), spec.memBytes()));
    }

    @Override
    public void isolate(String id, long shimPid, long pid) {
      shims.put(id, shimPid);
    }

    @Override
    public void cleanup(String id) {
      promises.remove(id);
      shims.remove(id);
    }

    ProcessTable.Usage measure(String id) {
      var shim = shims.get(id);
      return shim == null ? ProcessTable.Usage.NONE : table.get().below(shim);
    }
  }

  /// `posix/cpu`.
  public static Isolator cpu(Supplier<ProcessTable> table) {
    return new Accounts(table) {
      @Override
      public String name() {
        return "posix/cpu";
      }

      @Override
      public void usage(String id, ResourceStatistics.Builder into) {
        var usage = measure(id);
        into.setCpusUserTimeSecs(usage.userSeconds())
            .setCpusSystemTimeSecs(usage.systemSeconds())
            .setProcesses(usage.processes())
            .setThreads(usage.threads());
        var promise = promises.get(id);
        if (promise != null) {
          into.setCpusSoftLimit(promise.cpus());
        }
      }
    };
  }

  /// `posix/mem`.
  public static Isolator mem(Supplier<ProcessTable> table) {
    return new Accounts(table) {
      @Override
      public String name() {
        return "posix/mem";
      }

      @Override
      public void usage(String id, ResourceStatistics.Builder into) {
        into.setMemRssBytes(measure(id).rssBytes());
        var promise = promises.get(id);
        if (promise != null && promise.memBytes() > 0) {
          into.setMemLimitBytes(promise.memBytes()).setMemSoftLimitBytes(promise.memBytes());
        }
      }
    };
  }
}
