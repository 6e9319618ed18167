// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.ByteString;
import io.meseta.http.Answer;
import io.meseta.http.EventStream;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.http.files.VirtualFiles;
import io.meseta.http.system.LogLevel;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.server.ContentTypes.Refused;
import io.meseta.master.server.views.Documents;
import io.meseta.master.server.views.LongAnswers;
import io.meseta.master.server.views.V1Answers;
import io.meseta.model.acls.Action;
import io.meseta.wire.build.Build;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.Flag;
import io.meseta.wire.v1.Metric;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.master.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// `POST /api/v1`, the operator API. Original: src/master/http.cpp, Master::Http::api.
final class OperatorEndpoint implements Handler {
  private final Node node;
  private final Reading reading;
  private final long maxStreamBytes;

  OperatorEndpoint(Node node, Reading reading, long maxStreamBytes) {
    this.node = node;
    this.reading = reading;
    this.maxStreamBytes = maxStreamBytes;
  }

  @Override
  public CompletionStage<Answer> on(Request request) {
    try {
      var call = ContentTypes.read(request, Call.newBuilder()).build();
      if (!call.hasType()) {
        throw new Refused(400, "Failed to validate master::Call: Expecting 'type' to be present");
      }
      var type = ContentTypes.accepted(request);
      return call.getType() == Call.Type.SUBSCRIBE
          ? Router.done(watch(request, type))
          : carryOut(request, call, type);
    } catch (Refused refused) {
      return Router.done(refused.answer());
    }
  }

  private Answer watch(Request request, String type) throws Refused {
    var id = UUID.randomUUID().toString();
    var stream = new EventStream(maxStreamBytes);
    node.streams().open(id, stream, type.equals(ContentTypes.JSON));
    if (!node.offer(new MasterEvent.Watch(id, request.principal()))) {
      node.streams().close(id);
      throw new Refused(503, "The master is overloaded");
    }
    var unused = stream.closed().thenRun(() -> node.submit(new MasterEvent.StreamClosed(id)));
    return Answer.stream(type, stream);
  }

