// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.wire.RecordIo;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Plain HTTP against a master.
final class Client implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final String base;

  Client(int port) {
    this.base = "http://127.0.0.1:" + port;
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(base + path)).GET(), headers);
  }

  HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
            .POST(HttpRequest.BodyPublishers.ofString(body)),
        headers);
  }

  HttpResponse<String> request(String method, String path, String body, String... headers)
      throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body)),
        headers);
  }

  private HttpResponse<String> send(HttpRequest.Builder request, String... headers)
      throws Exception {
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(
        request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> json(String path, String body) throws Exception {
    return post(path, body, "Content-Type", "application/json");
  }

  HttpResponse<byte[]> protobuf(String path, byte[] body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Type", "application/x-protobuf")
            .header("Accept", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  /// The first records of the operator's event stream.
  List<String> watch(int count) throws Exception {
    var records = new ArrayList<String>();
    for (var record : records("application/json", count)) {
      records.add(new String(record, "UTF-8"));
    }
    return records;
  }

  /// The first record of the same in protobuf.
  byte[] watchProtobuf() throws Exception {
    return records("application/x-protobuf", 1).getFirst();
  }

  private List<byte[]> records(String type, int count) throws Exception {
    var response =
        http.send(
            HttpRequest.newBuilder(URI.create(base + "/api/v1"))
                .header("Content-Type", "application/json")
                .header("Accept", type)
                .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    var decoder = new RecordIo.Decoder(1 << 20);
    var records = new ArrayList<byte[]>();
    var buffer = new byte[8192];
    try (var in = response.body()) {
      while (records.size() < count) {
        int n = in.read(buffer);
        records.addAll(decoder.feed(Arrays.copyOf(buffer, n)));
      }
    }
    return records;
  }

  /// The operator's event stream as somebody sees it, in JSON, up to the event that contains
  /// `text`.
  String watchUntil(String text, String who, Callable<?> whenWatching) throws Exception {
    var response =
        http.send(
            HttpRequest.newBuilder(URI.create(base + "/api/v1"))
                .header("Content-Type", "application/json")
                .header("Authorization", who)
                .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    var decoder = new RecordIo.Decoder(1 << 20);
    var buffer = new byte[8192];
    boolean begun = false;
    try (var in = response.body()) {
      while (true) {
        int n = in.read(buffer);
        for (var record : decoder.feed(Arrays.copyOf(buffer, n))) {
          var event = new String(record, "UTF-8");
          if (!begun) {
            begun = true;
            whenWatching.call();
          }
          if (event.contains(text)) {
            return event;
          }
        }
      }
    }
  }

  /// A scheduler's stream, in JSON or protobuf.
  Scheduler subscribe(String call, boolean json) throws Exception {
    var message = Json.parse(call.getBytes("UTF-8"), Call.newBuilder()).build();
    var type = json ? "application/json" : "application/x-protobuf";
    var response =
        http.send(
            HttpRequest.newBuilder(URI.create(base + "/api/v1/scheduler"))
                .header("Content-Type", type)
                .header("Accept", type)
                .POST(
                    HttpRequest.BodyPublishers.ofByteArray(
                        json ? Json.write(message) : message.toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    return new Scheduler(response, json);
  }

  final class Scheduler implements AutoCloseable {
    final HttpResponse<InputStream> response;
    final String streamId;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    volatile boolean ended;
    String frameworkId = "";

    Scheduler(HttpResponse<InputStream> response, boolean json) {
      this.response = response;
      this.streamId = response.headers().firstValue("Mesos-Stream-Id").orElse("");
      Thread.ofVirtual()
          .start(() -> {
            var decoder = new RecordIo.Decoder(1 << 20);
            var buffer = new byte[8192];
            try (var in = response.body()) {
              for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (var record : decoder.feed(Arrays.copyOf(buffer, n))) {
                  events.add(
                      json
                          ? Json.parse(record, Event.newBuilder()).build()
                          : Event.parseFrom(record));
                }
              }
            } catch (Exception e) {
              // the stream broke, which is an end like any other here
            }
            ended = true;
          });
    }

    /// The next event of this type; others before it are dropped.
    Event await(Event.Type type) throws InterruptedException {
      while (true) {
        var next = events.poll(10, TimeUnit.SECONDS);
        if (next == null) {
          throw new AssertionError("no " + type + " within ten seconds");
        }
        if (next.getType() == Event.Type.SUBSCRIBED) {
          frameworkId = next.getSubscribed().getFrameworkId().getValue();
        }
        if (next.getType() == type) {
          return next;
        }
      }
    }

    Event next() throws InterruptedException {
      var event = events.poll(10, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event within ten seconds");
      }
      return event;
    }

    HttpResponse<String> call(Call.Builder call) throws Exception {
      call.getFrameworkIdBuilder().setValue(frameworkId);
      return post(
          "/api/v1/scheduler",
          new String(Json.write(call.build()), "UTF-8"),
          "Content-Type",
          "application/json",
          "Mesos-Stream-Id",
          streamId);
    }

    @Override
    public void close() throws Exception {
      response.body().close();
    }
  }

  static String subscribeCall(Map<String, String> more) {
    var info = new StringBuilder("{\"user\":\"nobody\",\"name\":\"test\"");
    more.forEach((name, value) -> info.append(",\"").append(name).append("\":").append(value));
    return "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":" + info + "}}}";
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
