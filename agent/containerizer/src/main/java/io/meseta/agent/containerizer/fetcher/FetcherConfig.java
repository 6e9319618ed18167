// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import java.nio.file.Path;
import java.time.Duration;

/// The flags of the fetcher.
///
/// @param cacheFolder of this agent alone; emptied at start
/// @param cacheBytes how much the cache may hold
/// @param stallTimeout a download that brings nothing for so long fails
/// @param frameworksHome where relative paths begin; "" when relative paths are refused
/// @param hadoop the `hadoop` program for other schemes, such as hdfs
/// @param maxBytes what one URI may bring, and what one archive may unpack to
public record FetcherConfig(
    Path cacheFolder,
    long cacheBytes,
    Duration stallTimeout,
    String frameworksHome,
    String hadoop,
    long maxBytes) {}
