// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.recovery.Write;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out checkpoint writes in order on one thread and says when each batch is done.
///
/// Files are replaced by a temporary file and a rename. Durable ones are synced, file and folder,
/// before the batch counts as done.
final class Disk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Disk.class);

  private record Job(long token, List<Write> writes) {}

  private static final Job END = new Job(-1, List.of());

  private final BlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
  private final LongConsumer done;
  private final Consumer<IOException> failed;
  private final Thread thread;

  /// @param done hears the token of every batch that is written
  /// @param failed hears the first failure, after which nothing more is written
  Disk(LongConsumer done, Consumer<IOException> failed) {
    this.done = done;
    this.failed = failed;
    this.thread = Thread.ofVirtual().name("disk").start(this::run);
  }

  void submit(long token, List<Write> writes) {
    jobs.add(new Job(token, writes));
  }

  private void run() {
    try {
      while (true) {
        var job = jobs.take();
        if (job == END) {
          return;
        }
        for (var write : job.writes()) {
          carryOut(write);
        }
        done.accept(job.token());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      failed.accept(e);
    }
  }

  static void carryOut(Write write) throws IOException {
    switch (write) {
      case Write.Put(var path, var content, boolean durable) -> {
        var target = Path.of(path);
        var fresh = target.resolveSibling(target.getFileName() + ".new");
        try (var channel = create(fresh)) {
          var bytes = content.asReadOnlyByteBuffer();
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          if (durable) {
            channel.force(true);
          }
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        if (durable) {
          syncFolder(target.getParent());
        }
      }
      case Write.Append(var path, var record) -> {
        var bytes =
            ByteBuffer.allocate(4 + record.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(record.size());
        record.copyTo(bytes);
        bytes.flip();
        try (var channel = append(Path.of(path))) {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
      }
      case Write.Link(var path, var target) -> link(Path.of(path), Path.of(target));
      case Write.Folder(var path) -> Files.createDirectories(Path.of(path));
      case Write.Move(var path, var target) -> {
        if (Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(Path.of(target).getParent());
          Files.move(Path.of(path), Path.of(target), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      case Write.Empty(var path) -> empty(Path.of(path));
      case Write.Remove(var path) -> Files.deleteIfExists(Path.of(path));
    }
  }

  private static void empty(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (var children = Files.newDirectoryStream(folder)) {
        for (var child : children) {
          Effects.removeTree(child);
        }
      }
    }
  }

  private static FileChannel create(Path path) throws IOException {
    return open(
        path,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  private static FileChannel append(Path path) throws IOException {
    return open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static FileChannel open(Path path, StandardOpenOption... options) throws IOException {
    try {
      return FileChannel.open(path, options);
    } catch (NoSuchFileException noFolder) {
      Files.createDirectories(path.getParent());
      return FileChannel.open(path, options);
    }
  }

  static void link(Path path, Path target) throws IOException {
    try {
      Files.createSymbolicLink(path, target);
    } catch (FileAlreadyExistsException old) {
      var fresh = path.resolveSibling(path.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      Files.createSymbolicLink(fresh, target);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException noFolder) {
      Files.createDirectories(path.getParent());
      Files.createSymbolicLink(path, target);
    }
  }

  private static void syncFolder(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Reads the records that [Write.Append] wrote. What a crash left behind the last whole one is
  /// cut off the file, else the next record would be appended to it and neither could be read. As
  /// the original (src/slave/state.cpp).
  static List<byte[]> recover(Path path) throws IOException {
    var result = new ArrayList<byte[]>();
    var bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int whole = 0;
    while (bytes.remaining() >= 4) {
      int length = bytes.getInt();
      if (length <= 0
          || length > bytes.remaining()) { // no record is empty: zeros were never written
        break;
      }
      var record = new byte[length];
      bytes.get(record);
      result.add(record);
      whole = bytes.position();
    }
    if (whole < bytes.limit()) {
      LOG.warn("{} ends with {} bytes that are no record: cut off", path, bytes.limit() - whole);
      try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(whole);
        channel.force(true);
      }
    }
    return result;
  }

  /// Ends after what was submitted.
  @Override
  public void close() {
    jobs.add(END);
    try {
      if (!thread.join(java.time.Duration.ofNanos(TimeUnit.SECONDS.toNanos(10)))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
