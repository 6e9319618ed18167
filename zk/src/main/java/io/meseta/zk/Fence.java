// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

/// The leader's right to write: its own candidate node, which is gone as soon as its session is.
///
/// @param candidate the path of that node
public record Fence(String candidate) {}
