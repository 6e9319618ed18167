// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The file into which all shims write, read as it grows.
///
/// When it is long a new one is begun: the old is renamed, what is still needed of it is written
/// into the new one, and the old is removed. A shim that writes meanwhile sees after its write that
/// the file is another and writes again, so a line may come twice, but none is lost, whenever the
/// agent is killed. Not thread-safe.
final class Journal implements AutoCloseable {
  static final String NAME = "journal";

  /// From this size on a new one is begun, usually: some ten thousand commands.
  static final long MAX_BYTES = 4 << 20;

  private final Path file;
  private final Path old;
  private final Consumer<ShimState.Line> reader;
  private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
  private final long maxBytes;
  private FileChannel channel;
  private boolean owing;

  private Journal(Path file, Path old, long maxBytes, Consumer<ShimState.Line> reader)
      throws IOException {
    this.file = file;
    this.old = old;
    this.maxBytes = maxBytes;
    this.reader = reader;
    this.channel = open(file);
  }

  /// Opens the journal in `folder`, made if absent; nothing is read yet.
  static Journal open(Path folder, long maxBytes, Consumer<ShimState.Line> reader)
      throws IOException {
    return new Journal(folder.resolve(NAME), folder.resolve(NAME + ".old"), maxBytes, reader);
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
  }

  /// Reads what an agent left that was killed while it began a new journal. Then [#renew] is due.
  void readOld() throws IOException {
    if (!Files.exists(old)) {
      return;
    }
    try (var before = open(old)) {
      read(before);
    }
    buffer.clear();
    owing = true;
  }

  /// Reads what was written since the last time.
  void read() throws IOException {
    read(channel);
  }

  private void read(FileChannel from) throws IOException {
    while (from.read(buffer) > 0) {
      int begin = 0;
      for (int i = 0; i < buffer.position(); i++) {
        if (buffer.get(i) == '\n') {
          ShimState.parse(new String(buffer.array(), begin, i - begin, StandardCharsets.UTF_8))
              .ifPresent(reader);
          begin = i + 1;
        }
      }
      buffer.flip().position(begin);
      buffer.compact();
      if (!buffer.hasRemaining()) {
        buffer.clear(); // no line is that long
      }
    }
  }

  /// Whether [#renew] is due.
  boolean isDue() throws IOException {
    return owing || channel.position() > maxBytes;
  }

  /// Begins a new journal, or goes on with that after a failure.
  ///
  /// @param lines gives what is still needed; called when the old one is read to its end
  void renew(Supplier<List<String>> lines) throws IOException {
    if (!owing) {
      Files.move(file, old, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      owing = true; // until it is known that nothing of the old one is needed
      read(channel);
      buffer.clear();
      channel.close();
      channel = open(file);
    }
    rewrite(lines.get());
  }

  private void rewrite(List<String> lines) throws IOException {
    if (!lines.isEmpty()) {
      var bytes =
          ByteBuffer.wrap(
              ("\n" + String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
      try (var out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        // One write, or a shim's line could come in the middle of one of these.
        if (out.write(bytes) < bytes.capacity()) {
          throw new IOException("the disk is full: " + file);
        }
      }
    }
    Files.deleteIfExists(old);
    owing = false;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
