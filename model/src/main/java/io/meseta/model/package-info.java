// SPDX-License-Identifier: Apache-2.0

/// What every server computes with: identifiers, roles, resources, task states.
///
/// Values here are immutable. Decoding from the wire either gives a value or an [Invalid] that
/// names what was wrong; nothing is dropped or repaired silently.
@NullMarked
package io.meseta.model;

import org.jspecify.annotations.NullMarked;
