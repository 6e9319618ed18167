// SPDX-License-Identifier: Apache-2.0

/// The tree that holds the apps, with the versions of each app.
@NullMarked
package io.meseta.marathon.core.groups;

import org.jspecify.annotations.NullMarked;
