// SPDX-License-Identifier: Apache-2.0

/// Who may do what: rules as `--acls` gives them, and the one question they answer.
@NullMarked
package io.meseta.model.acls;

import org.jspecify.annotations.NullMarked;
