// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.recovery;

import com.google.protobuf.ByteString;

/// One change on the disk. Folders are made as needed.
///
/// `durable` writes survive a crash of the host. The others survive only the agent, which is all
/// that tasks need: after a crash of the host they are gone, and the master asks about those that
/// the agent does not list.
public sealed interface Write {
  /// Replaces a file as a whole: a reader sees the old or the new content.
  record Put(String path, ByteString content, boolean durable) implements Write {}

  /// Adds one record with its length (32 bits, little-endian) in front.
  record Append(String path, ByteString record) implements Write {}

  /// Makes `path` a symbolic link to `target`, replacing an older one.
  record Link(String path, String target) implements Write {}

  /// Makes a folder.
  record Folder(String path) implements Write {}

  /// Puts a folder with all below it somewhere else on the same disk; nothing happens when it is
  /// not there.
  record Move(String path, String target) implements Write {}

  /// Removes what is in a folder, but not the folder.
  record Empty(String path) implements Write {}

  /// Removes a file or a link, if it is there.
  record Remove(String path) implements Write {}
}
