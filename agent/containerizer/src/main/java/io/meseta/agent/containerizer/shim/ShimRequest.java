// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import io.meseta.agent.containerizer.launcher.Account;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// One command for a shim to start.
///
/// @param account whom to run as; empty for the agent's own user
/// @param arguments the program first; looked up in the PATH of `environment` when it has no slash
public record ShimRequest(
    String id,
    Optional<Account> account,
    Path directory,
    Path stdout,
    Path stderr,
    List<String> arguments,
    Map<String, String> environment) {

  /// The launcher refuses more.
  static final int MAX_BYTES = 16 << 20;

  private List<String> head() {
    return List.of(
        id,
        account.map(a -> Long.toString(a.uid())).orElse(""),
        account.map(a -> Long.toString(a.gid())).orElse(""),
        account
            .map(a -> a.groups().stream().map(String::valueOf).collect(Collectors.joining(",")))
            .orElse(""),
        directory.toString(),
        stdout.toString(),
        stderr.toString());
  }

  /// As the launcher reads it.
  ///
  /// @throws IllegalArgumentException if a string holds a zero byte or the whole is too long
  ByteBuffer encode() {
    var strings = new ArrayList<>(head());
    strings.add(Integer.toString(arguments.size()));
    strings.addAll(arguments);
    environment.forEach((name, value) -> strings.add(name + "=" + value));
    var parts = new ArrayList<byte[]>(strings.size());
    long length = 0;
    for (var string : strings) {
      if (string.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("arguments and environment cannot hold a zero byte");
      }
      var bytes = string.getBytes(StandardCharsets.UTF_8);
      parts.add(bytes);
      length += bytes.length + 1;
    }
    if (length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "arguments and environment take "
              + length
              + " bytes (expected: at most "
              + MAX_BYTES
              + ")");
    }
    var out =
        ByteBuffer.allocate(4 + (int) length).order(ByteOrder.LITTLE_ENDIAN).putInt((int) length);
    parts.forEach(part -> out.put(part).put((byte) 0));
    return out.flip();
  }

  /// The command line of the shell script.
  List<String> commandLine(Path script, Path folder) {
    var line = new ArrayList<>(List.of("/bin/sh", script.toString(), folder.toString()));
    line.addAll(head());
    line.addAll(arguments);
    return line;
  }
}
