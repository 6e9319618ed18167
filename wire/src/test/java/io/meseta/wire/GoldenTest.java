// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.meseta.testkit.Covers;
import io.meseta.wire.json.Json;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Everything that was recorded of the original is read, and written back as it was.
class GoldenTest {
  private static final Map<String, Message> INTERNAL = new HashMap<>();

  static {
    for (var file :
        new com.google.protobuf.Descriptors.FileDescriptor[] {
          io.meseta.wire.internal.MessagesProtos.getDescriptor(),
          io.meseta.wire.internal.AuthenticationProtos.getDescriptor(),
          io.meseta.wire.v0.V0SchedulerProtos.getDescriptor()
        }) {
      for (var type : file.getMessageTypes()) {
        INTERNAL.put(
            type.getFullName(), com.google.protobuf.DynamicMessage.getDefaultInstance(type));
      }
    }
  }

  @TestFactory
  Iterable<DynamicTest> libprocessMessagesComeBackByteForByte() {
    var tests = new ArrayList<DynamicTest>();
    for (var file : Golden.files("wire", "libprocess_", ".http")) {
      tests.add(
          DynamicTest.dynamicTest(
              file.getFileName().toString(),
              () -> {
                var request = new String(Golden.bytes(file), StandardCharsets.ISO_8859_1);
                var path =
                    request.substring(request.indexOf(' ') + 1, request.indexOf(" HTTP/1.1"));
                var name = path.substring(path.indexOf('/', 1) + 1);
                var type = INTERNAL.get(name);
                assertThat(type).as("type of %s", name).isNotNull();
                var body = Golden.body(file);
                var message = type.getParserForType().parseFrom(body);
                assertThat(message.toByteArray()).isEqualTo(body);
                assertThat(unknownFields(message)).isEmpty();
              }));
    }
    assertThat(tests).hasSizeGreaterThan(60);
    return tests;
  }

  @Test
  @Covers("W01")
  void addressesInRecordedMessagesAreRead() {
    for (var file : Golden.files("wire", "libprocess_", ".http")) {
      var request = new String(Golden.bytes(file), StandardCharsets.ISO_8859_1);
      request
          .lines()
          .filter(line -> line.startsWith("Libprocess-From: "))
          .forEach(line -> {
            var text = line.substring(line.indexOf(' ') + 1).strip();
            assertThat(Upid.parse(text).orElseThrow().toString()).isEqualTo(text);
          });
    }
    assertThat(Upid.parse("@0.0.0.0:0")).contains(Upid.NONE);
    for (var wrong :
        new String[] {"", "a", "a@b", "a@b:", "a@:1", "a@b:65536", "a@b:1x", "a@b:123456"}) {
      assertThat(Upid.parse(wrong)).as(wrong).isEmpty();
    }
  }

  @TestFactory
  Iterable<DynamicTest> operatorAnswersAreReproduced() {
    var tests = new ArrayList<DynamicTest>();
    for (var server : new String[] {"master", "agent"}) {
      Message type =
          server.equals("master")
              ? io.meseta.wire.v1.master.Response.getDefaultInstance()
              : io.meseta.wire.v1.agent.Response.getDefaultInstance();
      for (var file : Golden.files("endpoints", server + "_v1_", ".json.http")) {
        tests.add(
            DynamicTest.dynamicTest(
                file.getFileName().toString(), () -> reproduced(Golden.body(file), type)));
      }
    }
    return tests;
  }

  @TestFactory
  Iterable<DynamicTest> protobufAnswersAndTheirJsonTwinsAgree() {
    var tests = new ArrayList<DynamicTest>();
    var type = io.meseta.wire.v1.master.Response.getDefaultInstance();
    for (var file : Golden.files("endpoints", "master_v1_", ".pb")) {
      tests.add(
          DynamicTest.dynamicTest(
              file.getFileName().toString(),
              () -> {
                var bytes = Golden.bytes(file);
                var message = type.getParserForType().parseFrom(bytes);
                // Field for field: nothing is unknown to us, and the bytes come back.
                assertThat(message.toByteArray()).isEqualTo(bytes);
                assertThat(unknownFields(message)).isEmpty();
                var json = Json.write(message);
                // Explicit defaults come back as set fields, so what is compared is what is
                // written.
                assertThat(Json.write(Json.parse(json, type.newBuilderForType()).build()))
                    .isEqualTo(json);
                var twin = Golden.body(twinOf(file));
                // The two were asked for one after the other; only documents without tasks stood
                // still meanwhile.
                if (STILL.contains(file.getFileName().toString())) {
                  assertThat(tokens(json)).isEqualTo(tokens(twin));
                } else {
                  assertThat(keys(json)).isSubsetOf(keys(twin));
                }
              }));
    }
    return tests;
  }

