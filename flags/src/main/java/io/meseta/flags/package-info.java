// SPDX-License-Identifier: Apache-2.0

/// Flags as the original's programs take them: `--name=value`, `--flag`, `--no-flag`, `MESOS_NAME`
/// in the environment, `file://` values. A program's flags are one record; each flag is declared
/// once, with its help.
@NullMarked
package io.meseta.flags;

import org.jspecify.annotations.NullMarked;
