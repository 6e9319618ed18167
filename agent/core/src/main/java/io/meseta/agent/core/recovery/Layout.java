// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.recovery;

/// Where everything lies below the work directory; the tree is the original's
/// (src/slave/paths.hpp).
///
/// ```
/// WORK_DIR
/// |-- meta
/// |   |-- boot_id
/// |   |-- resources/{resources.info, resources_and_operations.state}
/// |   '-- slaves
/// |       |-- latest -> AGENT
/// |       '-- AGENT
/// |           |-- slave.info, drain_config
/// |           '-- frameworks/FRAMEWORK
/// |               |-- framework.info, framework.pid
/// |               '-- executors/EXECUTOR
/// |                   |-- executor.info
/// |                   '-- runs
/// |                       |-- latest -> CONTAINER
/// |                       '-- CONTAINER
/// |                           |-- executor.sentinel                  (over, nothing owed)
/// |                           |-- pids/forked.pid
/// |                           '-- tasks/TASK/{task.info, task.updates}
/// |-- slaves/AGENT/frameworks/FRAMEWORK/executors/EXECUTOR/runs/{latest, CONTAINER}    (sandboxes)
/// '-- volumes/roles/ROLE/VOLUME
/// ```
public record Layout(String workDir) {
  public String meta() {
    return workDir + "/meta";
  }

  public String bootId() {
    return meta() + "/boot_id";
  }

  public String resourcesInfo() {
    return meta() + "/resources/resources.info";
  }

  public String resourceState() {
    return meta() + "/resources/resources_and_operations.state";
  }

  public String metaAgents() {
    return meta() + "/slaves";
  }

  public String latestAgent() {
    return metaAgents() + "/latest";
  }

  public String metaAgent(String agentId) {
    return metaAgents() + "/" + agentId;
  }

  public String agentInfo(String agentId) {
    return metaAgent(agentId) + "/slave.info";
  }

  public String drainConfig(String agentId) {
    return metaAgent(agentId) + "/drain_config";
  }

  public String metaFramework(String agentId, String frameworkId) {
    return metaAgent(agentId) + "/frameworks/" + frameworkId;
  }

  public String metaExecutor(String agentId, String frameworkId, String executorId) {
    return metaFramework(agentId, frameworkId) + "/executors/" + executorId;
  }

  public String metaRun(String agentId, String frameworkId, String executorId, String containerId) {
    return metaExecutor(agentId, frameworkId, executorId) + "/runs/" + containerId;
  }

  public String agents() {
    return workDir + "/slaves";
  }

  public String agent(String agentId) {
    return agents() + "/" + agentId;
  }

  public String framework(String agentId, String frameworkId) {
    return agent(agentId) + "/frameworks/" + frameworkId;
  }

  public String executor(String agentId, String frameworkId, String executorId) {
    return framework(agentId, frameworkId) + "/executors/" + executorId;
  }

  /// The sandbox of an executor's run.
  public String sandbox(String agentId, String frameworkId, String executorId, String containerId) {
    return executor(agentId, frameworkId, executorId) + "/runs/" + containerId;
  }

  /// The link to the sandbox of an executor's newest run.
  public String latestSandbox(String agentId, String frameworkId, String executorId) {
    return executor(agentId, frameworkId, executorId) + "/runs/latest";
  }

  /// A persistent volume of this disk. The slashes of a role become blanks: it is one folder.
  ///
  /// @param root of the disk; "" for the one that the work directory is on
  public String volume(String root, String role, String id) {
    return disk(root) + "/volumes/roles/" + role.replace('/', ' ') + "/" + id;
  }

  /// Where destroyed volumes of a disk go until they are removed.
  public String destroyedVolumes(String root) {
    return disk(root) + "/volumes/destroyed";
  }

  private String disk(String root) {
    return root.isEmpty() ? workDir : root.startsWith("/") ? root : workDir + "/" + root;
  }
}
