// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import io.meseta.libprocess.Libprocess;
import io.meseta.libprocess.LocalNetwork;
import io.meseta.libprocess.MessageHandler;
import io.meseta.libprocess.MessagePort;
import io.meseta.wire.Upid;
import java.util.function.Consumer;

/// The kinds of [Wire].
final class Wires {
  private Wires() {}

  /// Makes the wire of the agent with this number; messages for it go to the handler.
  @FunctionalInterface
  interface Factory {
    Wire make(int number, MessageHandler handler);
  }

  /// Inside this process. Agent n has the address 10.x.y.z:5051 made of n.
  static Factory local(LocalNetwork network) {
    return (number, handler) -> {
      var ip = "10." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
      var self = new Upid("slave(1)", ip, 5051);
      network.join(self.address(), (id, from, name, body) -> handler.on(from, name, body));
      return new Wire() {
        private Runnable unlink = () -> {};

        @Override
        public Upid self() {
          return self;
        }

        @Override
        public void send(Upid to, String name, byte[] body) {
          network.send(self, to, name, body);
        }

        @Override
        public void link(Upid to, Consumer<Upid> exited) {
          unlink.run();
          if (network.link(to, exited)) {
            unlink = () -> network.unlink(to, exited);
          } else {
            exited.accept(to);
          }
        }

        @Override
        public void close() {
          unlink.run();
          network.leave(self.address());
        }
      };
    };
  }

  /// A port and a connection to the master for every agent.
  static Factory sockets(String ip) {
    return (number, handler) -> {
      var port = MessagePort.open(ip, 0, "slave(1)", handler);
      var libprocess = new Libprocess();
      var self = new Upid("slave(1)", ip, port.port());
      return new Wire() {
        @Override
        public Upid self() {
          return self;
        }

        @Override
        public void send(Upid to, String name, byte[] body) {
          libprocess.send(self, to, name, body);
        }

        @Override
        public void link(Upid to, Consumer<Upid> exited) {
          libprocess.link(to, exited);
        }

        @Override
        public void close() {
          libprocess.close();
          port.close();
        }
      };
    };
  }
}
