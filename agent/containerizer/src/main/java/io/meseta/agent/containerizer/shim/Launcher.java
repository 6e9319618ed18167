// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/// The launcher process: forks a shim per request. Measured, a request costs under a millisecond,
/// starting a process from the JVM several. It ends when this process does or closes it; the shims
/// stay.
///
/// Only one launcher at a time works on a folder, so [#start] returns only when what a killed agent
/// asked last is done.
final class Launcher implements AutoCloseable {
  private static final int READY_SECONDS = 15;

  private final ShimProgram program;
  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();
  private Process process;
  private boolean closed;

  private Launcher(ShimProgram program, Path folder, Process process) {
    this.program = program;
    this.folder = folder;
    this.process = process;
  }

  static Launcher start(ShimProgram program, Path folder) throws IOException {
    return new Launcher(program, folder, spawn(program, folder));
  }

  private static Process spawn(ShimProgram program, Path folder) throws IOException {
    var builder =
        new ProcessBuilder(program.file().toString(), folder.toString())
            .directory(Path.of("/").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    var process = builder.start();
    var ready =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return process.getInputStream().read();
              } catch (IOException e) {
                return -1;
              }
            },
            task -> Thread.ofVirtual().start(task));
    try {
      if (ready.get(READY_SECONDS, TimeUnit.SECONDS) == 'r') {
        return process;
      }
      throw new IOException("the launcher of shims does not start in " + folder);
    } catch (TimeoutException e) {
      throw new IOException(
          "--runtime_dir="
              + folder.getParent()
              + ": another agent runs with it"
              + Owner.of(folder).map(workDir -> ", that with --work_dir=" + workDir).orElse("")
              + "; give this one a --runtime_dir of its own",
          e);
    } catch (ExecutionException e) {
      throw new IOException("cannot start the launcher of shims", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      if (!ready.isDone() || ready.getNow(-1) != 'r') {
        process.destroyForcibly();
      }
    }
  }

  /// Hands one request over. A launcher that was killed is replaced; the shims it forked live on.
  void launch(ShimRequest request) throws IOException {
    var bytes = request.encode();
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the agent is shutting down");
      }
      try {
        write(process.getOutputStream(), bytes.array());
      } catch (IOException ended) {
        process.destroyForcibly();
        process = spawn(program, folder);
        write(process.getOutputStream(), bytes.array());
      }
    } finally {
      lock.unlock();
    }
  }

  private static void write(OutputStream out, byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      process.getOutputStream().close();
    } catch (IOException alreadyGone) {
      process.destroyForcibly();
    } finally {
      lock.unlock();
    }
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
