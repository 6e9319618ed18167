// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests as a user's script makes them.
final class Http {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Http() {}

  static HttpResponse<String> send(String method, String url, String body)
      throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static JsonNode json(String url) throws IOException, InterruptedException {
    return parse(send("GET", url, "").body());
  }

  static JsonNode parse(String text) {
    return JSON.readTree(text);
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  /// Waits for what takes its time. A condition that throws does not hold yet.
  static void await(String what, Duration limit, Condition condition) throws InterruptedException {
    var end = Instant.now().plus(limit);
    Exception last = null;
    while (Instant.now().isBefore(end)) {
      try {
        last = null;
        if (condition.holds()) {
          return;
        }
      } catch (IOException | RuntimeException e) {
        last = e;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        last = e;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not within " + limit.toSeconds() + " s: " + what, last);
  }
}
