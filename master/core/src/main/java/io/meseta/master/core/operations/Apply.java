// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.offers.Budget;
import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.ResourceVersionUUID;
import io.meseta.wire.v1.AgentInfo.Capability;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Applies one operation: in the books of the master and its allocator at once, on the agent by
/// message. Original: src/master/master.cpp, Master::_accept and Master::_apply;
/// src/master/http.cpp, Master::Http::_operation.
public final class Apply {
  private final Master master;

  public Apply(Master master) {
    this.master = master;
  }

  /// An operation of an ACCEPT, on what is left of its offers.
  ///
  /// @throws Invalid when it must not be applied, saying why
  public void on(Framework framework, Agent agent, String role, Operation given, Budget budget)
      throws Invalid {
    var operation = OperationWire.normalize(given, role);
    if (master.operations.full(agent)) {
      throw new Invalid(
          "Agent " + agent.id() + " has too many operations whose answers are not acknowledged");
    }
    if (operation.hasId()) {
      checkFeedback(framework, agent, operation);
    }
    try {
      OperationRules.check(
          operation,
          agent,
          framework,
          framework.info().hasPrincipal() ? framework.info().getPrincipal() : null);
    } catch (Invalid e) {
      throw new Invalid(e.reason() + "; on agent " + agent);
    }
    var conversion = Conversion.of(operation);
    if (operation.getType() == Operation.Type.DESTROY) {
      for (var offer : List.copyOf(agent.offers())) {
        if (conversion.unallocate().consumed().items().stream()
            .anyMatch(offer.resources().unallocate()::contains)) {
          master.offers.rescind(offer);
        }
      }
    }
    boolean resize =
        operation.getType() == Operation.Type.GROW_VOLUME
            || operation.getType() == Operation.Type.SHRINK_VOLUME;
    conversion.unallocate().apply(agent.total());
    budget.convert(operation.getType().name(), conversion, resize);
    master.allocator.convert(
        framework.id(), agent.id(), conversion.consumed(), conversion.converted());
    send(agent, framework, operation, conversion.unallocate());
  }

  private void checkFeedback(Framework framework, Agent agent, Operation operation) throws Invalid {
    if (!agent.has(Capability.Type.RESOURCE_PROVIDER)) {
      throw new Invalid(
          "Operation requested feedback, but agent "
              + agent.id()
              + " does not have the required RESOURCE_PROVIDER capability");
    }
    if (!agent.has(Capability.Type.AGENT_OPERATION_FEEDBACK)) {
      throw new Invalid(
          "Operation on agent default resources requested feedback, but agent "
              + agent.id()
              + " does not have the required AGENT_OPERATION_FEEDBACK and RESOURCE_PROVIDER"
              + " capabilities");
    }
    var id = operation.getId().getValue();
    if (master.operations.named(framework.id(), id).isPresent()) {
      throw new Invalid("Operation ID '" + id + "' is in use by an operation of this framework");
    }
  }

  /// How an operator's call ends.
  @FunctionalInterface
  public interface Answer {
    void give(int status, String message);
  }

  /// An operator's operation, on what nobody holds: offers are taken back as far as needed.
  ///
  /// @param principal who asks; null when nobody had to say
  public void on(String agentId, Operation given, @Nullable String principal, Answer answer) {
    var agent = master.agents.get(agentId).orElse(null);
    if (agent == null) {
      answer.give(400, "No agent found with specified ID");
      return;
    }
    Operation operation;
    Conversion conversion;
    try {
      operation = OperationWire.normalize(given, null);
    } catch (Invalid e) {
      answer.give(400, "Invalid resources: " + e.reason());
      return;
    }
    try {
      OperationRules.check(operation, agent, null, principal);
      conversion = Conversion.of(operation);
    } catch (Invalid e) {
      answer.give(
          400,
          "Invalid " + operation.getType() + " operation on agent " + agent + ": " + e.reason());
      return;
    }
    if (!conversion.equals(conversion.unallocate())) {
      answer.give(
          400,
          "Invalid "
              + operation.getType()
              + " operation on agent "
              + agent
              + ": resources of operators' operations must not be allocated");
      return;
    }
    try {
      conversion.apply(agent.total());
      if (master.operations.full(agent)) {
        throw new Invalid("too many operations of the agent are not acknowledged");
      }
      if (!makeFree(agent, conversion)) {
        throw new Invalid(
            master.allocator.free(agentId) + " does not contain " + conversion.consumed());
      }
    } catch (Invalid e) {
      answer.give(409, "Invalid " + operation.getType() + " Operation: " + e.reason());
      return;
    }
    send(agent, null, operation, conversion);
    answer.give(202, "");
  }

  /// Takes offers back, one at a time, until what is consumed is free.
  private boolean makeFree(Agent agent, Conversion conversion) {
    var consumed = conversion.consumed();
    if (!consumed.shared().isEmpty()) {
      for (var offer : List.copyOf(agent.offers())) {
        var shared = offer.resources().unallocate().shared();
        if (consumed.items().stream().anyMatch(shared::contains)) {
          master.offers.rescind(offer);
        }
      }
    }
    for (var offer : List.copyOf(agent.offers())) {
      if (master.allocator.convertFree(agent.id(), consumed, conversion.converted())) {
        return true;
      }
      var offered = offer.resources().unallocate();
      var missing = consumed.minusAvailable(master.allocator.free(agent.id()));
      if (!missing.minusAvailable(offered).equals(missing)) {
        master.offers.rescind(offer);
      }
    }
    return master.allocator.convertFree(agent.id(), consumed, conversion.converted());
  }

  private void send(
      Agent agent, @Nullable Framework framework, Operation operation, Conversion conversion) {
    try {
      agent.setTotal(conversion.apply(agent.total()));
    } catch (Invalid e) {
      throw new IllegalStateException("an operation that was checked: " + e.reason(), e);
    }
    if (!agent.has(Capability.Type.RESOURCE_PROVIDER)) {
      master.operations.tellWhatToKeep(agent);
      return;
    }
    var uuid = master.operations.newUuid();
    var status =
        OperationStatus.newBuilder()
            .setState(OperationState.OPERATION_PENDING)
            .setAgentId(agent.info().getId());
    if (operation.hasId()) {
      status.setOperationId(operation.getId());
    }
    var tracked =
        io.meseta.wire.v1.Operation.newBuilder()
            .setAgentId(agent.info().getId())
            .setInfo(operation)
            .setLatestStatus(status)
            .setUuid(uuid);
    var message =
        ApplyOperationMessage.newBuilder()
            .setOperationInfo(operation)
            .setOperationUuid(uuid)
            .setResourceVersionUuid(
                agent.resourceVersions().stream()
                    .findFirst()
                    .orElse(ResourceVersionUUID.newBuilder().setUuid(uuid).build()));
    if (framework != null) {
      tracked.setFrameworkId(framework.info().getId());
      message.setFrameworkId(framework.info().getId());
    }
    var unused = master.operations.add(tracked.build(), true);
    master.out.note(
        "operation "
            + operation.getType()
            + " of "
            + (framework == null ? "an operator" : "framework " + framework.id())
            + " on agent "
            + agent.id()
            + ": "
            + conversion.consumed()
            + " becomes "
            + conversion.converted());
    master.out.send(agent.pid(), message.build());
  }
}
