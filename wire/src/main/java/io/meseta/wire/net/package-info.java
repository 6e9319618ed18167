// SPDX-License-Identifier: Apache-2.0

/// What goes wrong between hosts, said in words for whoever has to mend it.
@NullMarked
package io.meseta.wire.net;

import org.jspecify.annotations.NullMarked;
