// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

/// From typing `./meseta local` to an application that Marathon calls healthy.
final class Start {
  /// A shell script that answers HTTP would need a program; so a TCP check and the JDK's own
  /// server.
  private static final String APP =
      """
      {"id": "/first", "cmd": "exec %s -m jdk.httpserver -b 127.0.0.1 -p $PORT0", "instances": 1,
       "cpus": 0.1, "mem": 64, "portDefinitions": [{"port": 0}],
       "healthChecks": [{"protocol": "TCP", "portIndex": 0, "gracePeriodSeconds": 30,
         "intervalSeconds": 1, "timeoutSeconds": 1, "maxConsecutiveFailures": 30}]}
      """;

  private Start() {}

  static void run(Arguments arguments) throws Exception {
    int runs = arguments.get("runs", 5);
    var listening = new double[runs];
    var healthy = new double[runs];
    var app = APP.formatted(System.getProperty("java.home") + "/bin/java");
    for (int run = 0; run < runs; run++) {
      long begin = System.nanoTime();
      try (var local = LocalRun.start()) {
        local.awaitMarathon();
        listening[run] = seconds(begin);
        Server.post(local.url("/v2/apps"), app);
        double posted = seconds(begin);
        local
            .server()
            .awaitUrl(
                local.url("/v2/apps//first"),
                body -> body.replace(" ", "").contains("\"tasksHealthy\":1"));
        healthy[run] = seconds(begin);
        System.out.printf(
            "  Marathon answers after %.2f s, application posted %.2f s, healthy %.2f s; load %s%n",
            listening[run], posted, healthy[run], Machine.load());
      }
    }
    System.out.printf(
        "median of %d: Marathon answers after %.2f s, first application healthy after %.2f s%n",
        runs, Machine.median(listening), Machine.median(healthy));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
