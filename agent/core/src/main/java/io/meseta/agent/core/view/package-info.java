// SPDX-License-Identifier: Apache-2.0

/// The state of the agent at one moment, for readers.
@NullMarked
package io.meseta.agent.core.view;

import org.jspecify.annotations.NullMarked;
