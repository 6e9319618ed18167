// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

/// What was rendered of the long lists, for the documents to come. One per master.
public final class Rendered {
  /// As `/state`, `/frameworks` and `/tasks` show them.
  final Pieces documents = new Pieces();

  /// As the v1 API does.
  final Pieces json = new Pieces();

  final Pieces proto = new Pieces();
}
