// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

/// A write was refused because the writer leads no more. It must stop.
public final class FencedException extends RuntimeException {
  FencedException(String message) {
    super(message);
  }
}
