// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer;

import io.meseta.agent.containerizer.fetcher.FetcherConfig;
import java.nio.file.Path;
import java.util.List;

/// The flags of the containerizer.
///
/// @param runtimeFolder holds the shims' files; need not survive a restart of the host
/// @param workDir of the agent; tells it from others that are given the same runtimeFolder
/// @param switchUser run commands as their own user (needs root)
/// @param isolation names of isolators, in order
/// @param preferScript use the shell shim although the binary was built
public record ContainerizerConfig(
    Path runtimeFolder,
    Path workDir,
    boolean switchUser,
    List<String> isolation,
    boolean preferScript,
    FetcherConfig fetcher) {}
