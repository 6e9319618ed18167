// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.wire.Upid;
import io.meseta.wire.v1.Address;
import io.meseta.wire.v1.MasterInfo;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// Who this master is, as agents, schedulers and ZooKeeper are told.
record Identity(MasterInfo info, Upid pid) {
  /// The release that we speak like.
  static final String VERSION = "1.12.0";

  /// @param listensOn the address of this host, or 0.0.0.0 for all
  static Identity of(MasterFlags flags, String listensOn, int boundPort, String id) {
    try {
      var ip = advertisedIp(flags, listensOn);
      int port = flags.advertisePort().orElse(boundPort);
      var hostname = flags.hostname().orElse("");
      if (hostname.isEmpty()) {
        hostname = flags.hostnameLookup() ? InetAddress.getByName(ip).getCanonicalHostName() : ip;
      }
      var pid = new Upid("master", ip, port);
      var info =
          MasterInfo.newBuilder()
              .setId(id)
              .setIp(networkOrder(ip))
              .setPort(port)
              .setPid(pid.toString())
              .setHostname(hostname)
              .setVersion(VERSION)
              .setAddress(Address.newBuilder().setHostname(hostname).setIp(ip).setPort(port))
              .addCapabilities(capability(MasterInfo.Capability.Type.AGENT_UPDATE))
              .addCapabilities(capability(MasterInfo.Capability.Type.AGENT_DRAINING))
              .addCapabilities(capability(MasterInfo.Capability.Type.QUOTA_V2));
      flags.domain().map(CoreConfig::domain).ifPresent(info::setDomain);
      return new Identity(info.build(), pid);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "--ip: cannot find the address of this host (" + e.getMessage() + "); give --ip", e);
    }
  }

  private static String advertisedIp(MasterFlags flags, String listensOn)
      throws UnknownHostException {
    if (flags.advertiseIp().isPresent()) {
      try {
        return InetAddress.getByName(flags.advertiseIp().get()).getHostAddress();
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(
            "--advertise_ip: " + flags.advertiseIp().get() + ": expected an address, as 10.0.0.1",
            e);
      }
    }
    return listensOn.equals("0.0.0.0")
        ? InetAddress.getLocalHost().getHostAddress()
        : InetAddress.getByName(listensOn).getHostAddress();
  }

  private static MasterInfo.Capability capability(MasterInfo.Capability.Type type) {
    return MasterInfo.Capability.newBuilder().setType(type).build();
  }

  /// The four bytes of the address as the original reads them: 127.0.0.1 is 16777343.
  private static int networkOrder(String ip) throws UnknownHostException {
    var bytes = InetAddress.getByName(ip).getAddress();
    return (bytes[0] & 0xff)
        | (bytes[1] & 0xff) << 8
        | (bytes[2] & 0xff) << 16
        | (bytes[3] & 0xff) << 24;
  }
}
