// SPDX-License-Identifier: Apache-2.0

/// Who may speak to the master: HTTP clients by basic authentication, agents and drivers by
/// CRAM-MD5.
@NullMarked
package io.meseta.master.server.auth;

import org.jspecify.annotations.NullMarked;
