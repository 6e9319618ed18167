// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import io.meseta.marathon.core.json.Docs;
import io.meseta.marathon.core.json.Problems;
import tools.jackson.databind.node.ObjectNode;

/// A request that cannot be done, with the answer the client gets. Thrown and caught within the
/// core's handling of one request; nothing has been changed by then.
public final class RejectedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final transient ObjectNode document;

  public RejectedException(int status, ObjectNode document) {
    super(Docs.text(document), null, false, false);
    this.status = status;
    this.document = document;
  }

  /// An answer with nothing but a message.
  public static RejectedException of(int status, String message) {
    var document = Docs.object();
    document.put("message", message);
    return new RejectedException(status, document);
  }

  /// The document does not have the right types.
  public static RejectedException malformed(Problems problems) {
    return new RejectedException(422, problems.document("Invalid JSON"));
  }

  /// The document breaks rules.
  public static RejectedException invalid(Problems problems) {
    return new RejectedException(422, problems.document("Object is not valid"));
  }

  /// One rule is broken.
  public static RejectedException invalid(String path, String problem) {
    var problems = new Problems();
    problems.add(path, problem);
    return invalid(problems);
  }

  public int status() {
    return status;
  }

  public ObjectNode document() {
    return document;
  }
}
