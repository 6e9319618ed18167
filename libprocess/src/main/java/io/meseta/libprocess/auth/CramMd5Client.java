// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.libprocess.Libprocess;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.AuthenticateMessage;
import io.meseta.wire.internal.AuthenticationErrorMessage;
import io.meseta.wire.internal.AuthenticationMechanismsMessage;
import io.meseta.wire.internal.AuthenticationStartMessage;
import io.meseta.wire.internal.AuthenticationStepMessage;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import org.jspecify.annotations.Nullable;

/// The side that proves who it is, to our master or an original one.
public final class CramMd5Client {
  private static final String MECHANISM = "CRAM-MD5";

  private final Libprocess libprocess;
  private final Upid self;
  private final String principal;
  private final String secret;
  private final AtomicLong sessions = new AtomicLong();

  /// @param self the process to be authenticated
  public CramMd5Client(Libprocess libprocess, Upid self, String principal, String secret) {
    this.libprocess = libprocess;
    this.self = self;
    this.principal = principal;
    this.secret = secret;
  }

  /// Completes with whether the master believes it; exceptionally when it could not be asked.
  public CompletableFuture<Boolean> authenticate(Upid master, Duration timeout) {
    var session = new Session();
    libprocess.receive(session.pid.id(), session::receive);
    libprocess.send(
        session.pid, master, AuthenticateMessage.newBuilder().setPid(self.toString()).build());
    return session
        .result
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((believed, failure) -> libprocess.remove(session.pid.id()));
  }

  private final class Session {
    final Upid pid =
        new Upid(
            "crammd5-authenticatee(" + sessions.incrementAndGet() + ")", self.ip(), self.port());
    final CompletableFuture<Boolean> result = new CompletableFuture<>();
    private @Nullable SaslClient sasl;

    synchronized void receive(Upid from, String name, byte[] body) {
      if (result.isDone()) {
        return;
      }
      try {
        switch (name) {
          case "mesos.internal.AuthenticationMechanismsMessage" ->
              start(from, AuthenticationMechanismsMessage.parseFrom(body));
          case "mesos.internal.AuthenticationStepMessage" ->
              step(from, AuthenticationStepMessage.parseFrom(body));
          case "mesos.internal.AuthenticationCompletedMessage" -> result.complete(true);
          case "mesos.internal.AuthenticationFailedMessage" -> result.complete(false);
          case "mesos.internal.AuthenticationErrorMessage" ->
              throw new SaslException(AuthenticationErrorMessage.parseFrom(body).getError());
          default -> throw new SaslException("unexpected message " + name);
        }
      } catch (SaslException | InvalidProtocolBufferException e) {
        result.completeExceptionally(e);
      }
    }

    private void start(Upid server, AuthenticationMechanismsMessage message) throws SaslException {
      if (!message.getMechanismsList().contains(MECHANISM)) {
        throw new SaslException("the master knows " + message.getMechanismsList());
      }
      sasl =
          Sasl.createSaslClient(
              new String[] {MECHANISM}, null, "mesos", server.ip(), Map.of(), this::answerSasl);
      libprocess.send(
          pid,
          server,
          AuthenticationStartMessage.newBuilder()
              .setMechanism(MECHANISM)
              .setData(ByteString.EMPTY)
              .build());
    }

    private void step(Upid server, AuthenticationStepMessage message) throws SaslException {
      var client = sasl;
      if (client == null) {
        throw new SaslException("a challenge before the mechanisms");
      }
      var response = client.evaluateChallenge(message.getData().toByteArray());
      libprocess.send(
          pid,
          server,
          AuthenticationStepMessage.newBuilder().setData(ByteString.copyFrom(response)).build());
    }

    private void answerSasl(Callback[] callbacks) {
      for (var callback : callbacks) {
        switch (callback) {
          case NameCallback name -> name.setName(principal);
          case PasswordCallback password -> password.setPassword(secret.toCharArray());
          default -> {}
        }
      }
    }
  }
}
