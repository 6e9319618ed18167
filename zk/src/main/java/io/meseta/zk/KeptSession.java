// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/// Keeps a session until ZooKeeper itself says that it expired.
///
/// Its client and Curator give a session up when nothing answered for somewhat longer than one
/// lasts. But an ensemble that was away as a whole keeps its sessions, and a leader that comes back
/// with the same one leads still. So each new connection first asks for the session of the one
/// before; only when that is refused is a new one begun. What a leader does meanwhile is a matter
/// of [Election].
final class KeptSession implements ZookeeperFactory {
  private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private @Nullable ZooKeeper last;
  private AtomicBoolean lastConnected = new AtomicBoolean();
  private long lastBegin;

  @Override
  public synchronized ZooKeeper newZooKeeper(
      String hosts, int timeoutMillis, Watcher watcher, boolean readOnly) throws IOException {
    var before = last;
    long now = System.nanoTime();
    boolean resigned =
        now - lastBegin >= TimeUnit.MILLISECONDS.toNanos(timeoutMillis * 4L / 3) - SLACK_NANOS;
    boolean ask = before != null && before.getSessionId() != 0 && (lastConnected.get() || resigned);
    var connected = new AtomicBoolean();
    Watcher noting =
        event -> {
          if (event.getState() == KeeperState.SyncConnected) {
            connected.set(true);
          }
          watcher.process(event);
        };
    var next =
        before != null && ask
            ? new Patient(
                hosts,
                timeoutMillis,
                noting,
                before.getSessionId(),
                before.getSessionPasswd(),
                readOnly)
            : new Patient(hosts, timeoutMillis, noting, readOnly);
    last = next;
    lastConnected = connected;
    lastBegin = now;
    return next;
  }

  private static final class Patient extends ZooKeeper {
    Patient(String hosts, int timeoutMillis, Watcher watcher, boolean readOnly) throws IOException {
      super(hosts, timeoutMillis, watcher, readOnly);
    }

    Patient(
        String hosts,
        int timeoutMillis,
        Watcher watcher,
        long session,
        byte[] password,
        boolean readOnly)
        throws IOException {
      super(hosts, timeoutMillis, watcher, session, password, readOnly);
    }

    /// What Curator takes for the time after which it gives a connection up; the session's own time
    /// is another. It multiplies this by 100.
    @Override
    public int getSessionTimeout() {
      return Integer.MAX_VALUE / 200;
    }
  }
}
