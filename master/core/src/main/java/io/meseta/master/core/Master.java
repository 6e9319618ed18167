// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.allocator.Allocator;
import io.meseta.loop.Ids;
import io.meseta.master.core.agents.Agents;
import io.meseta.master.core.frameworks.Frameworks;
import io.meseta.master.core.maintenance.Machines;
import io.meseta.master.core.offers.Offers;
import io.meseta.master.core.operations.Operations;
import io.meseta.master.core.registry.RegistryWriter;
import io.meseta.master.core.roles.Quotas;
import io.meseta.master.core.tasks.Tasks;
import io.meseta.master.core.view.Watchers;
import io.meseta.model.acls.Acls;
import io.meseta.wire.v1.MasterInfo;
import java.time.Instant;

/// What the rooms share: the owners of all state, and the way out. Holds no rules.
public final class Master {
  public final MasterConfig config;
  public final Acls acls;
  public final MasterInfo info;
  public final Ids ids;
  public final Outbox out = new Outbox();
  public final Counters counters = new Counters();
  public final Allocator allocator;
  public final RegistryWriter registry;
  public final Frameworks frameworks;
  public final Agents agents;
  public final Offers offers;
  public final Tasks tasks;
  public final Operations operations;
  public final Quotas quotas;
  public final Machines machines;
  public final Watchers watchers;
  public final Permissions permissions;
  private Instant now = Instant.EPOCH;

  Master(MasterConfig config, Acls acls, MasterInfo info, Ids ids) {
    this.config = config;
    this.acls = acls;
    this.info = info;
    this.ids = ids;
    this.allocator = new Allocator(config.allocator(), ids.random());
    this.registry = new RegistryWriter(out);
    this.frameworks = new Frameworks(this);
    this.agents = new Agents(this);
    this.offers = new Offers(this);
    this.tasks = new Tasks(this);
    this.operations = new Operations(this);
    this.quotas = new Quotas(this);
    this.machines = new Machines(this);
    this.watchers = new Watchers(this);
    this.permissions =
        new Permissions(acls, id -> frameworks.get(id).map(framework -> framework.info()));
  }

  /// When the current event happens.
  public Instant now() {
    return now;
  }

  void setNow(Instant now) {
    this.now = now;
  }
}
