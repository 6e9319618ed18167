// SPDX-License-Identifier: Apache-2.0

/// Messages between servers, as the original's libprocess sends them: each is one HTTP POST to
/// `/<process id>/<message name>` with a binary protobuf body. Replies never come back on the same
/// connection; whoever answers sends a message of its own to the address in `Libprocess-From`.
///
/// Incoming connections share the server's port. [io.meseta.libprocess.Doorkeeper] looks at the
/// first request of each: one that is a message moves its connection to a small codec in the same
/// event loop, any other leaves it to HTTP.
@NullMarked
package io.meseta.libprocess;

import org.jspecify.annotations.NullMarked;
