// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Messages that the original, and drivers of the old API, sent to each other.
final class Recordings {
  private Recordings() {}

  /// @param file such as `KillTaskMessage_from_X_1`
  static byte[] body(String file) throws IOException {
    var raw =
        Files.readAllBytes(
            Path.of(
                "../../wire/src/test/resources/golden/wire/libprocess_mesos.internal."
                    + file
                    + ".http"));
    var text = new String(raw, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    var rest = text.substring(end + 4);
    if (!text.substring(0, end).contains("Transfer-Encoding: chunked")) {
      return rest.getBytes(StandardCharsets.ISO_8859_1);
    }
    var out = new ByteArrayOutputStream();
    int at = 0;
    while (true) {
      int line = rest.indexOf("\r\n", at);
      int size = Integer.parseInt(rest.substring(at, line), 16);
      if (size == 0) {
        return out.toByteArray();
      }
      out.writeBytes(
          rest.substring(line + 2, line + 2 + size).getBytes(StandardCharsets.ISO_8859_1));
      at = line + 2 + size + 2;
    }
  }

  /// A recorded message with other ids in it.
  static Message with(Message kind, String file, Map<String, String> ids) throws Exception {
    var text = TextFormat.printer().printToString(kind.getParserForType().parseFrom(body(file)));
    for (var id : ids.entrySet()) {
      text = text.replace("\"" + id.getKey() + "\"", "\"" + id.getValue() + "\"");
    }
    var builder = kind.newBuilderForType();
    TextFormat.merge(text, builder);
    return builder.build();
  }

  /// What a message says but for ids, addresses and times.
  static String shape(Message message) {
    return TextFormat.printer()
        .printToString(message)
        .replaceAll("(?m)^\\s*(uuid|timestamp): .*$", "  $1: ?")
        .replaceAll("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID")
        .replaceAll("UUID-([0-9]{4}|[OS][0-9]+)", "UUID-N")
        .replaceAll("127\\.0\\.0\\.1:[0-9]+", "IP:PORT")
        .replaceAll("port: [0-9]+", "port: PORT");
  }
}
