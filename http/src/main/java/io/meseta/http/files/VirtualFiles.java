// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.files;

import io.meseta.wire.v1.FileInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// The files that readers may see, under the names by which they see them. Nothing outside what is
/// attached is reached, whatever `..` or links say: the real path decides.
public final class VirtualFiles {
  /// The original reads at most 16 pages at once.
  public static final int MAX_READ = 16 * 4096;

  /// Why a file is not shown.
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final int status;

    public Refused(int status, String message) {
      super(message);
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  private final Map<String, Path> roots = new TreeMap<>();
  private final Set<String> hidden = new HashSet<>();

  /// Shows `real`, a file or a folder with all below it, as `virtual`.
  public VirtualFiles attach(String virtual, Path real) {
    roots.put(virtual, real);
    return this;
  }

  /// As [#attach(String, Path)], but refuses it to whoever may not see it: not showing it would say
  /// that it is not there.
  public VirtualFiles attach(String virtual, Path real, boolean allowed) {
    if (allowed) {
      hidden.remove(virtual);
    } else {
      hidden.add(virtual);
    }
    return attach(virtual, real);
  }

  /// `/files/debug`: what may be seen.
  public Map<String, Path> roots() {
    var shown = new TreeMap<>(roots);
    shown.keySet().removeAll(hidden);
    return shown;
  }

  /// The real file behind a virtual path.
  public Path resolve(String virtual) throws Refused {
    var path =
        virtual.endsWith("/") && virtual.length() > 1
            ? virtual.substring(0, virtual.length() - 1)
            : virtual;
    path = path.startsWith("/") ? path : "/" + path;
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      var root = roots.get(path.substring(0, end));
      if (root == null) {
        continue;
      }
      if (hidden.contains(path.substring(0, end))) {
        throw new Refused(403, "403 Forbidden.");
      }
      var rest = path.substring(end);
      Path real;
      Path realRoot;
      try {
        var wanted = rest.isEmpty() ? root : root.resolve(rest.substring(1));
        realRoot = root.toRealPath();
        real = wanted.toRealPath();
      } catch (IOException | java.nio.file.InvalidPathException absent) {
        throw new Refused(404, "404 Not Found.");
      }
      if (!real.startsWith(realRoot)) {
        throw new Refused(400, "'" + virtual + "' is inaccessible.\n");
      }
      return real;
    }
    throw new Refused(404, "404 Not Found.");
  }

  /// What a folder holds, sorted by name.
  public List<FileInfo> browse(String virtual) throws Refused, IOException {
    var folder = resolve(virtual);
    var result = new ArrayList<FileInfo>();
    if (!Files.isDirectory(folder)) {
      return result;
    }
    var base = virtual.endsWith("/") ? virtual : virtual + "/";
    try (var children = Files.newDirectoryStream(folder)) {
      for (var child : children) {
        info(child, base + child.getFileName()).ifPresent(result::add);
      }
    }
    result.sort(java.util.Comparator.comparing(FileInfo::getPath));
    return result;
  }

  private static Optional<FileInfo> info(Path file, String shown) {
    try {
      var attributes =
          Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      int links = (Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
      var info =
          FileInfo.newBuilder()
              .setPath(shown)
              .setNlink(links)
              .setSize(attributes.size())
              .setMode(mode)
              .setUid(attributes.owner().getName())
              .setGid(attributes.group().getName());
      info.getMtimeBuilder()
          .setNanoseconds(
              TimeUnit.SECONDS.toNanos(attributes.lastModifiedTime().to(TimeUnit.SECONDS)));
      return Optional.of(info.build());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /// `-rw-r--r--`.
  public static String modeText(int mode) {
    char kind =
        switch (mode & 0170000) {
          case 0040000 -> 'd';
          case 0120000 -> 'l';
          case 0010000 -> 'p';
          case 0140000 -> 's';
          case 0060000 -> 'b';
          case 0020000 -> 'c';
          default -> '-';
        };
    var text = new StringBuilder().append(kind);
    for (int bit = 0400; bit > 0; bit >>= 1) {
      text.append((mode & bit) == 0 ? '-' : "xwr".charAt(Integer.numberOfTrailingZeros(bit) % 3));
    }
    if ((mode & 04000) != 0) {
      text.setCharAt(3, (mode & 0100) != 0 ? 's' : 'S');
    }
    if ((mode & 02000) != 0) {
      text.setCharAt(6, (mode & 0010) != 0 ? 's' : 'S');
    }
    if ((mode & 01000) != 0) {
      text.setCharAt(9, (mode & 0001) != 0 ? 't' : 'T');
    }
    return text.toString();
  }

  /// A piece of a file.
  ///
  /// @param offset where it begins; the size when only that was asked
  public record Piece(long offset, long size, byte[] data) {}

  /// @param offset where to begin; negative asks for the size only
  /// @param length at most; negative for as much as one read gives
  public Piece read(String virtual, long offset, long length) throws Refused, IOException {
    var file = resolve(virtual);
    if (Files.isDirectory(file)) {
      throw new Refused(400, "Cannot read a directory.\n");
    }
    if (!Files.isRegularFile(file)) {
      throw new Refused(400, "Cannot read a special file.\n");
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (offset < 0) {
        return new Piece(size, size, new byte[0]);
      }
      long most = length < 0 ? MAX_READ : Math.min(length, MAX_READ);
      var buffer = ByteBuffer.allocate((int) Math.max(0, Math.min(most, size - offset)));
      while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {
        continue;
      }
      var data = new byte[buffer.position()];
      buffer.flip().get(data);
      return new Piece(offset, size, data);
    }
  }
}
