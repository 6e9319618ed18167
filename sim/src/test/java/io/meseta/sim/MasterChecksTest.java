// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.master.core.Counters;
import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.master.core.view.Standing;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Each check of a leading master finds the state that it is for.
class MasterChecksTest {
  private static Resources cpus(String number) {
    try {
      return ResourceWire.decode(
          ResourceWire.encode(ResourceText.parse("cpus:" + number, "*"), ResourceWire.Format.POST));
    } catch (io.meseta.model.Invalid e) {
      throw new AssertionError(e);
    }
  }

  private static AgentInfo info(String id) {
    return AgentInfo.newBuilder()
        .setHostname("a1")
        .setId(AgentID.newBuilder().setValue(id))
        .build();
  }

  /// An agent of 4 cpus.
  private static AgentView agent(
      String id, boolean connected, List<Resources> used, List<Resources> offered) {
    return new AgentView(
        info(id),
        new Upid("slave(1)", "10.0.1.1", 5051),
        "1.12.0",
        List.of(),
        Instant.EPOCH,
        Optional.empty(),
        cpus("4"),
        Map.of("F", used),
        offered,
        connected,
        connected,
        false,
        Optional.empty(),
        Optional.empty(),
        AgentView.EVERYTHING);
  }

  private static FrameworkView framework(boolean connected, List<Task> tasks, List<Offer> offers) {
    return new FrameworkView(
        FrameworkInfo.newBuilder()
            .setUser("u")
            .setName("f")
            .setId(FrameworkID.newBuilder().setValue("F"))
            .build(),
        Set.of("*"),
        connected,
        connected,
        false,
        Instant.EPOCH,
        Instant.EPOCH,
        Optional.empty(),
        tasks,
        List.of(),
        List.of(),
        List.of(),
        offers,
        OfferConstraints.getDefaultInstance(),
        Set.of(),
        Optional.empty(),
        new Counters());
  }

  private static Offer offer(String agent) {
    return Offer.newBuilder()
        .setId(OfferID.newBuilder().setValue("O"))
        .setFrameworkId(FrameworkID.newBuilder().setValue("F"))
        .setAgentId(AgentID.newBuilder().setValue(agent))
        .setHostname("a1")
        .build();
  }

  private static Task task(String agent) {
    return Task.newBuilder()
        .setName("t")
        .setTaskId(TaskID.newBuilder().setValue("t"))
        .setFrameworkId(FrameworkID.newBuilder().setValue("F"))
        .setAgentId(AgentID.newBuilder().setValue(agent))
        .setState(TaskState.TASK_RUNNING)
        .build();
  }

  private static Standing standing(
      List<AgentView> agents,
      List<AgentInfo> recovered,
      Map<String, Instant> unreachable,
      FrameworkView framework) {
    return new Standing(agents, recovered, unreachable, List.of(framework), Map.of());
  }

  private static MasterChecks.Books books(String free, List<String> wrong) {
    return books(free, "1", wrong);
  }

  private static MasterChecks.Books books(String free, String consumed, List<String> wrong) {
    return new MasterChecks.Books() {
      @Override
      public Resources freeOf(String agentId) {
        return cpus(free);
      }

      @Override
      public Resources unconfirmedOf(String agentId) {
        return Resources.EMPTY;
      }

      @Override
      public Quantities consumed(String role) {
        return cpus(consumed).quantities();
      }

      @Override
      public List<String> audit() {
        return wrong;
      }
    };
  }

  private static void check(String free, Standing standing) {
    new MasterChecks("m1", cpus("4").quantities(), books(free, List.of())).check(standing);
  }

  /// Both by a look at everything and by one at what has changed since all was well.
  private static void isFound(String free, Standing standing, String what) {
    var all = new MasterChecks("m1", cpus("4").quantities(), books(free, List.of()));
    isFound(() -> all.checkAll(standing), what);
    var books = new Changing();
    var changed = new MasterChecks("m1", cpus("4").quantities(), books);
    changed.check(WELL);
    books.now = books(free, List.of());
    isFound(() -> changed.check(standing), what);
  }

  private static void isFound(ThrowingCallable look, String what) {
    assertThatThrownBy(look).isInstanceOf(Broken.class).hasMessageContaining(what);
  }

  /// Books that say another thing from one look to the next.
  private static final class Changing implements MasterChecks.Books {
    private MasterChecks.Books now = books("4", List.of());

    @Override
    public Resources freeOf(String agentId) {
      return now.freeOf(agentId);
    }

    @Override
    public Resources unconfirmedOf(String agentId) {
      return now.unconfirmedOf(agentId);
    }

    @Override
    public Quantities consumed(String role) {
      return now.consumed(role);
    }

    @Override
    public List<String> audit() {
      return now.audit();
    }
  }

  private static final FrameworkView IDLE = framework(true, List.of(), List.of());

  private static final Standing WELL =
      standing(
          List.of(agent("A", true, List.of(), List.of())),
          List.of(),
          Map.of(),
          framework(true, List.of(), List.of()));

  @Test
  void whatIsRightPasses() {
    check(
        "1",
        standing(
            List.of(agent("A", true, List.of(cpus("1"), cpus("1")), List.of(cpus("1")))),
            List.of(info("B")),
            Map.of("C", Instant.EPOCH),
            framework(true, List.of(task("A")), List.of(offer("A")))));
  }

