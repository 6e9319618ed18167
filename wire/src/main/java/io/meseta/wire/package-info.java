// SPDX-License-Identifier: Apache-2.0

/// What goes over the wire: generated protobuf types (`io.meseta.wire.v1`, `.internal`, `.v0`),
/// RecordIO framing, peers' addresses, and in `.json` the JSON form of messages.
@NullMarked
package io.meseta.wire;

import org.jspecify.annotations.NullMarked;
