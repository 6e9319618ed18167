// SPDX-License-Identifier: Apache-2.0

/// Brings the URIs of a command into its sandbox: download, cache, extraction.
@NullMarked
package io.meseta.agent.containerizer.fetcher;

import org.jspecify.annotations.NullMarked;
