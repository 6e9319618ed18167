// SPDX-License-Identifier: Apache-2.0

/// Who may speak HTTP to a server: principals with secrets, asked for as the original asks.
@NullMarked
package io.meseta.http.auth;

import org.jspecify.annotations.NullMarked;
