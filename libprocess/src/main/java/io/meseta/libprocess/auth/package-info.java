// SPDX-License-Identifier: Apache-2.0

/// CRAM-MD5 between libprocess peers: agents and drivers prove to the master who they are. The
/// mechanism itself is the JDK's SASL. Original: src/authentication/cram_md5.
@NullMarked
package io.meseta.libprocess.auth;

import org.jspecify.annotations.NullMarked;
