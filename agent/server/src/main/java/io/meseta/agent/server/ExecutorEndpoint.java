// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.executor.Call;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// `POST /api/v1/executor`: reads and checks the calls of custom executors; the core answers them.
/// Original: Http::executor, validateExecutorCall.
final class ExecutorEndpoint implements Handler {
  private static final int UUID_BYTES = 16;

  private final Readers readers;

  ExecutorEndpoint(Readers readers) {
    this.readers = readers;
  }

  @Override
  public CompletionStage<Answer> on(Request request) {
    var streams = readers.executors();
    if (streams.isEmpty()) {
      return Router.done(Answer.text(503, "Agent has not finished recovery"));
    }
    var type = request.header("content-type");
    if (type.isEmpty()) {
      return Router.done(Answer.text(400, "Expecting 'Content-Type' to be present"));
    }
    Call call;
    try {
      switch (type.get()) {
        case Negotiation.JSON -> call = Json.parse(request.body(), Call.newBuilder()).build();
        case Negotiation.PROTOBUF -> call = Call.parseFrom(request.body());
        default -> {
          return Router.done(
              Answer.text(
                  415,
                  "Expecting 'Content-Type' of "
                      + Negotiation.JSON
                      + " or "
                      + Negotiation.PROTOBUF));
        }
      }
    } catch (JsonException e) {
      return Router.done(
          Answer.text(400, "Failed to convert JSON into Call protobuf: " + e.getMessage()));
    } catch (InvalidProtocolBufferException e) {
      return Router.done(Answer.text(400, "Failed to parse body into Call protobuf"));
    }
    var problem = problem(call);
    if (problem.isPresent()) {
      return Router.done(Answer.text(400, "Failed to validate Executor::Call: " + problem.get()));
    }
    var accept = Negotiation.accepted(request);
    if (call.getType() == Call.Type.SUBSCRIBE && accept.isEmpty()) {
      return Router.done(
          Answer.text(
              406,
              "Expecting 'Accept' to allow '"
                  + Negotiation.PROTOBUF
                  + "' or '"
                  + Negotiation.JSON
                  + "'"));
    }
    return streams.get().call(call, accept.orElse(Negotiation.JSON));
  }

  private static Optional<String> problem(Call call) {
    if (!call.hasType()) {
      return Optional.of("Expecting 'type' to be present");
    }
    return switch (call.getType()) {
      case SUBSCRIBE -> expect(call.hasSubscribe(), "subscribe");
      case UPDATE ->
          expect(call.hasUpdate(), "update").or(() -> problem(call, call.getUpdate().getStatus()));
      case MESSAGE -> expect(call.hasMessage(), "message");
      case HEARTBEAT, UNKNOWN -> Optional.empty();
    };
  }

  private static Optional<String> expect(boolean present, String name) {
    return present ? Optional.empty() : Optional.of("Expecting '" + name + "' to be present");
  }

  private static Optional<String> problem(Call call, TaskStatus status) {
    var who =
        "executor "
            + call.getExecutorId().getValue()
            + " of framework "
            + call.getFrameworkId().getValue();
    if (!status.hasUuid()) {
      return Optional.of("Expecting 'uuid' to be present");
    }
    if (status.getUuid().size() != UUID_BYTES) {
      return Optional.of(
          "'uuid' has "
              + status.getUuid().size()
              + " bytes (expected: "
              + UUID_BYTES
              + ", in JSON as base64)");
    }
    if (status.hasExecutorId() && !status.getExecutorId().equals(call.getExecutorId())) {
      return Optional.of(
          "ExecutorID in Call: "
              + call.getExecutorId().getValue()
              + " does not match ExecutorID in TaskStatus: "
              + status.getExecutorId().getValue());
    }
    if (status.getSource() != TaskStatus.Source.SOURCE_EXECUTOR) {
      return Optional.of(
          "Received Call from " + who + " with invalid source, expecting 'SOURCE_EXECUTOR'");
    }
    if (status.getState() == TaskState.TASK_STAGING
        || TaskStates.isMastersOnly(status.getState())) {
      return Optional.of(
          "Received " + status.getState() + " from " + who + " which is not allowed");
    }
    return Optional.empty();
  }
}
