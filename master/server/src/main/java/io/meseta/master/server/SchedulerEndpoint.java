// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Answer;
import io.meseta.http.EventStream;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.server.ContentTypes.Refused;
import io.meseta.wire.v1.scheduler.Call;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/// `POST /api/v1/scheduler`. Original: src/master/http.cpp, Master::Http::scheduler.
final class SchedulerEndpoint implements Handler {
  private static final String STREAM_ID = "Mesos-Stream-Id";

  private final Node node;
  private final long maxStreamBytes;

  SchedulerEndpoint(Node node, long maxStreamBytes) {
    this.node = node;
    this.maxStreamBytes = maxStreamBytes;
  }

  @Override
  public CompletionStage<Answer> on(Request request) {
    try {
      var call = ContentTypes.read(request, Call.newBuilder()).build();
      var problem = CallRules.problem(call);
      if (problem.isPresent()) {
        throw new Refused(400, "Failed to validate scheduler::Call: " + problem.get());
      }
      if (call.getType() == Call.Type.SUBSCRIBE) {
        return Router.done(subscribe(request, call));
      }
      var streamId = request.header(STREAM_ID);
      return node.call(
          id -> new MasterEvent.SchedulerCall(id, streamId, request.principal(), call));
    } catch (Refused refused) {
      return Router.done(refused.answer());
    }
  }

  private Answer subscribe(Request request, Call call) throws Refused {
    var type = ContentTypes.accepted(request);
    var given = call.getSubscribe().getFrameworkInfo();
    if (request.principal().isPresent()
        && given.hasPrincipal()
        && !given.getPrincipal().equals(request.principal().get())) {
      throw new Refused(
          400,
          "Failed to validate scheduler::Call: Authenticated principal '"
              + request.principal().get()
              + "' does not match principal '"
              + given.getPrincipal()
              + "' set in `FrameworkInfo`");
    }
    if (request.header(STREAM_ID).isPresent()) {
      throw new Refused(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    }
    var id = UUID.randomUUID().toString();
    boolean json = type.equals(ContentTypes.JSON);
    var stream =
        new EventStream(maxStreamBytes, unsent -> Streams.tooSlow(unsent, maxStreamBytes, json));
    node.streams().open(id, stream, json);
    if (!node.offer(new MasterEvent.Subscribe(id, request.principal(), call))) {
      node.streams().close(id);
      throw new Refused(503, "The master is overloaded");
    }
    var unused = stream.closed().thenRun(() -> node.submit(new MasterEvent.StreamClosed(id)));
    return Answer.stream(type, stream).header(STREAM_ID, id);
  }
}
