// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.http.HttpEdge;
import io.meseta.http.Router;
import io.meseta.libprocess.Libprocess;
import io.meseta.wire.Upid;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Messages of 200 bytes from one sender to one receiver over one connection, both in this process.
final class Messages {
  private static final int BYTES = 200;
  private static final int WINDOW = 10_000;

  private Messages() {}

  static void run(Arguments arguments) throws Exception {
    int count = arguments.get("messages", 300_000);
    var router = new Router();
    try (var receiver = new Libprocess();
        var sender = new Libprocess()) {
      var builder = HttpEdge.builder("bench").listen("127.0.0.1", 0).routes(router);
      receiver.install(builder, router);
      try (var edge = builder.start()) {
        var to = new Upid("receiver", "127.0.0.1", edge.port());
        var from = new Upid("sender", "127.0.0.1", 1);
        for (int round = 0; round < 4; round++) {
          var arrived = new CountDownLatch(count);
          var free = new Semaphore(WINDOW);
          receiver.receive(
              "receiver",
              (peer, name, body) -> {
                free.release();
                arrived.countDown();
              });
          double cpu = Machine.cpuSeconds(ProcessHandle.current().pid());
          long begin = System.nanoTime();
          var body = new byte[BYTES];
          for (int i = 0; i < count; i++) {
            free.acquire();
            sender.send(from, to, "bench.Message", body);
          }
          if (!arrived.await(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException(arrived.getCount() + " messages are missing");
          }
          double seconds = (System.nanoTime() - begin) / 1e9;
          System.out.printf(
              "%s %.0f messages/s sent and received; %.1f us of CPU each, both sides; load %s%n",
              round == 0 ? "warm-up:" : "        ",
              count / seconds,
              1e6 * (Machine.cpuSeconds(ProcessHandle.current().pid()) - cpu) / count,
              Machine.load());
        }
      }
    }
  }
}
