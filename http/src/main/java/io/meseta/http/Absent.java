// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.util.List;
import java.util.Optional;

/// Endpoints of the original that are not there: 501 and their name, where an unknown path is 404.
/// They are no routes, so `/help` does not list them.
public final class Absent {
  private Absent() {}

  /// @param server its name in the text, as in "this master"
  /// @param alias prefix under which all paths can be asked for too, such as `/master`
  public static void register(Router router, String server, String alias, String... paths) {
    var absent = List.of(paths);
    router.before(request -> {
      var path = request.path();
      var own = path.startsWith(alias + "/") ? path.substring(alias.length()) : path;
      return absent.stream().anyMatch(each -> own.equals(each) || own.startsWith(each + "/"))
          ? Optional.of(Answer.text(501, path + " is not in this " + server + " yet\n"))
          : Optional.empty();
    });
  }
}
