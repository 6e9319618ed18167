// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.acls;

/// What may be allowed or not. Original: include/mesos/authorizer/acls.proto.
public enum Action {
  REGISTER_FRAMEWORK("register_frameworks", "roles", Kind.ROLE),
  RUN_TASK("run_tasks", "users", Kind.NAME),
  TEARDOWN_FRAMEWORK("teardown_frameworks", "framework_principals", Kind.NAME),
  RESERVE_RESOURCES("reserve_resources", "roles", Kind.ROLE),
  UNRESERVE_RESOURCES("unreserve_resources", "reserver_principals", Kind.NAME),
  CREATE_VOLUME("create_volumes", "roles", Kind.ROLE),
  DESTROY_VOLUME("destroy_volumes", "creator_principals", Kind.NAME),
  RESIZE_VOLUME("resize_volumes", "roles", Kind.ROLE),
  GET_QUOTA("get_quotas", "roles", Kind.ROLE),
  UPDATE_QUOTA("update_quotas", "roles", Kind.ROLE),
  VIEW_ROLE("view_roles", "roles", Kind.ROLE),
  UPDATE_WEIGHT("update_weights", "roles", Kind.ROLE),
  GET_ENDPOINT("get_endpoints", "paths", Kind.NAME),
  VIEW_FRAMEWORK("view_frameworks", "users", Kind.NAME),
  VIEW_TASK("view_tasks", "users", Kind.NAME),
  VIEW_EXECUTOR("view_executors", "users", Kind.NAME),
  ACCESS_SANDBOX("access_sandboxes", "users", Kind.NAME),
  ACCESS_MESOS_LOG("access_mesos_logs", "logs", Kind.ANY),
  VIEW_FLAGS("view_flags", "flags", Kind.ANY),
  LAUNCH_NESTED_CONTAINER_AS_USER("launch_nested_containers_as_user", "users", Kind.NAME),
  LAUNCH_NESTED_CONTAINER_UNDER_PARENT(
      "launch_nested_containers_under_parent_with_user", "users", Kind.NAME),
  KILL_NESTED_CONTAINER("kill_nested_containers", "users", Kind.NAME),
  WAIT_NESTED_CONTAINER("wait_nested_containers", "users", Kind.NAME),
  LAUNCH_NESTED_CONTAINER_SESSION_AS_USER(
      "launch_nested_container_sessions_as_user", "users", Kind.NAME),
  LAUNCH_NESTED_CONTAINER_SESSION_UNDER_PARENT(
      "launch_nested_container_sessions_under_parent_with_user", "users", Kind.NAME),
  ATTACH_CONTAINER_INPUT("attach_containers_input", "users", Kind.NAME),
  ATTACH_CONTAINER_OUTPUT("attach_containers_output", "users", Kind.NAME),
  VIEW_CONTAINER("view_containers", "users", Kind.NAME),
  REMOVE_NESTED_CONTAINER("remove_nested_containers", "users", Kind.NAME),
  SET_LOG_LEVEL("set_log_level", "level", Kind.ANY),
  REGISTER_AGENT("register_agents", "agents", Kind.ANY),
  UPDATE_MAINTENANCE_SCHEDULE("update_maintenance_schedules", "machines", Kind.ANY),
  GET_MAINTENANCE_SCHEDULE("get_maintenance_schedules", "machines", Kind.ANY),
  START_MAINTENANCE("start_maintenances", "machines", Kind.ANY),
  STOP_MAINTENANCE("stop_maintenances", "machines", Kind.ANY),
  GET_MAINTENANCE_STATUS("get_maintenance_statuses", "machines", Kind.ANY),
  DRAIN_AGENT("drain_agents", "agents", Kind.ANY),
  DEACTIVATE_AGENT("deactivate_agents", "agents", Kind.ANY),
  REACTIVATE_AGENT("reactivate_agents", "agents", Kind.ANY),
  MARK_AGENT_GONE("mark_agents_gone", "agents", Kind.ANY),
  LAUNCH_STANDALONE_CONTAINER("launch_standalone_containers", "users", Kind.ANY),
  KILL_STANDALONE_CONTAINER("kill_standalone_containers", "users", Kind.ANY),
  WAIT_STANDALONE_CONTAINER("wait_standalone_containers", "users", Kind.ANY),
  REMOVE_STANDALONE_CONTAINER("remove_standalone_containers", "users", Kind.ANY),
  VIEW_STANDALONE_CONTAINER("view_standalone_containers", "users", Kind.ANY),
  MODIFY_RESOURCE_PROVIDER_CONFIG(
      "modify_resource_provider_configs", "resource_providers", Kind.ANY),
  MARK_RESOURCE_PROVIDER_GONE("mark_resource_providers_gone", "resource_providers", Kind.ANY),
  VIEW_RESOURCE_PROVIDER("view_resource_providers", "resource_providers", Kind.ANY),
  PRUNE_IMAGES("prune_images", "images", Kind.ANY),
  CREATE_BLOCK_DISK("create_block_disks", "roles", Kind.ROLE),
  DESTROY_BLOCK_DISK("destroy_block_disks", "roles", Kind.ROLE),
  CREATE_MOUNT_DISK("create_mount_disks", "roles", Kind.ROLE),
  DESTROY_MOUNT_DISK("destroy_mount_disks", "roles", Kind.ROLE),
  DESTROY_RAW_DISK("destroy_raw_disks", "roles", Kind.ROLE);

  /// What an action's object is.
  enum Kind {
    /// A name that is the same or not.
    NAME,
    /// A role: `a/%` in a rule stands for all roles below `a`.
    ROLE,
    /// Nothing in particular: rules say ANY or NONE.
    ANY
  }

  final String key;
  final String objects;
  final Kind kind;

  Action(String key, String objects, Kind kind) {
    this.key = key;
    this.objects = objects;
    this.kind = kind;
  }

  /// The action's name in rules, such as `run_tasks`.
  public String key() {
    return key;
  }
}
