// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Resources;

/// Resources of one agent set aside for a framework in one of its roles; the master makes an offer
/// of it.
///
/// @param resources marked as allocated to `role`
public record Allocation(String frameworkId, String role, String agentId, Resources resources) {}
