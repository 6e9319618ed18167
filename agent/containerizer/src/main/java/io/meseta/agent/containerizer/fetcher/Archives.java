// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/// Unpacks archives into a folder and nowhere else: absolute names, `..`, links that lead out,
/// devices and pipes are refused, and what comes out is limited in bytes and entries.
final class Archives {
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int XZ_MEMORY_KB = 256 * 1024;

  private final Path root;
  private final Sink.Budget budget;
  private int entries;

  private Archives(Path folder, long maxBytes) throws IOException {
    this.root = folder.toRealPath();
    this.budget = Sink.limited(maxBytes, "what the archive unpacks to");
  }

  /// Whether the name says that [#extract] can unpack it.
  static boolean isArchive(String name) {
    var n = name.toLowerCase(Locale.ROOT);
    return n.endsWith(".zip")
        || n.endsWith(".gz")
        || n.endsWith(".tar")
        || isTarOf(n, "z", "gz")
        || isTarOf(n, "bz2", "bz2")
        || isTarOf(n, "xz", "xz");
  }

  private static boolean isTarOf(String name, String shortForm, String longForm) {
    return name.endsWith(".tar." + longForm)
        || name.endsWith(
            ".t" + (shortForm.equals("z") ? "gz" : shortForm.equals("bz2") ? "bz2" : "xz"));
  }

  /// Unpacks `archive`, whose kind `name` tells, into `folder`.
  static void extract(Path archive, String name, Path folder, long maxBytes) throws IOException {
    var unpacker = new Archives(folder, maxBytes);
    var n = name.toLowerCase(Locale.ROOT);
    try {
      if (n.endsWith(".zip")) {
        unpacker.zip(archive);
        return;
      }
      try (var in = new BufferedInputStream(Files.newInputStream(archive))) {
        if (n.endsWith(".tar")) {
          unpacker.tar(in);
        } else if (isTarOf(n, "z", "gz")) {
          unpacker.tar(new GZIPInputStream(in, 1 << 16));
        } else if (isTarOf(n, "bz2", "bz2")) {
          unpacker.tar(new BZip2CompressorInputStream(in, true));
        } else if (isTarOf(n, "xz", "xz")) {
          unpacker.tar(new XZInputStream(in, XZ_MEMORY_KB));
        } else if (n.endsWith(".gz")) {
          var plain = name.substring(name.lastIndexOf('/') + 1, name.length() - ".gz".length());
          unpacker.file(plain, new GZIPInputStream(in, 1 << 16), 0644);
        } else {
          throw new FetchException("not an archive: " + name);
        }
      }
    } catch (FetchException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // a broken archive
      throw new FetchException(
          "cannot unpack it: " + (e.getMessage() == null ? e : e.getMessage()));
    }
  }