  @Test
  void accountsThatDoNotAddUpAreFound() {
    var full = agent("A", true, List.of(cpus("3")), List.of(cpus("1.5")));
    isFound("0.1", standing(List.of(full), List.of(), Map.of(), IDLE), "holds cpus:4.5");
    var half = agent("A", true, List.of(cpus("2")), List.of());
    isFound("1", standing(List.of(half), List.of(), Map.of(), IDLE), "free");
    isFound("3", standing(List.of(half), List.of(), Map.of(), IDLE), "free");
  }

  @Test
  void whatIsThereMoreOrLessThanWasIsFound() {
    assertThatThrownBy(() ->
            new MasterChecks("m1", cpus("5").quantities(), books("4", List.of()))
                .check(
                    standing(
                        List.of(agent("A", true, List.of(), List.of())),
                        List.of(),
                        Map.of(),
                        IDLE)))
        .isInstanceOf(Broken.class)
        .hasMessageContaining("which is not");
  }

  @Test
  void wrongSumsOfTheAllocatorAreFound() {
    assertThatThrownBy(() ->
            new MasterChecks("m1", cpus("4").quantities(), books("4", List.of("total is 1")))
                .audit())
        .isInstanceOf(Broken.class)
        .hasMessageContaining("total is 1");
  }

  /// A view that should have been made anew and was not: the books alone tell.
  @Test
  void whatChangedWithoutASignIsFoundByTheNextLookAtEverything() {
    var limited = limited(cpus("1").allocate("eng/web"), offer("A"));
    var books = new Changing();
    books.now = books("3", List.of());
    var checks = new MasterChecks("m1", cpus("4").quantities(), books);
    checks.check(limited);
    books.now = books("3", "2", List.of("total is 1"));
    isFound(
        () -> {
          for (int i = 0; i < MasterChecks.ALL; i++) {
            checks.check(limited);
          }
        },
        "but the allocator counts");
  }

  @Test
  void anAgentInThePlaceOfAnotherIsFound() {
    var a = agent("A", true, List.of(), List.of());
    var checks = new MasterChecks("m1", cpus("4").quantities(), books("4", List.of()));
    var b = agent("B", true, List.of(), List.of());
    checks.check(standing(List.of(a, b), List.of(), Map.of(), IDLE));
    isFound(
        () -> checks.check(standing(List.of(a, a), List.of(), Map.of(), IDLE)), "registered twice");
  }

  @Test
  void aQuotaThatIsNewIsLookedAt() {
    var limited = limited(cpus("1").allocate("eng/web"), offer("A"));
    var books = new Changing();
    books.now = books("3", "2", List.of());
    var checks = new MasterChecks("m1", cpus("4").quantities(), books);
    checks.check(
        new Standing(
            limited.agents(),
            limited.recoveredAgents(),
            limited.unreachable(),
            limited.frameworks(),
            Map.of()));
    isFound(() -> checks.check(limited), "but the allocator counts");
  }

  /// The role `eng` may have 1 cpu, which the books say that it has.
  private static Standing limited(Resources used, Offer offer) {
    var standing =
        standing(
            List.of(agent("A", true, List.of(used), List.of())),
            List.of(),
            Map.of(),
            framework(true, List.of(), List.of(offer)));
    var limit =
        QuotaConfig.newBuilder()
            .setRole("eng")
            .putLimits("cpus", Value.Scalar.newBuilder().setValue(0.5).build())
            .build();
    return new Standing(
        standing.agents(),
        standing.recoveredAgents(),
        standing.unreachable(),
        standing.frameworks(),
        Map.of("eng", limit));
  }

  @Test
  void offersBeyondALimitAreFound() {
    var allocation = Resource.AllocationInfo.newBuilder().setRole("eng/web");
    var offer = offer("A").toBuilder().setAllocationInfo(allocation).build();
    var more =
        offer.toBuilder()
            .addResources(
                Resource.newBuilder()
                    .setName("cpus")
                    .setType(Value.Type.SCALAR)
                    .setScalar(Value.Scalar.newBuilder().setValue(1))
                    .setAllocationInfo(allocation))
            .build();
    var used = cpus("1").allocate("eng/web");
    check("3", limited(used, offer));
    isFound("3", limited(used, more), "is offered more than its limit");
    isFound("2", limited(cpus("2").allocate("eng"), offer), "but the allocator counts");
  }

  @Test
  void agentsInTwoStatesAreFound() {
    var agent = agent("A", true, List.of(), List.of());
    isFound("4", standing(List.of(agent, agent), List.of(), Map.of(), IDLE), "registered twice");
    isFound(
        "4",
        standing(List.of(agent), List.of(), Map.of("A", Instant.EPOCH), IDLE),
        "registered and unreachable");
    isFound("4", standing(List.of(agent), List.of(info("A")), Map.of(), IDLE), "in another state");
    isFound(
        "4",
        standing(List.of(), List.of(info("A")), Map.of("A", Instant.EPOCH), IDLE),
        "in another state");
  }

  @Test
  void offersAndTasksOfWhoIsAwayAreFound() {
    var away = agent("A", false, List.of(), List.of(cpus("1")));
    isFound("3", standing(List.of(away), List.of(), Map.of(), IDLE), "disconnected but offered");
    var there = agent("A", true, List.of(), List.of(cpus("1")));
    var gone = framework(false, List.of(), List.of(offer("A")));
    isFound("3", standing(List.of(there), List.of(), Map.of(), gone), "is away but has offers");
    var stale = framework(true, List.of(), List.of(offer("Z")));
    isFound("3", standing(List.of(there), List.of(), Map.of(), stale), "is of a removed agent");
    var orphan = framework(true, List.of(task("Z")), List.of());
    isFound("3", standing(List.of(there), List.of(), Map.of(), orphan), "is on a removed agent");
  }
}
