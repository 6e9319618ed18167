// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.isolators;

import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.wire.v1.ResourceStatistics;
import java.io.IOException;

/// One aspect in which containers are kept apart or measured; named in `--isolation`.
public interface Isolator {
  /// As in `--isolation`.
  String name();

  /// Host-side preparation, before the command runs.
  default void prepare(ContainerSpec spec) throws IOException {}

  /// The container's shim and first process exist.
  default void isolate(String id, long shimPid, long pid) throws IOException {}

  /// Adds what this isolator measures.
  default void usage(String id, ResourceStatistics.Builder into) throws IOException {}

  /// Idempotent; also called for containers this isolator never prepared.
  default void cleanup(String id) throws IOException {}
}
