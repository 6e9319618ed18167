// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import io.meseta.agent.containerizer.launcher.Account;
import io.meseta.wire.net.NetErrors;
import io.meseta.wire.v1.CommandInfo;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Brings the URIs of a command into its sandbox, one after the other, and says in the sandbox's
/// `stderr` what it did.
///
/// A URI is executable (then it stays as it is), an archive to extract, or a plain file. `cache`
/// keeps the download for later tasks of the same user; when the cache has no room the URI is
/// fetched as if it were not asked for.
public final class Fetcher {
  private final FetcherConfig config;
  private final Download download;
  private final Cache cache;
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /// Empties the cache folder.
  public Fetcher(FetcherConfig config) throws IOException {
    this.config = config;
    this.download =
        new Download(
            config,
            HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(min(config.stallTimeout(), Duration.ofSeconds(30)))
                .build());
    if (Files.isDirectory(config.cacheFolder())) {
      try (Stream<Path> files = Files.list(config.cacheFolder())) {
        for (var file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.createDirectories(config.cacheFolder());
    // What one user may read is not for all.
    Files.setPosixFilePermissions(
        config.cacheFolder(), PosixFilePermissions.fromString("rwx------"));
    this.cache = new Cache(config.cacheFolder(), config.cacheBytes());
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /// Fetches all of `uris` into `sandbox`, and gives the sandbox to `account`. Until then the
  /// sandbox must not be writable by that user: nobody may swap a folder for a link meanwhile.
  ///
  /// @param account with whose rights local files are read; empty for the agent's own
  /// @param user for whom the cache keeps the files
  /// @throws FetchException naming the first URI that fails and why
  public void fetch(
      List<CommandInfo.URI> uris, Path sandbox, Optional<Account> account, String user)
      throws FetchException {
    if (uris.isEmpty()) {
      return;
    }
    boolean done = false;
    try {
      for (var uri : uris) {
        try {
          var target = fetch(uri, sandbox, account, user);
          log(sandbox, "Fetched '" + uri.getValue() + "' to '" + target + "'");
        } catch (IOException | RuntimeException e) {
          var why = e instanceof FetchException ? e.getMessage() : NetErrors.plain(e);
          var message = "Failed to fetch '" + uri.getValue() + "': " + why;
          log(sandbox, message);
          throw new FetchException(message);
        }
      }
      if (account.isPresent()) {
        give(sandbox, account.get());
      }
      done = true;
    } catch (FetchException e) {
      throw e;
    } catch (IOException e) {
      throw new FetchException("Failed to give the sandbox to its user: " + e.getMessage());
    } finally {
      (done ? succeeded : failed).increment();
    }
  }

  private Path fetch(CommandInfo.URI uri, Path sandbox, Optional<Account> account, String user)
      throws IOException {
    var value = uri.getValue().strip();
    if (value.isEmpty()) {
      throw new FetchException("the URI is empty");
    }
    var name = uri.hasOutputFile() ? uri.getOutputFile() : baseName(value);
    var target = sandbox.resolve(name).normalize();
    if (name.isEmpty()
        || name.startsWith("/")
        || !target.startsWith(sandbox)
        || target.equals(sandbox)) {
      throw new FetchException("the output file '" + name + "' is not a name inside the sandbox");
    }
    Files.createDirectories(target.getParent());
    if (!target.getParent().toRealPath().startsWith(sandbox.toRealPath())) {
      throw new FetchException("the output file '" + name + "' leads out of the sandbox");
    }
    boolean extract = !uri.getExecutable() && uri.getExtract() && Archives.isArchive(name);
    if (uri.getCache() && config.cacheBytes() > 0) {
      try (var lease =
          cache.get(
              new Cache.Key(user, value),
              (file, budget) -> download.to(value, file, account, budget))) {
        if (extract) {
          Archives.extract(lease.file(), name, target.getParent(), config.maxBytes());
        } else {
          Files.deleteIfExists(target);
          Files.copy(lease.file(), target, StandardCopyOption.COPY_ATTRIBUTES);
        }
        return finish(uri, extract ? target.getParent() : target, extract);
      } catch (Cache.FullException noRoom) {
        log(sandbox, "The fetcher cache has no room for '" + value + "': fetching it directly");
      }
    }
    Files.deleteIfExists(target);
    boolean whole = false;
    try {
      download.to(value, target, account, Sink.limited(config.maxBytes(), "the file"));
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(target);
      }
    }
    if (extract) {
      Archives.extract(target, name, target.getParent(), config.maxBytes());
    }
    return finish(uri, target, extract);
  }

  private static Path finish(CommandInfo.URI uri, Path target, boolean extracted)
      throws IOException {
    if (uri.getExecutable() && !extracted) {
      var permissions = Files.getPosixFilePermissions(target);
      permissions.addAll(
          List.of(
              PosixFilePermission.OWNER_EXECUTE,
              PosixFilePermission.GROUP_EXECUTE,
              PosixFilePermission.OTHERS_EXECUTE));
      Files.setPosixFilePermissions(target, permissions);
    }
    return target;
  }

  /// The last part of a URI's path, without query for web addresses.
  static String baseName(String uri) {
    var path = uri;
    if (uri.startsWith("http://") || uri.startsWith("https://")) {
      int end = indexOfAny(uri, '?', '#');
      path = uri.substring(uri.indexOf("://") + 3, end);
      if (path.indexOf('/') < 0) {
        return "";
      }
    }
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static int indexOfAny(String text, char a, char b) {
    int first = text.indexOf(a);
    int second = text.indexOf(b);
    int end = first < 0 ? text.length() : first;
    return second < 0 ? end : Math.min(end, second);
  }

  private static void log(Path sandbox, String line) {
    try {
      Files.writeString(
          sandbox.resolve("stderr"),
          line + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND,
          LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      // The line is a courtesy; a sandbox that cannot be written fails the launch soon enough.
    }
  }

  /// Makes `account` the owner of `folder` and all below it; links themselves, never what they
  /// point to.
  public static void give(Path folder, Account account) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            return own(dir); // last, so that nothing below it is swapped before its turn
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            return own(file);
          }

          private FileVisitResult own(Path path) throws IOException {
            Files.setAttribute(path, "unix:uid", (int) account.uid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", (int) account.gid(), LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// Containers whose URIs were all fetched.
  public long succeeded() {
    return succeeded.sum();
  }

  /// Containers with a URI that could not be fetched.
  public long failed() {
    return failed.sum();
  }

  public long cacheUsedBytes() {
    return cache.usedBytes();
  }

  public long cacheTotalBytes() {
    return cache.capacityBytes();
  }
}
