// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.probes;

import io.meseta.agent.containerizer.launcher.Account;
import io.meseta.agent.containerizer.launcher.AsUser;
import io.meseta.agent.core.checks.Probe;
import io.meseta.agent.core.checks.ProbeResult;
import io.meseta.wire.net.AnyCertificate;
import io.meseta.wire.net.BoundedGet;
import io.meseta.wire.net.NetErrors;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;

/// Runs probes; blocks until one is done or its time is over.
public final class Prober {
  private static final int MAX_BODY = 4096;

  private final HttpClient http;
  private final boolean switchUser;

  /// @param switchUser whether commands run as the task's user
  public Prober(boolean switchUser) {
    this.switchUser = switchUser;
    http =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .sslContext(AnyCertificate.context())
            .sslParameters(new SSLParameters())
            .build();
  }

  /// What `probe` sees.
  public ProbeResult run(Probe probe) {
    try {
      return switch (probe) {
        case Probe.Http h -> http(h);
        case Probe.Tcp t -> tcp(t);
        case Probe.Command c -> command(c);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ProbeResult.Failed("interrupted");
    } catch (IOException | IllegalArgumentException e) {
      return new ProbeResult.Failed(NetErrors.plain(e));
    }
  }

  /// The whole answer has to come within the probe's time, but nobody reads a long one to its end.
  private ProbeResult http(Probe.Http probe) throws IOException, InterruptedException {
    var path =
        probe.path().startsWith("/") || probe.path().isEmpty() ? probe.path() : "/" + probe.path();
    var request =
        HttpRequest.newBuilder(
                URI.create(probe.scheme() + "://" + probe.host() + ":" + probe.port() + path))
            .header("User-Agent", "meseta-check")
            .build();
    return new ProbeResult.HttpStatus(
        BoundedGet.send(http, request, probe.timeout(), MAX_BODY).statusCode());
  }

  private static ProbeResult tcp(Probe.Tcp probe) {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(probe.host(), probe.port()),
          (int) Math.min(Integer.MAX_VALUE, Math.max(1, probe.timeout().toMillis())));
      return new ProbeResult.TcpConnect(true);
    } catch (IOException refused) {
      return new ProbeResult.TcpConnect(false);
    }
  }

  private ProbeResult command(Probe.Command probe) throws IOException, InterruptedException {
    var command = probe.command();
    var line = new ArrayList<String>();
    if (switchUser && !probe.user().isEmpty() && !probe.user().equals(Account.own())) {
      var account =
          Account.lookup(probe.user())
              .orElseThrow(() -> new IOException("this host has no user '" + probe.user() + "'"));
      line.addAll(AsUser.line(account, List.of()));
    }
    if (command.getShell()) {
      line.addAll(List.of("/bin/sh", "-c", command.getValue()));
    } else {
      line.add(command.getValue());
      line.addAll(command.getArgumentsList().stream().skip(1).toList());
    }
    var builder =
        new ProcessBuilder(line)
            .directory(Path.of(probe.sandbox()).toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(probe.environment());
    command
        .getEnvironment()
        .getVariablesList()
        .forEach(v -> builder.environment().put(v.getName(), v.getValue()));
    var process = builder.start();
    try {
      if (process.waitFor(probe.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
        return new ProbeResult.ExitCode(process.exitValue());
      }
      return new ProbeResult.Failed("it did not end within " + probe.timeout().toMillis() + " ms");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
