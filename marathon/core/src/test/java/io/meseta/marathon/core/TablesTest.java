// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.loop.Ids;
import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.AppPath;
import io.meseta.marathon.core.apps.Definitions;
import io.meseta.marathon.core.apps.LabelSelector;
import io.meseta.marathon.core.apps.RejectedException;
import io.meseta.marathon.core.apps.Settings;
import io.meseta.marathon.core.deployments.Rolling;
import io.meseta.marathon.core.instances.Instances;
import io.meseta.marathon.core.instances.TimeUuids;
import io.meseta.marathon.core.json.Docs;
import io.meseta.marathon.core.queue.Delays;
import io.meseta.testkit.Covers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TablesTest {
  private static final Instant NOW = Instant.parse("2024-05-01T10:00:00Z");

  static JsonNode json(String text) {
    return Docs.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static App app(String text) {
    return App.created(
        Definitions.create(json(text), "/", "*", Set.of("*"), Settings.defaults()), NOW);
  }

  private static Rolling rolling(double min, double over, int running) {
    var spec =
        app("{'id':'a','cmd':'ls -l','instances':4,'upgradeStrategy':{'minimumHealthCapacity':"
                + min
                + ",'maximumOverCapacity':"
                + over
                + "}}")
            .spec();
    return Rolling.begin(spec, running, running, running, 0);
  }

  @Test
  @Covers("M-SEM-03")
  void replacesByTheOriginalsArithmetic() {
    assertThat(rolling(1, 1, 4)).isEqualTo(new Rolling(4, 8, 4, 0));
    assertThat(rolling(1, 0, 4)).isEqualTo(new Rolling(4, 5, 4, 0)); // one more, or nothing moves
    assertThat(rolling(0.5, 0, 4)).isEqualTo(new Rolling(2, 4, 2, 0));
    assertThat(rolling(0, 0, 4)).isEqualTo(new Rolling(0, 4, 0, 0));
    assertThat(rolling(0.3, 0.3, 4)).isEqualTo(new Rolling(2, 5, 2, 0)); // ceil 1.2, floor 5.2
    assertThat(rolling(1, 0, 3)).isEqualTo(new Rolling(4, 4, 3, 0)); // there is room already
    var whole = rolling(1, 1, 4);
    assertThat(whole.surplus(4, 4, 0, 4)).isZero();
    assertThat(whole.surplus(4, 4, 3, 4)).isEqualTo(3);
    assertThat(whole.surplus(1, 1, 3, 4)).isZero();
    assertThat(whole.surplus(1, 0, 4, 4)).isEqualTo(1);
    // Two old ones ended by themselves: what is healthy beyond need may go.
    assertThat(new Rolling(4, 8, 9, 0).surplus(5, 5, 3, 4)).isEqualTo(4);
  }

  @Test
  @Covers("M-APP-03")
  void selectsByLabels() {
    var labels = Map.of("a", "1", "with space", "x,y");
    for (var matching :
        new String[] {
          "a", "a==1", "a!=2", "a in (1,2)", "a notin (2, 3)", "a==1, a!=3", "with\\ space==x\\,y"
        }) {
      assertThat(LabelSelector.parse(matching).matches(labels)).as(matching).isTrue();
    }
    for (var other : new String[] {"b", "a==2", "a!=1", "b!=1", "b notin (1)", "a==1,b"}) {
      assertThat(LabelSelector.parse(other).matches(labels)).as(other).isFalse();
    }
    for (var wrong : new String[] {"", "a=", "a in 1", "a in (1", "a==1 b", "=="}) {
      assertThatThrownBy(() -> LabelSelector.parse(wrong))
          .as(wrong)
          .isInstanceOf(RejectedException.class);
    }
  }

  @Test
  @Covers({"M-SCH-13", "M-SCH-14"})
  void delaysGrowAndAreForgotten() {
    var app =
        app(
            "{'id':'a','cmd':'ls -l','backoffSeconds':2,'backoffFactor':3,'maxLaunchDelaySeconds':10}");
    var delays = new Delays();
    assertThat(delays.left(app, NOW)).isZero();
    delays.failed(app, NOW);
    assertThat(delays.left(app, NOW)).isEqualTo(Duration.ofSeconds(2));
    delays.failed(app, NOW.plusSeconds(2));
    assertThat(delays.left(app, NOW.plusSeconds(2))).isEqualTo(Duration.ofSeconds(6));
    delays.failed(app, NOW.plusSeconds(8));
    assertThat(delays.left(app, NOW.plusSeconds(8))).isEqualTo(Duration.ofSeconds(10));
    var scaled = app.scaled(5, NOW.plusSeconds(9));
    assertThat(delays.left(scaled, NOW.plusSeconds(9))).isEqualTo(Duration.ofSeconds(9));
    assertThat(delays.left(app.restarted(NOW.plusSeconds(9)), NOW.plusSeconds(9))).isZero();
    delays.failed(app, NOW.plusSeconds(29)); // quiet for longer than the longest delay
    assertThat(delays.left(app, NOW.plusSeconds(29))).isEqualTo(Duration.ofSeconds(2));
    delays.reset("/a");
    assertThat(delays.left(app, NOW.plusSeconds(29))).isZero();
  }

  @Test
  @Covers("M-HTTP-13")
  void pathsAreResolved() {
    assertThat(AppPath.absolute("/a//b/", "/")).isEqualTo("/a/b");
    assertThat(AppPath.absolute("../c", "/a/b")).isEqualTo("/a/c");
    assertThat(AppPath.absolute("c", "/a/b")).isEqualTo("/a/b/c");
    assertThat(AppPath.absolute("", "/a")).isEqualTo("/a");
    assertThat(AppPath.absolute("../../../x", "/a")).isEqualTo("/x");
    assertThat(AppPath.hostname("/shop/db")).isEqualTo("db.shop");
    assertThat(AppPath.within("/ab/c", "/a")).isFalse();
  }

  @Test
  @Covers({"M-TSK-04", "M-TSK-03"})
  void taskIdsAreReadInOldFormsToo() {
    var id = new TimeUuids(Ids.seeded(1)).next(NOW);
    assertThat(UUID.fromString(id).version()).isEqualTo(1);
    long since1582 = UUID.fromString(id).timestamp();
    assertThat(since1582 / 10_000_000 - 12_219_292_800L).isEqualTo(NOW.getEpochSecond());
    assertThat(Instances.parseTaskId("a_b.instance-" + id + "._app.3"))
        .isEqualTo(new Instances.TaskName("a_b.instance-" + id, 3));
    assertThat(Instances.parseTaskId("a.marathon-" + id)).isNotNull();
    assertThat(Instances.parseTaskId("pod.instance-" + id + ".container.2").attempt()).isEqualTo(2);
    assertThat(Instances.parseTaskId("x")).isNull();
  }

  @Test
  @Covers("M-AD-25")
  void versionsSurviveStoring() {
    var app = app("{'id':'/g/a','cmd':'ls -l','env':{'X':'é'}}").scaled(3, NOW.plusMillis(5));
    var loaded = App.load(app.bytes());
    assertThat(loaded.json()).isEqualTo(App.load(loaded.bytes()).json());
    assertThat(loaded.id()).isEqualTo("/g/a");
    assertThat(loaded.spec()).isEqualTo(app.spec());
    assertThat(loaded.lastConfigChangeAt()).isEqualTo(NOW);
    assertThat(loaded.lastScalingAt()).isEqualTo(NOW.plusMillis(5));
    assertThat(loaded.changed(app.definition(), NOW.plusSeconds(1))).isSameAs(loaded);
  }
}