  private CompletionStage<Answer> carryOut(Request request, Call call, String type) throws Refused {
    return switch (call.getType()) {
      case GET_HEALTH ->
          Router.done(
              answer(
                  type,
                  response(Response.Type.GET_HEALTH)
                      .setGetHealth(Response.GetHealth.newBuilder().setHealthy(true))));
      case GET_FLAGS ->
          Router.done(
              reading.permits(request.principal(), Action.VIEW_FLAGS, Optional.empty())
                  ? answer(type, flags())
                  : Routes.forbidden());
      case GET_VERSION ->
          Router.done(
              answer(
                  type,
                  response(Response.Type.GET_VERSION)
                      .setGetVersion(
                          Response.GetVersion.newBuilder()
                              .setVersionInfo(Build.info(Identity.VERSION)))));
      case GET_METRICS -> {
        present(call.hasGetMetrics(), "get_metrics");
        yield reading.renderNow(
            List.of(call.getType(), type), documents -> answer(type, metrics(documents)));
      }
      case GET_LOGGING_LEVEL ->
          Router.done(
              answer(
                  type,
                  response(Response.Type.GET_LOGGING_LEVEL)
                      .setGetLoggingLevel(
                          Response.GetLoggingLevel.newBuilder().setLevel(LogLevel.PROCESS.get()))));
      case SET_LOGGING_LEVEL -> {
        present(call.hasSetLoggingLevel(), "set_logging_level");
        yield Router.done(setLoggingLevel(request, call.getSetLoggingLevel()));
      }
      case LIST_FILES -> {
        present(call.hasListFiles(), "list_files");
        yield file(
            request,
            files ->
                answer(
                    type,
                    response(Response.Type.LIST_FILES)
                        .setListFiles(
                            Response.ListFiles.newBuilder()
                                .addAllFileInfos(files.browse(call.getListFiles().getPath())))));
      }
      case READ_FILE -> {
        present(call.hasReadFile(), "read_file");
        yield file(request, files -> answer(type, read(files, call.getReadFile())));
      }
      case GET_MASTER -> view(request, call, type, OperatorEndpoint::master);
      case GET_STATE, GET_AGENTS, GET_TASKS -> whole(request, call, type);
      case GET_FRAMEWORKS ->
          view(
              request,
              call,
              type,
              d ->
                  response(Response.Type.GET_FRAMEWORKS)
                      .setGetFrameworks(V1Answers.frameworks(d.snapshot())));
      case GET_EXECUTORS ->
          view(
              request,
              call,
              type,
              d ->
                  response(Response.Type.GET_EXECUTORS)
                      .setGetExecutors(V1Answers.executors(d.snapshot())));
      case GET_ROLES ->
          view(
              request,
              call,
              type,
              d -> response(Response.Type.GET_ROLES).setGetRoles(V1Answers.roles(d.snapshot())));
      case GET_WEIGHTS ->
          view(
              request,
              call,
              type,
              d ->
                  response(Response.Type.GET_WEIGHTS)
                      .setGetWeights(V1Answers.weights(d.snapshot())));
      case GET_MAINTENANCE_SCHEDULE ->
          view(
              request,
              call,
              type,
              d ->
                  response(Response.Type.GET_MAINTENANCE_SCHEDULE)
                      .setGetMaintenanceSchedule(
                          Response.GetMaintenanceSchedule.newBuilder()
                              .setSchedule(d.snapshot().schedule())));
      case GET_MAINTENANCE_STATUS ->
          view(
              request,
              call,
              type,
              d ->
                  response(Response.Type.GET_MAINTENANCE_STATUS)
                      .setGetMaintenanceStatus(
                          Response.GetMaintenanceStatus.newBuilder()
                              .setStatus(d.snapshot().maintenance())));
      case UPDATE_MAINTENANCE_SCHEDULE -> {
        present(call.hasUpdateMaintenanceSchedule(), "update_maintenance_schedule");
        yield change(
            request,
            new OperatorRequest.UpdateMaintenance(
                call.getUpdateMaintenanceSchedule().getSchedule()));
      }
      case START_MAINTENANCE -> {
        present(call.hasStartMaintenance(), "start_maintenance");
        yield change(
            request,
            new OperatorRequest.StartMaintenance(call.getStartMaintenance().getMachinesList()));
      }
      case STOP_MAINTENANCE -> {
        present(call.hasStopMaintenance(), "stop_maintenance");
        yield change(
            request,
            new OperatorRequest.StopMaintenance(call.getStopMaintenance().getMachinesList()));
      }
      case GET_QUOTA ->
          view(
              request,
              call,
              type,
              d ->
                  response(Response.Type.GET_QUOTA)
                      .setGetQuota(
                          Response.GetQuota.newBuilder()
                              .setStatus(QuotaCalls.status(d.snapshot()))));
      case UPDATE_QUOTA -> {
        present(call.hasUpdateQuota(), "update_quota");
        yield change(
            request,
            new OperatorRequest.UpdateQuotas(
                call.getUpdateQuota().getQuotaConfigsList(), call.getUpdateQuota().getForce()));
      }
      case SET_QUOTA -> {
        yield change(request, QuotaCalls.set(call));
      }
      case REMOVE_QUOTA -> {
        yield change(request, QuotaCalls.remove(call));
      }
      case GET_OPERATIONS ->
          view(
              request,
              call,
              type,
              d ->
                  response(Response.Type.GET_OPERATIONS)
                      .setGetOperations(
                          Response.GetOperations.newBuilder()
                              .addAllOperations(d.snapshot().operations())));
      case RESERVE_RESOURCES,
          UNRESERVE_RESOURCES,
          CREATE_VOLUMES,
          DESTROY_VOLUMES,
          GROW_VOLUME,
          SHRINK_VOLUME -> {
        var field = call.getType().name().toLowerCase(Locale.ROOT);
        present(call.hasField(Call.getDescriptor().findFieldByName(field)), field);
        if ((call.hasGrowVolume() && !call.getGrowVolume().hasAgentId())
            || (call.hasShrinkVolume() && !call.getShrinkVolume().hasAgentId())) {
          throw new Refused(
              400,
              "Failed to validate master::Call: Expecting 'agent_id' to be present; only agent"
                  + " default resources are supported right now");
        }
        yield change(request, ResourceCalls.of(call).orElseThrow());
      }
      case UPDATE_WEIGHTS -> {
        present(call.hasUpdateWeights(), "update_weights");
        var weights = new LinkedHashMap<String, Double>();
        call.getUpdateWeights()
            .getWeightInfosList()
            .forEach(info -> weights.put(info.getRole(), info.getWeight()));
        yield change(request, new OperatorRequest.UpdateWeights(weights));
      }
      case TEARDOWN -> {
        present(call.hasTeardown(), "teardown");
        yield change(
            request, new OperatorRequest.Teardown(call.getTeardown().getFrameworkId().getValue()));
      }
      case MARK_AGENT_GONE -> {
        present(call.hasMarkAgentGone(), "mark_agent_gone");
        yield change(
            request,
            new OperatorRequest.MarkAgentGone(call.getMarkAgentGone().getAgentId().getValue()));
      }
      case DRAIN_AGENT -> {
        present(call.hasDrainAgent(), "drain_agent");
        yield change(request, drain(call.getDrainAgent()));
      }
      case DEACTIVATE_AGENT -> {
        present(call.hasDeactivateAgent(), "deactivate_agent");
        yield change(
            request,
            new OperatorRequest.DeactivateAgent(call.getDeactivateAgent().getAgentId().getValue()));
      }
      case REACTIVATE_AGENT -> {
        present(call.hasReactivateAgent(), "reactivate_agent");
        yield change(
            request,
            new OperatorRequest.ReactivateAgent(call.getReactivateAgent().getAgentId().getValue()));
      }
      default -> Router.done(Answer.text(501, call.getType() + " is not supported"));
    };
  }

