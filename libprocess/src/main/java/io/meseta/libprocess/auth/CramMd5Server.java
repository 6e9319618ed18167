// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.meseta.libprocess.Libprocess;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.AuthenticationCompletedMessage;
import io.meseta.wire.internal.AuthenticationErrorMessage;
import io.meseta.wire.internal.AuthenticationFailedMessage;
import io.meseta.wire.internal.AuthenticationMechanismsMessage;
import io.meseta.wire.internal.AuthenticationStartMessage;
import io.meseta.wire.internal.AuthenticationStepMessage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.jspecify.annotations.Nullable;

/// The side that asks. Each conversation has a process of its own,
/// `crammd5-authenticator-session(N)`, and ends by itself.
public final class CramMd5Server {
  private static final String MECHANISM = "CRAM-MD5";

  private final Libprocess libprocess;
  private final Upid self;
  private final Function<String, Optional<String>> secrets;
  private final AtomicLong sessions = new AtomicLong();

  /// @param self the server's own address; only its ip and port matter
  /// @param secrets the secret of a principal
  public CramMd5Server(
      Libprocess libprocess, Upid self, Function<String, Optional<String>> secrets) {
    this.libprocess = libprocess;
    this.self = self;
    this.secrets = secrets;
  }

  /// Begins a conversation with the process that asked for it. Completes with the principal, or
  /// with nothing when the client is not who it says, or exceptionally when it takes too long.
  public CompletableFuture<Optional<String>> authenticate(Upid client, Duration timeout) {
    var session = new Session(client);
    libprocess.receive(session.pid.id(), session::receive);
    session.reply(AuthenticationMechanismsMessage.newBuilder().addMechanisms(MECHANISM).build());
    return session
        .result
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((principal, failure) -> libprocess.remove(session.pid.id()));
  }

  private final class Session {
    final Upid client;
    final Upid pid =
        new Upid(
            "crammd5-authenticator-session(" + sessions.incrementAndGet() + ")",
            self.ip(),
            self.port());
    final CompletableFuture<Optional<String>> result = new CompletableFuture<>();
    private @Nullable SaslServer sasl;

    Session(Upid client) {
      this.client = client;
    }

    void reply(Message message) {
      libprocess.send(pid, client, message);
    }

    synchronized void receive(Upid from, String name, byte[] body) {
      if (!from.equals(client) || result.isDone()) {
        return;
      }
      try {
        switch (name) {
          case "mesos.internal.AuthenticationStartMessage" ->
              start(AuthenticationStartMessage.parseFrom(body));
          case "mesos.internal.AuthenticationStepMessage" ->
              step(AuthenticationStepMessage.parseFrom(body));
          default -> error("Unexpected message " + name);
        }
      } catch (SaslException | InvalidProtocolBufferException e) {
        reply(AuthenticationFailedMessage.getDefaultInstance());
        result.complete(Optional.empty());
      }
    }

    private void start(AuthenticationStartMessage message) throws SaslException {
      if (sasl != null) {
        error("Unexpected authentication 'start' received");
      } else if (!message.getMechanism().equals(MECHANISM)) {
        error("Mechanism '" + message.getMechanism() + "' is not one of: " + MECHANISM);
      } else {
        var server =
            Sasl.createSaslServer(MECHANISM, "mesos", self.ip(), Map.of(), this::answerSasl);
        sasl = server;
        var challenge = server.evaluateResponse(new byte[0]);
        reply(
            AuthenticationStepMessage.newBuilder().setData(ByteString.copyFrom(challenge)).build());
      }
    }

    private void step(AuthenticationStepMessage message) throws SaslException {
      var server = sasl;
      if (server == null) {
        error("Unexpected authentication 'step' received");
        return;
      }
      var unused = server.evaluateResponse(message.getData().toByteArray());
      reply(AuthenticationCompletedMessage.getDefaultInstance());
      result.complete(Optional.of(server.getAuthorizationID()));
    }

    private void error(String reason) {
      reply(AuthenticationErrorMessage.newBuilder().setError(reason).build());
      result.completeExceptionally(new SaslException(reason));
    }

    private void answerSasl(Callback[] callbacks) {
      var principal = "";
      for (var callback : callbacks) {
        switch (callback) {
          case NameCallback name -> principal = String.valueOf(name.getDefaultName());
          case PasswordCallback password ->
              secrets.apply(principal).ifPresent(s -> password.setPassword(s.toCharArray()));
          case AuthorizeCallback authorize -> {
            authorize.setAuthorized(true);
            authorize.setAuthorizedID(authorize.getAuthenticationID());
          }
          default -> {}
        }
      }
    }
  }
}
