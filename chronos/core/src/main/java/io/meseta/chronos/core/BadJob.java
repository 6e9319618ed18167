// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

/// What a client sent is no job; the message is for the client.
public final class BadJob extends Exception {
  BadJob(String message) {
    super(message);
  }
}