  private void tar(InputStream in) throws IOException {
    try (var tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
        if (entry.isDirectory()) {
          folder(entry.getName());
        } else if (entry.isSymbolicLink()) {
          symlink(entry.getName(), entry.getLinkName());
        } else if (entry.isLink()) {
          hardlink(entry.getName(), entry.getLinkName());
        } else if (isPlainFile(entry)) {
          file(entry.getName(), tar, entry.getMode());
        } else if (!entry.isGlobalPaxHeader() && !entry.isPaxHeader()) {
          throw new FetchException(
              "the archive holds '"
                  + entry.getName()
                  + "', which is neither file, folder nor link");
        }
      }
    }
  }

  private static boolean isPlainFile(TarArchiveEntry entry) {
    return entry.isFile() // says yes to devices and pipes too
        && !entry.isCharacterDevice()
        && !entry.isBlockDevice()
        && !entry.isFIFO()
        && !entry.isSparse();
  }

  private void zip(Path archive) throws IOException {
    try (var zip = ZipFile.builder().setPath(archive).get()) {
      for (var all = zip.getEntries(); all.hasMoreElements(); ) {
        var entry = all.nextElement();
        if (entry.isDirectory()) {
          folder(entry.getName());
        } else if (entry.isUnixSymlink()) {
          symlink(entry.getName(), zip.getUnixSymlink(entry));
        } else {
          try (var in = zip.getInputStream(entry)) {
            file(entry.getName(), in, entry.getUnixMode() == 0 ? 0644 : entry.getUnixMode());
          }
        }
      }
    }
  }

  private void folder(String name) throws IOException {
    count();
    var target = inside(name);
    if (!target.equals(root)) {
      makeFolders(target);
    }
  }

  private void file(String name, InputStream in, int mode) throws IOException {
    count();
    var target = fresh(name);
    try (var out = Sink.to(target, budget)) {
      in.transferTo(out);
    }
    Files.setPosixFilePermissions(target, permissions(mode));
  }

  private void symlink(String name, String to) throws IOException {
    count();
    var target = fresh(name);
    Path link;
    try {
      link = Path.of(to);
    } catch (InvalidPathException e) {
      throw new FetchException("the archive holds a link '" + name + "' to an impossible name");
    }
    if (link.isAbsolute() || !target.resolveSibling(link).normalize().startsWith(root)) {
      throw new FetchException(
          "the archive holds a link '" + name + "' that leads out of the sandbox: '" + to + "'");
    }
    Files.createSymbolicLink(target, link);
  }

  private void hardlink(String name, String to) throws IOException {
    count();
    var existing = inside(to);
    if (!Files.isRegularFile(existing, LinkOption.NOFOLLOW_LINKS)
        || !existing.getParent().toRealPath().startsWith(root)) {
      throw new FetchException(
          "the archive holds a link '" + name + "' to '" + to + "', which is no file in it");
    }
    Files.createLink(fresh(name), existing);
  }

  private void count() throws FetchException {
    if (++entries > MAX_ENTRIES) {
      throw new FetchException("the archive holds more than " + MAX_ENTRIES + " entries");
    }
  }

  /// The path of an entry, which must not leave the root by its name.
  private Path inside(String name) throws FetchException {
    try {
      var path = root.resolve(name).normalize();
      if (!name.startsWith("/") && path.startsWith(root) && !name.isEmpty()) {
        return path;
      }
    } catch (InvalidPathException e) {
      // Refused below.
    }
    throw new FetchException(
        "the archive holds a name that leads out of the sandbox: '" + name + "'");
  }

  /// As [#inside], with its folders made and an older file of that name removed: nothing is ever
  /// written through a link.
  private Path fresh(String name) throws IOException {
    var path = inside(name);
    if (path.equals(root)) {
      throw new FetchException("the archive holds an entry without a name");
    }
    makeFolders(path.getParent());
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new FetchException("the archive holds '" + name + "' as a folder and as a file");
    }
    Files.deleteIfExists(path);
    return path;
  }

  private void makeFolders(Path folder) throws IOException {
    var at = root;
    for (var part : root.relativize(folder)) {
      if (part.toString().isEmpty()) {
        continue;
      }
      at = at.resolve(part);
      if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
        // A link inside the archive may be followed only to where it stays inside.
        if (Files.isSymbolicLink(at) && Files.isDirectory(at)) {
          at = at.toRealPath();
          if (!at.startsWith(root)) {
            throw new FetchException(
                "the archive writes through a link that leads out of the sandbox: '" + part + "'");
          }
          continue;
        }
        try {
          Files.createDirectory(at);
        } catch (FileAlreadyExistsException e) {
          throw new FetchException("the archive holds '" + part + "' as a file and as a folder");
        }
      }
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    var set =
        EnumSet.of(PosixFilePermission.OWNER_READ); // whatever the archive says: the owner can read
    var all = PosixFilePermission.values(); // OWNER_READ ... OTHERS_EXECUTE, the order of the bits
    for (int i = 0; i < all.length; i++) {
      if ((mode & (0400 >> i)) != 0) {
        set.add(all[i]);
      }
    }
    return set;
  }
}
