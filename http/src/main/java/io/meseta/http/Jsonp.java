// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// JSON, or a script that calls the function that the query names as `jsonp` with it. Original:
/// 3rdparty/libprocess/include/process/http.hpp, which takes any text for a name.
public final class Jsonp {
  /// Anything else would be a script of the caller's choice.
  private static final Pattern NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$.]{0,127}");

  private Jsonp() {}

  public static Answer answer(Request request, byte[] document) {
    return answer(request, List.of(document));
  }

  /// The same with a long document, given in pieces that nobody changes any more.
  public static Answer answer(Request request, List<byte[]> document) {
    var name = request.query("jsonp");
    if (name.isEmpty()) {
      return Answer.of(200, "application/json", document);
    }
    if (!NAME.matcher(name.get()).matches()) {
      return Answer.text(
          400,
          "Invalid 'jsonp': expecting the name of a JavaScript function, as in 'angular.callbacks._0'");
    }
    var out = new ArrayList<byte[]>();
    out.add((name.get() + "(").getBytes(StandardCharsets.US_ASCII));
    out.addAll(document);
    out.add(new byte[] {')'});
    return Answer.of(200, "text/javascript", out);
  }
}
