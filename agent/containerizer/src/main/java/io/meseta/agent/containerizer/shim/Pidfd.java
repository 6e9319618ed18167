// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Sends signals to a process that is certainly the one meant: the pidfd is opened first, then the
/// start time is compared, so that a pid given to another process in between is never hit.
@SuppressWarnings("restricted") // calls into libc are the point
final class Pidfd {
  private static final long PIDFD_SEND_SIGNAL =
      424; // the numbers are the same on all architectures
  private static final long PIDFD_OPEN = 434;
  private static final MethodHandle SYSCALL;
  private static final MethodHandle CLOSE;

  static {
    var linker = Linker.nativeLinker();
    var libc = linker.defaultLookup();
    SYSCALL =
        linker.downcallHandle(
            libc.findOrThrow("syscall"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    CLOSE =
        linker.downcallHandle(
            libc.findOrThrow("close"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }

  private Pidfd() {}

  /// Sends `signal` to `pid` if that process started at `startTicks`; false when it is gone.
  static boolean signal(long pid, long startTicks, int signal) {
    try {
      long fd = (long) SYSCALL.invokeExact(PIDFD_OPEN, pid, 0L, 0L, 0L);
      if (fd < 0) {
        return false;
      }
      try {
        if (ProcFs.startTicks(pid) != startTicks) {
          return false;
        }
        return (long)
                SYSCALL.invokeExact(
                    PIDFD_SEND_SIGNAL, fd, (long) signal, MemorySegment.NULL.address(), 0L)
            == 0;
      } finally {
        int unused = (int) CLOSE.invokeExact((int) fd);
      }
    } catch (Throwable impossible) { // the handles declare Throwable, libc throws nothing
      throw new IllegalStateException(impossible);
    }
  }
}
