// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.flags.Flags;
import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.files.VirtualFiles;
import io.meseta.http.system.LogLevel;
import io.meseta.model.acls.Action;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.Flag;
import io.meseta.wire.v1.Metric;
import io.meseta.wire.v1.agent.Call;
import io.meseta.wire.v1.agent.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `POST /api/v1`: the operator's calls that read. Original: src/slave/http.cpp, Http::api.
final class OperatorEndpoint implements Handler.Blocking {
  private static final String JSON = Negotiation.JSON;
  private static final String PROTOBUF = Negotiation.PROTOBUF;

  private final Readers readers;

  OperatorEndpoint(Readers readers) {
    this.readers = readers;
  }

  @Override
  public Answer on(Request request) {
    var agent = readers.snapshot().filter(a -> a.phase() != Agent.Phase.RECOVERING);
    if (agent.isEmpty()) {
      return Answer.text(503, "Agent has not finished recovery");
    }
    var type = request.header("content-type");
    if (type.isEmpty()) {
      return Answer.text(400, "Expecting 'Content-Type' to be present");
    }
    Call call;
    try {
      call =
          switch (type.get()) {
            case JSON -> Json.parse(request.body(), Call.newBuilder()).build();
            case PROTOBUF -> Call.parseFrom(request.body());
            default -> Call.getDefaultInstance();
          };
    } catch (JsonException e) {
      return Answer.text(400, e.getMessage());
    } catch (InvalidProtocolBufferException e) {
      return Answer.text(400, "Failed to parse body into Call protobuf");
    }
    if (!type.get().equals(JSON) && !type.get().equals(PROTOBUF)) {
      return Answer.text(415, "Expecting 'Content-Type' of " + JSON + " or " + PROTOBUF);
    }
    if (!call.hasType()) {
      return Answer.text(400, "Failed to validate agent::Call: Expecting 'type' to be present");
    }
    var accept = Negotiation.accepted(request);
    if (accept.isEmpty()) {
      return Answer.text(406, "Expecting 'Accept' to allow " + JSON + " or " + PROTOBUF);
    }
    if (call.getType() == Call.Type.SET_LOGGING_LEVEL) {
      return readers.access.permits(request, Action.SET_LOG_LEVEL)
          ? setLoggingLevel(call)
          : Access.forbidden();
    }
    var visible = readers.access.seenBy(request.principal());
    if (call.getType() == Call.Type.GET_FLAGS && !visible.flags()) {
      return Access.forbidden();
    }
    try {
      var response = answer(call, agent.get(), visible);
      return response.isEmpty()
          ? Answer.text(501, "This agent does not have the call " + call.getType())
          : accept.get().equals(JSON)
              ? Answer.json(Json.write(response.get()))
              : Answer.of(200, PROTOBUF, response.get().toByteArray());
    } catch (VirtualFiles.Refused e) {
      return Answer.text(e.status(), e.getMessage());
    } catch (IOException e) {
      return Answer.text(500, "The file cannot be read.\n");
    } catch (IllegalArgumentException e) {
      return Answer.text(400, e.getMessage());
    }
  }

  private static Answer setLoggingLevel(Call call) {
    if (!call.hasSetLoggingLevel()) {
      return Answer.text(
          400, "Failed to validate agent::Call: Expecting 'set_logging_level' to be present");
    }
    int level = call.getSetLoggingLevel().getLevel();
    long nanos = call.getSetLoggingLevel().getDuration().getNanoseconds();
    if (level < 0 || nanos < 0) {
      return Answer.text(
          400,
          "Failed to validate agent::Call: expecting a level and a duration of 0 or more, not level "
              + Integer.toUnsignedString(level)
              + " and "
              + nanos
              + " nanoseconds");
    }
    LogLevel.PROCESS.set(level, Duration.ofNanos(nanos));
    return Answer.empty(200);
  }

  private Optional<Response> answer(Call call, AgentSnapshot all, Visibility visible)
      throws VirtualFiles.Refused, IOException {
    var agent = visible.of(all);
    var response = Response.newBuilder().setType(Response.Type.valueOf(name(call)));
    switch (call.getType()) {
      case GET_HEALTH -> response.getGetHealthBuilder().setHealthy(true);
      case GET_VERSION -> response.getGetVersionBuilder().setVersionInfo(Version.info());
      case GET_FLAGS ->
          new TreeMap<>(Flags.effective(readers.flags))
              .forEach((name, value) ->
                  response
                      .getGetFlagsBuilder()
                      .addFlags(Flag.newBuilder().setName(name).setValue(value)));
      case GET_METRICS ->
          metrics(all)
              .forEach((name, value) ->
                  response
                      .getGetMetricsBuilder()
                      .addMetrics(Metric.newBuilder().setName(name).setValue(value)));
      case GET_LOGGING_LEVEL ->
          response.getGetLoggingLevelBuilder().setLevel(LogLevel.PROCESS.get());
      case LIST_FILES -> {
        if (!call.hasListFiles()) {
          throw new IllegalArgumentException(
              "Failed to validate agent::Call: Expecting 'list_files' to be present");
        }
        response
            .getListFilesBuilder()
            .addAllFileInfos(files(all, visible).browse(call.getListFiles().getPath()));
      }
      case READ_FILE -> {
        if (!call.hasReadFile()) {
          throw new IllegalArgumentException(
              "Failed to validate agent::Call: Expecting 'read_file' to be present");
        }
        var read = call.getReadFile();
        var piece =
            files(all, visible)
                .read(read.getPath(), read.getOffset(), read.hasLength() ? read.getLength() : -1);
        response
            .getReadFileBuilder()
            .setSize(piece.size())
            .setData(com.google.protobuf.ByteString.copyFrom(piece.data()));
      }
      case GET_STATE -> response.setGetState(OperatorViews.state(agent));
      case GET_FRAMEWORKS -> response.setGetFrameworks(OperatorViews.frameworks(agent));
      case GET_EXECUTORS -> response.setGetExecutors(OperatorViews.executors(agent));
      case GET_TASKS -> response.setGetTasks(OperatorViews.tasks(agent));
      case GET_OPERATIONS ->
          response.getGetOperationsBuilder().addAllOperations(agent.operations());
      case GET_AGENT -> response.setGetAgent(OperatorViews.agent(agent));
      case GET_RESOURCE_PROVIDERS -> response.getGetResourceProvidersBuilder();
      case GET_CONTAINERS ->
          response.setGetContainers(
              new ContainerReports(visible.containers(all), readers)
                  .operator(call.getGetContainers().getShowNested()));
      default -> {
        return Optional.empty();
      }
    }
    return Optional.of(response.build());
  }

  /// Every call that reads has an answer of its name; the others have none and are refused before
  /// it matters.
  private static String name(Call call) {
    for (var type : Response.Type.values()) {
      if (type.name().equals(call.getType().name())) {
        return type.name();
      }
    }
    return "UNKNOWN";
  }

  private VirtualFiles files(AgentSnapshot agent, Visibility visible) {
    return Sandboxes.of(agent, readers.flags, visible);
  }

  private Map<String, Double> metrics(AgentSnapshot agent) {
    return Metrics.of(agent, readers.containerizer().fetcher());
  }
}
