// SPDX-License-Identifier: Apache-2.0

/// What roles are promised and allowed: quota.
@NullMarked
package io.meseta.master.core.roles;

import org.jspecify.annotations.NullMarked;
