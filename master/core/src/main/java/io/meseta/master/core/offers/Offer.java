// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.offers;

import io.meseta.model.resources.Resources;
import org.jspecify.annotations.Nullable;

/// Resources of one agent that a framework may use now.
///
/// @param resources marked as allocated to `role`
/// @param wire as the framework was sent it
public record Offer(
    String id,
    String frameworkId,
    String agentId,
    String role,
    Resources resources,
    io.meseta.wire.v1.Offer wire) {

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
