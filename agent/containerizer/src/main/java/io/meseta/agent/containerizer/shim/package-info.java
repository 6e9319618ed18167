// SPDX-License-Identifier: Apache-2.0

/// The native shim seen from Java: requests through the pipe of the launcher, answers as files that
/// appear.
@NullMarked
package io.meseta.agent.containerizer.shim;

import org.jspecify.annotations.NullMarked;
