// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.auth;

import java.util.Optional;
import java.util.Set;

/// Which endpoints need which authentication, by the paths they are registered under. What is not
/// named here is read-only and needs a name when that is asked for. Original:
/// src/master/constants.hpp and Master::initialize.
public final class Realms {
  static final String READONLY = "mesos-master-readonly";
  static final String READWRITE = "mesos-master-readwrite";
  static final String SCHEDULER = "mesos-master-scheduler";

  /// The console's files, and what tells nothing of the cluster.
  private static final Set<String> PUBLIC = Set.of("/", "/lib", "/health", "/version", "/help");

  private static final Set<String> CHANGING =
      Set.of(
          "/api/v1",
          "/create-volumes",
          "/destroy-volumes",
          "/reserve",
          "/unreserve",
          "/teardown",
          "/weights",
          "/quota",
          "/machine/up",
          "/machine/down",
          "/maintenance/schedule",
          "/logging/toggle");

  private final boolean readonly;
  private final boolean readwrite;
  private final boolean frameworks;

  /// @param readonly whether to ask for a name there, and so on
  public Realms(boolean readonly, boolean readwrite, boolean frameworks) {
    this.readonly = readonly;
    this.readwrite = readwrite;
    this.frameworks = frameworks;
  }

  /// The realm of an endpoint that needs a name.
  public Optional<String> of(String route) {
    if (PUBLIC.contains(route)) {
      return Optional.empty();
    }
    if (route.equals("/api/v1/scheduler")) {
      return frameworks ? Optional.of(SCHEDULER) : Optional.empty();
    }
    if (CHANGING.contains(route)) {
      return readwrite ? Optional.of(READWRITE) : Optional.empty();
    }
    return readonly ? Optional.of(READONLY) : Optional.empty();
  }
}