  private static final java.util.Set<String> STILL = new TreeSet<>();

  static {
    for (var call :
        "EXECUTORS FLAGS HEALTH LOGGING_LEVEL MAINTENANCE_SCHEDULE MAINTENANCE_STATUS MASTER OPERATIONS QUOTA VERSION WEIGHTS AGENTS"
            .split(" ")) {
      STILL.add("master_v1_GET_" + call + ".pb");
    }
  }

  @TestFactory
  @Covers("S02")
  Iterable<DynamicTest> eventsAreReproduced() {
    var tests = new ArrayList<DynamicTest>();
    record Kind(String prefix, Message type) {}
    for (var kind :
        new Kind[] {
          new Kind(
              "event_master_scheduler_", io.meseta.wire.v1.scheduler.Event.getDefaultInstance()),
          new Kind("event_master_other_", io.meseta.wire.v1.master.Event.getDefaultInstance()),
          new Kind("event_agent_other_", io.meseta.wire.v1.executor.Event.getDefaultInstance())
        }) {
      for (var file : Golden.files("wire", kind.prefix, ".json")) {
        tests.add(
            DynamicTest.dynamicTest(
                file.getFileName().toString(), () -> reproduced(Golden.bytes(file), kind.type)));
      }
    }
    return tests;
  }

  private static void reproduced(byte[] json, Message type) throws Exception {
    var message = Json.parse(json, type.newBuilderForType()).build();
    var written = Json.write(message);
    assertThat(tokens(written)).isEqualTo(tokens(json));
    assertThat(type.getParserForType().parseFrom(message.toByteArray())).isEqualTo(message);
  }

  /// The document token by token: order and spelling count, only numbers with a fraction are
  /// compared by value (where two shortest forms exist the original's printer does not always take
  /// the nearer one).
  private static java.util.List<Object> tokens(byte[] json) {
    var tokens = new ArrayList<Object>();
    try (var parser =
        new tools.jackson.core.json.JsonFactory()
            .createParser(tools.jackson.core.ObjectReadContext.empty(), json)) {
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        tokens.add(
            switch (token) {
              case VALUE_NUMBER_FLOAT ->
                  new BigDecimal(parser.getString())
                      .round(new MathContext(15))
                      .stripTrailingZeros();
              case PROPERTY_NAME -> parser.currentName() + ":";
              default -> token.isScalarValue() ? parser.getString() : token;
            });
      }
    }
    return tokens;
  }

  private static Path twinOf(Path pb) {
    return pb.resolveSibling(pb.getFileName().toString().replace(".pb", ".json.http"));
  }

  private static java.util.Set<String> keys(byte[] json) {
    var keys = new TreeSet<String>();
    var matcher =
        java.util.regex.Pattern.compile("\"([a-z_0-9]+)\":")
            .matcher(new String(json, StandardCharsets.UTF_8));
    while (matcher.find()) {
      keys.add(matcher.group(1));
    }
    return keys;
  }

  private static java.util.List<String> unknownFields(Message message) {
    var found = new ArrayList<String>();
    if (!message.getUnknownFields().asMap().isEmpty()) {
      found.add(
          message.getDescriptorForType().getFullName()
              + " "
              + message.getUnknownFields().asMap().keySet());
    }
    message
        .getAllFields()
        .forEach((field, value) -> {
          if (field.getJavaType()
              == com.google.protobuf.Descriptors.FieldDescriptor.JavaType.MESSAGE) {
            for (var child :
                value instanceof java.util.List<?> list ? list : java.util.List.of(value)) {
              found.addAll(unknownFields((Message) child));
            }
          }
        });
    return found;
  }
}
