// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

/// Whom a request comes from.
public sealed interface Identified {
  /// Nobody in particular: the endpoint asks for no name.
  Identified NOBODY = new Nobody();

  record Nobody() implements Identified {}

  record As(String principal) implements Identified {}

  /// A name was needed and is missing or wrong.
  record Refused(Answer answer) implements Identified {}
}
