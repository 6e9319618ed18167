// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads that render documents: as many as there are processors, each less urgent to the
/// system than the loop and whoever answers short questions. Otherwise a few clients that poll
/// `/state` make `/health` wait for its turn on a processor. Parallel streams inside a rendering
/// use the same threads.
final class Renderers {
  private static final Logger log = LoggerFactory.getLogger(Renderers.class);

  private static final int NICE = 10;
  private static final int PRIO_PROCESS = 0; // of Linux: with 0 as the process, this very thread

  private static final Optional<MethodHandle> LOWER = setpriority();

  private Renderers() {}

  static ForkJoinPool start() {
    return new ForkJoinPool(
        Runtime.getRuntime().availableProcessors(),
        Worker::new,
        (thread, failure) -> log.error("a rendering failed", failure),
        true);
  }

  private static final class Worker extends ForkJoinWorkerThread {
    Worker(ForkJoinPool pool) {
      super(null, pool, true);
      setName("renderer-" + getPoolIndex());
      setDaemon(true);
    }

    @Override
    protected void onStart() {
      super.onStart();
      lessUrgent();
    }
  }

  /// Makes the current thread less urgent to the system, for good.
  static void lessUrgent() {
    if (LOWER.isEmpty()) {
      return;
    }
    try {
      int refused = (int) LOWER.get().invokeExact(PRIO_PROCESS, 0, NICE);
      if (refused != 0) {
        log.debug("the system does not let a thread be less urgent");
      }
    } catch (Throwable impossible) { // the handle declares it, libc throws nothing
      throw new IllegalStateException(impossible);
    }
  }

  /// Elsewhere than on Linux it would slow the whole process.
  @SuppressWarnings("restricted")
  private static Optional<MethodHandle> setpriority() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return Optional.empty();
    }
    var linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("setpriority")
        .map(address ->
            linker.downcallHandle(
                address,
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT)));
  }
}
