// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Knows where the leading master is, or which to try. Its methods may be called by any thread.
public interface MasterDetector extends AutoCloseable {
  /// Waits until there is a master to try; its base URI, as `http://host:port`.
  ///
  /// @param failed the one tried last, without success; or null
  URI await(@Nullable URI failed) throws InterruptedException;

  /// The same, or null when none was found for so long.
  default @Nullable URI awaitFor(Duration limit) throws InterruptedException {
    return await(null);
  }

  /// Why [#await] finds no master, for people.
  default String problem() {
    return "no master is known";
  }

  /// Has `changed` called, on any thread, when another master leads than the one last named.
  default void onChange(Runnable changed) {}

  @Override
  default void close() {}

  /// The detector for `zk://...`, a URL, `host:port` or a comma-separated list of the latter two.
  ///
  /// @throws IllegalArgumentException if `masters` is none of these
  static MasterDetector of(String masters) {
    return masters.strip().startsWith("zk://")
        ? ZooKeeperMasters.connect(masters.strip())
        : new ListedMasters(masters);
  }
}
