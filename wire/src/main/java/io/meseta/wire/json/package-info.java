// SPDX-License-Identifier: Apache-2.0

/// JSON as Mesos clients read and write it. This is not protobuf's own JSON mapping: keys are the
/// names of the `.proto` file, 64-bit integers are numbers, explicit defaults are written, and
/// unknown keys are ignored on input.
@NullMarked
package io.meseta.wire.json;

import org.jspecify.annotations.NullMarked;
