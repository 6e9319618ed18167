// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import io.meseta.wire.Upid;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// A network inside one process, for tens of thousands of emulated agents: messages between its
/// members are encoded as ever but touch no socket.
///
/// A message is delivered on its sender's thread, so messages of one sender stay in order.
/// Thread-safe.
public final class LocalNetwork {
  /// A member: takes what is sent to its address.
  @FunctionalInterface
  public interface Member {
    /// @param id of the process at this address that the message is for
    /// @param name the full protobuf name
    void deliver(String id, Upid from, String name, byte[] body);
  }

  private final Map<String, Member> members = new ConcurrentHashMap<>();
  private final Map<String, Set<Link>> links = new ConcurrentHashMap<>();

  private record Link(Upid peer, Consumer<Upid> exited) {}

  /// Lets `member` have the messages to `address` (`ip:port`).
  public void join(String address, Member member) {
    if (members.putIfAbsent(address, member) != null) {
      throw new IllegalStateException(address + " is taken");
    }
  }

  /// Ends a membership; whoever linked the address is told on this thread.
  public void leave(String address) {
    members.remove(address);
    var told = links.remove(address);
    if (told != null) {
      told.forEach(link -> link.exited.accept(link.peer));
    }
  }

  /// Delivers a message; false when `to` is not a member.
  public boolean send(Upid from, Upid to, String name, byte[] body) {
    var member = members.get(to.address());
    if (member == null) {
      return false;
    }
    member.deliver(to.id(), from, name, body);
    return true;
  }

  /// Has `exited` called once when `to` leaves; false when it is not a member.
  public boolean link(Upid to, Consumer<Upid> exited) {
    if (!members.containsKey(to.address())) {
      return false;
    }
    links.compute(
        to.address(),
        (address, known) -> {
          var result = known == null ? new LinkedHashSet<Link>(1) : known;
          result.add(new Link(to, exited));
          return result;
        });
    return true;
  }

  /// Takes back a link; the same callback that was given.
  public void unlink(Upid to, Consumer<Upid> exited) {
    links.computeIfPresent(
        to.address(),
        (address, known) -> {
          known.remove(new Link(to, exited));
          return known.isEmpty() ? null : known;
        });
  }
}
