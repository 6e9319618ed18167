// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.auth;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.model.acls.Acls;
import io.meseta.model.acls.Action;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.Resource;
import java.util.Optional;

/// Whether an agent may bring what it has. Its static reservations are its principal's doing.
/// Original: src/master/authorization.cpp, ActionObject::agentRegistration.
public final class Admission {
  private Admission() {}

  /// @param name of the message, one of the two that register
  /// @return whether the agent may register
  public static boolean permits(Acls acls, Optional<String> principal, String name, byte[] body)
      throws InvalidProtocolBufferException {
    if (acls.isEmpty()) {
      return true;
    }
    var agent =
        name.endsWith(".RegisterSlaveMessage")
            ? RegisterSlaveMessage.parseFrom(body).getSlave()
            : ReregisterSlaveMessage.parseFrom(body).getSlave();
    return acls.permits(principal, Action.REGISTER_AGENT, Optional.empty())
        && agent.getResourcesList().stream()
            .map(Admission::role)
            .allMatch(role ->
                role.equals("*") || acls.permits(principal, Action.RESERVE_RESOURCES, role));
  }

  @SuppressWarnings("deprecation") // the form that agents send
  private static String role(Resource resource) {
    int count = resource.getReservationsCount();
    return count > 0 ? resource.getReservations(count - 1).getRole() : resource.getRole();
  }
}
