// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.files;

import io.meseta.http.Answer;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.wire.json.JsonOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/// `/files/*`, each also with `.json` behind it as old consoles ask. Original: src/files/files.cpp.
public final class FilesEndpoint {
  private final Function<Request, Optional<VirtualFiles>> files;
  private final Answer absent;
  private final BiFunction<Request, byte[], Answer> json;
  private final Function<Request, Optional<Answer>> refuse;

  private FilesEndpoint(
      Function<Request, Optional<VirtualFiles>> files,
      Answer absent,
      BiFunction<Request, byte[], Answer> json,
      Function<Request, Optional<Answer>> refuse) {
    this.refuse = refuse;
    this.files = files;
    this.absent = absent;
    this.json = json;
  }

  /// @param files what whoever asks may see; empty as long as that cannot be said
  /// @param absent the answer then
  /// @param json the answer of a document, which may be wrapped as a script
  public static void register(
      Router router,
      Function<Request, Optional<VirtualFiles>> files,
      Answer absent,
      BiFunction<Request, byte[], Answer> json) {
    register(router, files, absent, json, request -> Optional.empty());
  }

  /// @param refuse the refusal of whoever may not see the file that is asked for
  public static void register(
      Router router,
      Function<Request, Optional<VirtualFiles>> files,
      Answer absent,
      BiFunction<Request, byte[], Answer> json,
      Function<Request, Optional<Answer>> refuse) {
    var all = new FilesEndpoint(files, absent, json, refuse);
    for (var suffix : new String[] {"", ".json"}) {
      router.onBlocking("*", "/files/browse" + suffix, all::browse);
      router.onBlocking("*", "/files/read" + suffix, all::read);
      router.onBlocking("*", "/files/download" + suffix, all::download);
      router.onBlocking("*", "/files/debug" + suffix, all::debug);
    }
  }

  @FunctionalInterface
  private interface FileReader {
    Answer read(VirtualFiles files, String path) throws VirtualFiles.Refused, IOException;
  }

  private Answer file(Request request, FileReader reader) {
    var path = request.query("path");
    if (path.isEmpty() || path.get().isEmpty()) {
      return Answer.text(400, "Expecting 'path=value' in query.\n");
    }
    var refusal = refuse.apply(request);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    var shown = files.apply(request);
    if (shown.isEmpty()) {
      return absent;
    }
    try {
      return reader.read(shown.get(), path.get());
    } catch (VirtualFiles.Refused e) {
      return Answer.text(e.status(), e.getMessage());
    } catch (IOException e) {
      return Answer.text(500, "The file cannot be read.\n");
    }
  }

  private Answer browse(Request request) {
    return file(
        request,
        (shown, path) -> {
          var out = new JsonOut().array();
          for (var info : shown.browse(path)) {
            out.object()
                .field("gid", info.getGid())
                .field("mode", VirtualFiles.modeText(info.getMode()))
                .field("mtime", info.getMtime().getNanoseconds() / 1e9)
                .field("nlink", (long) info.getNlink())
                .field("path", info.getPath())
                .field("size", info.getSize())
                .field("uid", info.getUid())
                .end();
          }
          return json.apply(request, out.end().bytes());
        });
  }

  private Answer read(Request request) {
    long offset;
    long length;
    try {
      offset = number(request, "offset");
      length = number(request, "length");
    } catch (IllegalArgumentException e) {
      return Answer.text(400, e.getMessage());
    }
    return file(
        request,
        (shown, path) -> {
          var piece = shown.read(path, offset, length);
          var data = piece.data();
          if (piece.offset() + data.length < piece.size()) {
            data = Utf8.whole(data);
          }
          return json.apply(
              request,
              new JsonOut()
                  .object()
                  .field("data", new String(data, StandardCharsets.UTF_8))
                  .field("offset", piece.offset())
                  .end()
                  .bytes());
        });
  }

  /// -1 when it is absent; -1 itself is how old consoles ask for the size.
  private static long number(Request request, String name) {
    var text = request.query(name);
    if (text.isEmpty() || text.get().equals("-1")) {
      return -1;
    }
    try {
      long number = Long.parseLong(text.get());
      if (number < 0) {
        throw new IllegalArgumentException("Negative " + name + " provided: " + number + ".\n");
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Failed to parse " + name + ": '" + text.get() + "' is not a number.\n");
    }
  }

  private Answer download(Request request) {
    return file(
        request,
        (shown, path) -> {
          var real = shown.resolve(path);
          if (Files.isDirectory(real)) {
            throw new VirtualFiles.Refused(400, "Cannot download a directory.\n");
          }
          if (!Files.isRegularFile(real)) {
            throw new VirtualFiles.Refused(400, "Cannot download a special file.\n");
          }
          var name = String.valueOf(real.getFileName()).replaceAll("[\"\\\\\\p{Cntrl}]", "_");
          return Answer.file("application/octet-stream", real)
              .header("Content-Disposition", "attachment; filename=\"" + name + "\"");
        });
  }

  private Answer debug(Request request) {
    var refusal = refuse.apply(request);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    var shown = files.apply(request);
    if (shown.isEmpty()) {
      return absent;
    }
    var out = new JsonOut().object();
    shown.get().roots().forEach((virtual, real) -> out.field(virtual, real.toString()));
    return json.apply(request, out.end().bytes());
  }
}
