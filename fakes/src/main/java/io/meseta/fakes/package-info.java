// SPDX-License-Identifier: Apache-2.0

/// A pretended master for the tests of frameworks and of the client library. A module of its own,
/// so that a build without tests compiles no tests.
@NullMarked
package io.meseta.fakes;

import org.jspecify.annotations.NullMarked;