  private Answer setLoggingLevel(Request request, Call.SetLoggingLevel call) throws Refused {
    if (!reading.permits(request.principal(), Action.SET_LOG_LEVEL, Optional.empty())) {
      return Routes.forbidden();
    }
    if (call.getLevel() < 0 || call.getDuration().getNanoseconds() < 0) {
      throw new Refused(
          400,
          "Failed to validate master::Call: expecting a level and a duration of 0 or more, not"
              + " level "
              + Integer.toUnsignedString(call.getLevel())
              + " and "
              + call.getDuration().getNanoseconds()
              + " nanoseconds");
    }
    LogLevel.PROCESS.set(call.getLevel(), Duration.ofNanos(call.getDuration().getNanoseconds()));
    return Answer.empty(200);
  }

  @FunctionalInterface
  private interface FileReader {
    Answer read(VirtualFiles files) throws VirtualFiles.Refused, IOException;
  }

  /// Reads from the disk, away from the network's threads.
  private CompletionStage<Answer> file(Request request, FileReader reader) {
    if (!reading.permits(request.principal(), Action.ACCESS_MESOS_LOG, Optional.empty())) {
      return Router.done(Routes.forbidden());
    }
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return reader.read(reading.files());
          } catch (VirtualFiles.Refused e) {
            return Answer.text(e.status(), e.getMessage());
          } catch (IOException e) {
            return Answer.text(500, "The file cannot be read: " + e.getMessage() + "\n");
          }
        },
        reading.executor());
  }

  private static Response.Builder read(VirtualFiles files, Call.ReadFile call)
      throws VirtualFiles.Refused, IOException {
    var piece =
        files.read(
            call.getPath(),
            Math.max(0, call.getOffset()),
            call.hasLength() ? Math.max(0, call.getLength()) : -1);
    return response(Response.Type.READ_FILE)
        .setReadFile(
            Response.ReadFile.newBuilder()
                .setSize(piece.size())
                .setData(ByteString.copyFrom(piece.data())));
  }

  private static OperatorRequest drain(Call.DrainAgent call) throws Refused {
    var config = DrainConfig.newBuilder().setMarkGone(call.getMarkGone());
    if (call.hasMaxGracePeriod()) {
      var most = call.getMaxGracePeriod();
      // The longest that nanoseconds in 64 bits can say is 292 years.
      if (most.getSeconds() < 0 || most.getNanos() < 0 || most.getSeconds() > 9_000_000_000L) {
        throw new Refused(
            400,
            "Failed to validate master::Call: 'drain_agent.max_grace_period' must be a duration of"
                + " 0 or more, not "
                + most.getSeconds()
                + " seconds and "
                + most.getNanos()
                + " nanoseconds");
      }
      config
          .getMaxGracePeriodBuilder()
          .setNanoseconds(most.getSeconds() * 1_000_000_000L + most.getNanos());
    }
    return new OperatorRequest.DrainAgent(call.getAgentId().getValue(), config.build());
  }

  static void present(boolean there, String field) throws Refused {
    if (!there) {
      throw new Refused(
          400, "Failed to validate master::Call: Expecting '" + field + "' to be present");
    }
  }

  private static Response.Builder response(Response.Type type) {
    return Response.newBuilder().setType(type);
  }

  private Response.Builder flags() {
    var flags = Response.GetFlags.newBuilder();
    reading
        .flags()
        .forEach((name, value) -> flags.addFlags(Flag.newBuilder().setName(name).setValue(value)));
    return response(Response.Type.GET_FLAGS).setGetFlags(flags);
  }

  private Response.Builder metrics(Documents documents) {
    var metrics = Response.GetMetrics.newBuilder();
    reading
        .metrics(documents.snapshot())
        .forEach(
            (name, value) -> metrics.addMetrics(Metric.newBuilder().setName(name).setValue(value)));
    return response(Response.Type.GET_METRICS).setGetMetrics(metrics);
  }

  private static Response.Builder master(Documents documents) {
    return response(Response.Type.GET_MASTER)
        .setGetMaster(
            Response.GetMaster.newBuilder()
                .setMasterInfo(documents.info())
                .setStartTime(Reading.seconds(documents.startTime()))
                .setElectedTime(Reading.seconds(documents.snapshot().electedTime())));
  }

  private CompletionStage<Answer> view(
      Request request, Call call, String type, Function<Documents, Response.Builder> render) {
    return reading.render(
        request.principal(),
        List.of(call, type),
        documents -> answer(type, render.apply(documents)));
  }

  /// Answers that grow with the cluster.
  private CompletionStage<Answer> whole(Request request, Call call, String type) {
    var answered = Response.Type.valueOf(call.getType().name());
    return reading.render(
        request.principal(),
        List.of(call, type),
        documents ->
            Answer.of(
                200,
                type,
                type.equals(ContentTypes.JSON)
                    ? LongAnswers.json(answered, documents)
                    : LongAnswers.proto(answered, documents)));
  }

  private CompletionStage<Answer> change(Request from, OperatorRequest request) {
    return node.call(id -> new MasterEvent.OperatorCall(id, from.principal(), request));
  }

  private static Answer answer(String type, Response.Builder response) {
    var message = response.build();
    return Answer.of(
        200,
        type,
        type.equals(ContentTypes.JSON) ? V1Answers.json(message) : message.toByteArray());
  }
}
