// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

/// Endpoints of the original that are not there: 501 and their name, where an unknown path is 404.
public final class Absent {
  private Absent() {}

  /// @param server its name in the text, as in "this master"
  public static void register(Router router, String server, String... paths) {
    for (var path : paths) {
      router.on(
          "*",
          path,
          request ->
              Router.done(
                  Answer.text(
                      501,
                      request.path() + " is not in this " + server + " yet (Not Implemented)\n")));
    }
  }
}
