// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Master;
import io.meseta.master.core.frameworks.FrameworkRules;
import io.meseta.model.IdRules;
import io.meseta.model.Invalid;
import io.meseta.model.roles.Roles;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskState;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/// What agents may say when they register. Original: src/master/validation.cpp, namespace
/// master::message.
final class AgentRules {
  private static final Pattern VERSION = Pattern.compile("([0-9]+)\\.([0-9]+)\\.([0-9]+).*");

  private static final int MAX_INFO_BYTES = 500_000;

  private AgentRules() {}

  /// An agent whose domain does not fit is not ended: it, or the master, may be started again with
  /// one that does, its tasks untouched.
  static void checkDomain(AgentInfo info, Master master) throws Invalid {
    if (master.config.requireAgentDomain() && !info.hasDomain()) {
      throw new Invalid("it has no --domain, which --require_agent_domain of this master asks for");
    }
    if (info.getDomain().hasFaultDomain() && !master.info.getDomain().hasFaultDomain()) {
      throw new Invalid("it has a --domain, this master has none: near and far would be unknown");
    }
  }

  /// Agents before 1.0.0 speak another language.
  static void checkVersion(String version) throws Invalid {
    var match = VERSION.matcher(version);
    if (!match.matches()) {
      throw new Invalid("cannot read version '" + version + "' (expected: 1.2.3)");
    }
    if (match.group(1).equals("0")) {
      throw new Invalid("version " + version + " is older than 1.0.0");
    }
  }

  /// The description is a record of the registry; one that the store cannot hold would end the
  /// master, and then the next.
  static void checkSize(AgentInfo info) throws Invalid {
    if (info.getSerializedSize() > MAX_INFO_BYTES) {
      throw new Invalid(
          "the agent's description takes "
              + info.getSerializedSize()
              + " bytes (expected: at most "
              + MAX_INFO_BYTES
              + ")");
    }
  }

  static void check(ReregisterSlaveMessage message) throws Invalid {
    checkVersion(message.getVersion());
    checkSize(message.getSlave());
    var idProblem = IdRules.problem(message.getSlave().getId().getValue());
    if (idProblem.isPresent()) {
      throw new Invalid("agent id: " + idProblem.get());
    }
    var frameworks = new HashSet<String>();
    for (var framework : message.getFrameworksList()) {
      if (!framework.hasId() || IdRules.problem(framework.getId().getValue()).isPresent()) {
        throw new Invalid("framework '" + framework.getName() + "' has no valid id");
      }
      for (var role : FrameworkRules.roles(framework)) {
        checkRole(role, "framework " + framework.getId().getValue());
      }
      frameworks.add(framework.getId().getValue());
    }
    var executors = new HashSet<List<String>>();
    for (var executor : message.getExecutorInfosList()) {
      var framework = executor.getFrameworkId().getValue();
      var id = executor.getExecutorId().getValue();
      if (!frameworks.contains(framework)) {
        throw new Invalid("executor '" + id + "' is of unknown framework " + framework);
      }
      if (!executors.add(List.of(framework, id))) {
        throw new Invalid("executor '" + id + "' of framework " + framework + " comes twice");
      }
      checkRoles(executor.getResourcesList(), id);
    }
    var tasks = new HashSet<List<String>>();
    for (var task : message.getTasksList()) {
      var framework = task.getFrameworkId().getValue();
      var id = task.getTaskId().getValue();
      if (!frameworks.contains(framework)) {
        throw new Invalid("task '" + id + "' is of unknown framework " + framework);
      }
      if (!tasks.add(List.of(framework, id))) {
        throw new Invalid("task '" + id + "' of framework " + framework + " comes twice");
      }
      if (!task.getAgentId().equals(message.getSlave().getId())) {
        throw new Invalid("task '" + id + "' is of agent '" + task.getAgentId().getValue() + "'");
      }
      checkRoles(task.getResourcesList(), id);
      if (task.getState() == TaskState.TASK_RUNNING
          && task.hasExecutorId()
          && !executors.contains(List.of(framework, task.getExecutorId().getValue()))) {
        throw new Invalid(
            "task '" + id + "' runs under unknown executor " + task.getExecutorId().getValue());
      }
    }
  }

  /// Roles make the allocator's tree, whoever names them.
  private static void checkRoles(List<Resource> resources, String holder) throws Invalid {
    for (var resource : resources) {
      if (resource.hasAllocationInfo()) {
        checkRole(resource.getAllocationInfo().getRole(), "what '" + holder + "' holds");
      }
    }
  }

  private static void checkRole(String role, String where) throws Invalid {
    var problem = Roles.problem(role);
    if (problem.isPresent()) {
      throw new Invalid("role of " + where + ": " + problem.get());
    }
  }
}
