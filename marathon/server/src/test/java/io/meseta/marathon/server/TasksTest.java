// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TasksTest extends MarathonTest {
  private static Map<String, String> environment(TaskInfo task) {
    var environment = new TreeMap<String, String>();
    task.getCommand()
        .getEnvironment()
        .getVariablesList()
        .forEach(each -> environment.put(each.getName(), each.getValue()));
    return environment;
  }

  @Test
  @Covers({"M-TSK-01", "M-TSK-04", "M-TSK-05", "M-TSK-06", "M-APP-15", "M-SCH-16"})
  void showsTasks() throws Exception {
    start();
    run("{\"id\":\"/shop/db\",\"cmd\":\"sleep 1\",\"portDefinitions\":[{\"port\":10999}]}");
    var task = get("/v2/tasks").json().at("/tasks/0");
    assertThat(task.get("id").stringValue())
        .matches(
            "shop_db\\.instance-[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f-]{17}\\._app\\.1");
    assertThat(cluster.launched.getFirst().getName()).isEqualTo("db.shop");
    assertThat(task.get("appId").stringValue()).isEqualTo("/shop/db");
    assertThat(task.get("host").stringValue()).isEqualTo("127.0.0.1");
    assertThat(task.get("slaveId").stringValue()).isEqualTo("A1");
    assertThat(task.get("state").stringValue()).isEqualTo("TASK_RUNNING");
    assertThat(task.at("/ports/0").asInt()).isBetween(31_000, 31_099);
    assertThat(task.at("/servicePorts/0").asInt()).isEqualTo(10_999);
    assertThat(task.at("/ipAddresses/0/ipAddress").stringValue()).isEqualTo("127.0.0.1");
    assertThat(task.get("version"))
        .isEqualTo(app("/shop/db").at("/versionInfo/lastConfigChangeAt"));
    assertThat(task.has("stagedAt") && task.has("startedAt") && task.has("localVolumes")).isTrue();
    assertThat(get("/v2/tasks?status=staging").json().get("tasks").isEmpty()).isTrue();
    assertThat(get("/v2/tasks?status[]=running").json().get("tasks").size()).isEqualTo(1);
    assertThat(get("/v2/apps/shop/db/tasks").json().get("tasks").size()).isEqualTo(1);
    assertThat(get("/v2/apps/shop/*/tasks").json().get("tasks").size()).isEqualTo(1);
    assertThat(get("/v2/tasks", "Accept", "text/plain").status()).isEqualTo(406);

    var subscribe = cluster.calls.getFirst().getSubscribe().getFrameworkInfo();
    assertThat(subscribe.getFailoverTimeout()).isEqualTo(604_800);
    assertThat(subscribe.getCheckpoint()).isTrue();
    assertThat(subscribe.getCapabilitiesList().toString())
        .contains("MULTI_ROLE", "PARTITION_AWARE", "TASK_KILLING_STATE", "REGION_AWARE");
  }

  @Test
  @Covers({
    "M-NET-01",
    "M-NET-02",
    "M-NET-07",
    "M-NET-08",
    "M-NET-09",
    "M-NET-10",
    "M-AD-04",
    "M-AD-06",
    "M-AD-16",
    "M-AD-22"
  })
  void launchesWithEnvironmentPortsAndSettings() throws Exception {
    start();
    run(
        "{\"id\":\"/e/x\",\"cmd\":\"./serve\",\"cpus\":0.5,\"mem\":64,\"user\":\"nobody\","
            + "\"env\":{\"HOST\":\"mine\",\"COLOUR\":\"green\"},\"labels\":{\"my-label\":\"v\"},"
            + "\"fetch\":[{\"uri\":\"http://f/a.tgz\",\"destPath\":\"b\"}],"
            + "\"taskKillGracePeriodSeconds\":7,\"resourceLimits\":{\"cpus\":\"unlimited\",\"mem\":96},"
            + "\"requirePorts\":true,"
            + "\"portDefinitions\":[{\"port\":31005,\"name\":\"http-api\",\"labels\":{\"VIP_0\":\"x:1\"}},"
            + "{\"port\":0,\"protocol\":\"udp,tcp\"}]}");
    var task = cluster.launched.getFirst();
    var environment = environment(task);
    assertThat(environment)
        .containsEntry("HOST", "mine")
        .containsEntry("COLOUR", "green")
        .containsEntry("PORT", "31005")
        .containsEntry("PORT0", "31005")
        .containsEntry("PORT_31005", "31005")
        .containsEntry("PORT_HTTP_API", "31005")
        .containsEntry("MARATHON_APP_ID", "/e/x")
        .containsEntry("MARATHON_APP_VERSION", app("/e/x").get("version").stringValue())
        .containsEntry("MARATHON_APP_RESOURCE_CPUS", "0.5")
        .containsEntry("MARATHON_APP_RESOURCE_MEM", "64.0")
        .containsEntry("MARATHON_APP_RESOURCE_GPUS", "0")
        .containsEntry("MARATHON_APP_LABELS", "MY_LABEL")
        .containsEntry("MARATHON_APP_LABEL_MY_LABEL", "v")
        .containsEntry("MARATHON_APP_ENFORCE_GROUP_ROLE", "FALSE")
        .containsEntry("MESOS_TASK_ID", task.getTaskId().getValue())
        .doesNotContainKey("MARATHON_APP_DOCKER_IMAGE");
    assertThat(environment.get("PORTS")).isEqualTo("31005," + environment.get("PORT1"));
    assertThat(task.getCommand().getValue()).isEqualTo("./serve");
    assertThat(task.getCommand().getShell()).isTrue();
    assertThat(task.getCommand().getUser()).isEqualTo("nobody");
    assertThat(task.getCommand().getUris(0).getOutputFile()).isEqualTo("b");
    assertThat(task.getKillPolicy().getGracePeriod().getNanoseconds()).isEqualTo(7_000_000_000L);
    assertThat(task.getLimitsOrThrow("cpus").getValue()).isInfinite();
    assertThat(task.getLimitsOrThrow("mem").getValue()).isEqualTo(96);
    var ports = task.getDiscovery().getPorts();
    assertThat(task.getDiscovery().getName()).isEqualTo("x.e");
    assertThat(ports.getPortsCount()).isEqualTo(3);
    assertThat(ports.getPorts(0).getLabels().toString()).contains("VIP_0", "network-scope", "host");
    assertThat(ports.getPorts(1).getProtocol()).isEqualTo("udp");
  }

  @Test
  @Covers({"M-AD-07", "M-NET-04", "M-NET-05", "M-AD-23", "M-AD-27", "M-HLT-01", "M-VOL-01"})
  void launchesContainers() throws Exception {
    start();
    run(
        "{\"id\":\"d\",\"container\":{\"type\":\"DOCKER\",\"docker\":{\"image\":\"nginx\","
            + "\"parameters\":[{\"key\":\"a\",\"value\":\"b\"}]},"
            + "\"volumes\":[{\"containerPath\":\"/c\",\"hostPath\":\"/h\",\"mode\":\"RO\"}],"
            + "\"portMappings\":[{\"containerPort\":80,\"hostPort\":0,\"protocol\":\"tcp\"}]},"
            + "\"networks\":[{\"mode\":\"container/bridge\"}],"
            + "\"healthChecks\":[{\"protocol\":\"COMMAND\",\"command\":{\"value\":\"true\"}}]}"
                .replace(
                    "\"healthChecks\":[{\"protocol\":\"COMMAND\",\"command\":{\"value\":\"true\"}}]",
                    "\"labels\":{}"));
    var docker = cluster.launched.get(0);
    assertThat(docker.getContainer().getType()).isEqualTo(ContainerInfo.Type.DOCKER);
    assertThat(docker.getContainer().getDocker().getNetwork())
        .isEqualTo(ContainerInfo.DockerInfo.Network.BRIDGE);
    assertThat(docker.getContainer().getDocker().getParametersList().toString())
        .contains("MESOS_TASK_ID=" + docker.getTaskId().getValue());
    var mapping = docker.getContainer().getDocker().getPortMappings(0);
    assertThat(mapping.getContainerPort()).isEqualTo(80);
    assertThat(mapping.getHostPort()).isBetween(31_000, 31_099);
    assertThat(docker.getContainer().getVolumes(0).getHostPath()).isEqualTo("/h");
    assertThat(docker.getCommand().getShell()).isFalse();
    assertThat(environment(docker))
        .containsEntry("MARATHON_APP_DOCKER_IMAGE", "nginx")
        .containsEntry("PORT_80", Integer.toString(mapping.getHostPort()));

    post(
        "/v2/apps",
        "{\"id\":\"m\",\"cmd\":\"run it\",\"tty\":true,"
            + "\"container\":{\"type\":\"MESOS\",\"docker\":{\"image\":\"busybox\",\"forcePullImage\":true},"
            + "\"portMappings\":[{\"containerPort\":8080}]},"
            + "\"networks\":[{\"mode\":\"container\",\"name\":\"net1\"}],"
            + "\"healthChecks\":[{\"protocol\":\"MESOS_HTTP\",\"path\":\"/ok\",\"portIndex\":0,\"delaySeconds\":2}]}");
    until("the second task", () -> cluster.launched.size() == 2);
    var mesos = cluster.launched.get(1);
    assertThat(mesos.getContainer().getType()).isEqualTo(ContainerInfo.Type.MESOS);
    assertThat(mesos.getContainer().getMesos().getImage().getDocker().getName())
        .isEqualTo("busybox");
    assertThat(mesos.getContainer().getMesos().getImage().getCached()).isFalse();
    assertThat(mesos.getContainer().hasTtyInfo()).isTrue();
    assertThat(mesos.getContainer().getNetworkInfos(0).getName()).isEqualTo("net1");
    assertThat(mesos.getHealthCheck().getType()).isEqualTo(HealthCheck.Type.HTTP);
    assertThat(mesos.getHealthCheck().getHttp().getPort()).isEqualTo(8080);
    assertThat(mesos.getHealthCheck().getDelaySeconds()).isEqualTo(2);
    assertThat(mesos.getDiscovery().getPorts().getPorts(0).getNumber()).isEqualTo(8080);
    assertThat(mesos.getDiscovery().getPorts().getPorts(0).getLabels().toString())
        .contains("container", "net1");
    // A check of the agent decides about health.
    assertThat(get("/v2/deployments").json().size()).isEqualTo(1);
    until("running", () -> app("/m").get("tasksRunning").asInt() == 1);
    cluster.health(mesos.getTaskId().getValue(), true);
    settled();
    assertThat(app("/m").get("tasksHealthy").asInt()).isEqualTo(1);
  }

  @Test
  @Covers({"M-APP-16", "M-APP-17", "M-APP-18", "M-TSK-02", "M-TSK-03"})
  void killsTasks() throws Exception {
    start();
    run("{\"id\":\"k\",\"cmd\":\"sleep 1\",\"instances\":3}");
    var ids = taskIds("/k");
    var one = delete("/v2/apps/k/tasks/" + ids.get(0));
    assertThat(one.json().at("/task/id").stringValue()).isEqualTo(ids.get(0));
    var next = ids.get(0).replaceAll("\\.1$", ".2");
    until("the next attempt", () -> taskIds("/k").contains(next));
    assertThat(app("/k").get("instances").asInt()).isEqualTo(3);
    assertThat(delete("/v2/apps/k/tasks/nope.instance-1._app.1").status()).isEqualTo(404);

    var wiped = delete("/v2/apps/k/tasks/" + ids.get(1) + "?wipe=true");
    assertThat(wiped.status()).isEqualTo(200);
    var instance = ids.get(1).substring(0, ids.get(1).indexOf("._app"));
    until(
        "another instance",
        () ->
            taskIds("/k").size() == 3
                && taskIds("/k").stream().noneMatch(id -> id.startsWith(instance)));

    var scaled = delete("/v2/apps/k/tasks/" + ids.get(2) + "?scale=true");
    assertThat(scaled.json().has("deploymentId")).isTrue();
    settled();
    assertThat(app("/k").get("instances").asInt()).isEqualTo(2);
    assertThat(taskIds("/k")).hasSize(2).doesNotContain(ids.get(2));
    assertThat(delete("/v2/apps/k/tasks?scale=true&wipe=true").status()).isEqualTo(400);
    assertThat(delete("/v2/apps/k/tasks?host=elsewhere").json().get("tasks").isEmpty()).isTrue();
    assertThat(delete("/v2/apps/k/tasks?host=127.0.0.1").json().get("tasks").size()).isEqualTo(2);

    run("{\"id\":\"l\",\"cmd\":\"sleep 1\"}");
    until("both again", () -> taskIds("/k").size() == 2);
    var both = List.of(taskIds("/k").get(0), taskIds("/l").get(0));
    var killed =
        post(
            "/v2/tasks/delete",
            "{\"ids\":[\"" + both.get(0) + "\",\"" + both.get(1) + "\",\"x.instance-1._app.1\"]}");
    assertThat(killed.json().get("tasks").size()).isEqualTo(2);
    var wrong = post("/v2/tasks/delete", "{\"ids\":[\"x\"]}");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.text()).contains("x");
    assertThat(post("/v2/tasks/delete", "{}").status()).isEqualTo(422);
  }

  @Test
  @Covers({"M-APP-21", "M-SEM-12", "M-SCH-13", "M-SCH-14", "M-QUE-01", "M-QUE-02", "M-QUE-06"})
  void delaysWhatFailsAndShowsWhy() throws Exception {
    start();
    cluster.behaviour = task -> TaskState.TASK_FAILED;
    post("/v2/apps", "{\"id\":\"f\",\"cmd\":\"false\",\"backoffSeconds\":60}");
    until("one failure", () -> app("/f").has("lastTaskFailure"));
    var failure = app("/f").get("lastTaskFailure");
    assertThat(failure.get("state").stringValue()).isEqualTo("TASK_FAILED");
    assertThat(failure.get("message").stringValue()).isEqualTo("as told");
    assertThat(failure.get("slaveId").stringValue()).isEqualTo("A1");

    var entry = get("/v2/queue").json().at("/queue/0");
    assertThat(entry.get("count").asInt()).isEqualTo(1);
    assertThat(entry.at("/delay/overdue").asBoolean()).isFalse();
    assertThat(entry.at("/delay/timeLeftSeconds").asInt()).isBetween(50, 60);
    assertThat(entry.at("/app/id").stringValue()).isEqualTo("/f");
    assertThat(entry.get("lastTaskFailure")).isEqualTo(failure);
    assertThat(cluster.launched).hasSize(1);

    cluster.behaviour = task -> TaskState.TASK_RUNNING;
    assertThat(delete("/v2/queue/f/delay").status()).isEqualTo(204);
    settled();
    assertThat(cluster.launched).hasSize(2);
    assertThat(delete("/v2/queue/f/delay").status()).isEqualTo(404);

    cluster.update(taskIds("/f").getFirst(), TaskState.TASK_FINISHED, "");
    until("in the queue again", () -> !get("/v2/queue").json().get("queue").isEmpty());
    assertThat(app("/f").at("/lastTaskFailure/state").stringValue()).isEqualTo("TASK_FAILED");
  }

  @Test
  @Covers({"M-QUE-01", "M-QUE-02", "M-QUE-03", "M-QUE-04", "M-QUE-05"})
  void saysWhyOffersDoNotFit() throws Exception {
    start();
    post("/v2/apps", "{\"id\":\"big\",\"cmd\":\"sleep 1\",\"cpus\":1000,\"instances\":2}");
    until(
        "an offer was tried",
        () ->
            get("/v2/queue")
                    .json()
                    .at("/queue/0/processedOffersSummary/processedOffersCount")
                    .asInt()
                > 0);
    var entry = get("/v2/queue?embed=lastUnusedOffers").json().at("/queue/0");
    assertThat(entry.get("count").asInt()).isEqualTo(2);
    assertThat(entry.at("/delay/overdue").asBoolean()).isTrue();
    var summary = entry.get("processedOffersSummary");
    assertThat(summary.get("unusedOffersCount").asInt()).isPositive();
    assertThat(summary.has("lastUnusedOfferAt")).isTrue();
    var funnel = summary.get("rejectSummaryLastOffers");
    assertThat(funnel.size()).isEqualTo(10);
    assertThat(funnel.at("/4").toString())
        .isEqualTo("{\"reason\":\"InsufficientCpus\",\"declined\":1,\"processed\":1}");
    assertThat(funnel.at("/5/processed").asInt()).isZero();
    assertThat(entry.at("/lastUnusedOffers/0/reason/0").stringValue())
        .isEqualTo("InsufficientCpus");
    assertThat(entry.at("/lastUnusedOffers/0/offer/hostname").stringValue()).isEqualTo("127.0.0.1");
  }

  @Test
  @Covers({
    "M-SCH-01",
    "M-SCH-02",
    "M-SCH-03",
    "M-SCH-04",
    "M-SCH-05",
    "M-SCH-06",
    "M-SCH-07",
    "M-AD-09"
  })
  void keepsToConstraints() throws Exception {
    start(
        new FakeCluster(
            new FakeCluster.Agent("A1", "h1", 8, Map.of("rack", "r1", "v", "2.0")),
            new FakeCluster.Agent("A2", "h2", 8, Map.of("rack", "r2")),
            new FakeCluster.Agent("A3", "h3", 8, Map.of("rack", "r3"))));
    assertThat(hosts("u", 3, "[\"hostname\",\"UNIQUE\"]")).containsOnlyKeys("h1", "h2", "h3");
    assertThat(hosts("c", 3, "[\"rack\",\"CLUSTER\",\"r2\"]")).containsOnlyKeys("h2");
    assertThat(hosts("cc", 3, "[\"rack\",\"CLUSTER\"]")).hasSize(1);
    assertThat(hosts("g", 10, "[\"rack\",\"GROUP_BY\",\"3\"]").values())
        .containsExactlyInAnyOrder(4, 3, 3);
    assertThat(hosts("gg", 6, "[\"rack\",\"GROUP_BY\"]").values()).containsExactly(2, 2, 2);
    assertThat(hosts("l", 2, "[\"rack\",\"LIKE\",\"r[13]\"]").keySet()).isSubsetOf("h1", "h3");
    assertThat(hosts("ul", 2, "[\"rack\",\"UNLIKE\",\"r[13]\"]")).containsOnlyKeys("h2");
    assertThat(hosts("nu", 1, "[\"none\",\"UNLIKE\",\"x\"]")).hasSize(1);
    assertThat(hosts("m", 6, "[\"hostname\",\"MAX_PER\",\"2\"]").values()).containsExactly(2, 2, 2);
    assertThat(hosts("i", 2, "[\"v\",\"IS\",\"2\"]")).containsOnlyKeys("h1");
    post(
        "/v2/apps",
        "{\"id\":\"w\",\"cmd\":\"sleep 1\",\"cpus\":0.01,\"mem\":1,\"instances\":4,"
            + "\"constraints\":[[\"hostname\",\"UNIQUE\"]]}");
    until("three run", () -> app("/w").get("tasksRunning").asInt() == 3);
    until(
        "the fourth waits",
        () ->
            get("/v2/queue")
                    .json()
                    .at("/queue/0/processedOffersSummary/rejectSummaryLastOffers/1/declined")
                    .asInt()
                == 3);
  }

  private TreeMap<String, Integer> hosts(String id, int instances, String constraint) {
    run(
        "{\"id\":\""
            + id
            + "\",\"cmd\":\"sleep 1\",\"cpus\":0.01,\"mem\":1,\"instances\":"
            + instances
            + ",\"constraints\":["
            + constraint
            + "]}");
    var hosts = new TreeMap<String, Integer>();
    app("/" + id)
        .get("tasks")
        .forEach(task -> hosts.merge(task.get("host").stringValue(), 1, Integer::sum));
    return hosts;
  }

  @Test
  @Covers({"M-SCH-15", "M-SEM-13", "M-AD-15"})
  void suppressesWhenIdleAndReplacesUnreachableInstances() throws Exception {
    start();
    until(
        "suppressed",
        () -> cluster.calls.stream().anyMatch(call -> call.getType() == Call.Type.SUPPRESS));
    run("{\"id\":\"u\",\"cmd\":\"sleep 1\",\"instances\":12,\"cpus\":0.1}");
    assertThat(
            cluster.calls.stream()
                .filter(call -> call.getType() == Call.Type.ACCEPT)
                .allMatch(
                    call -> call.getAccept().getOperations(0).getLaunch().getTaskInfosCount() <= 5))
        .isTrue();
    var lost = taskIds("/u").getFirst();
    cluster.update(lost, TaskState.TASK_UNREACHABLE, "");
    until("replaced", () -> taskIds("/u").size() == 12 && !taskIds("/u").contains(lost));
    // The lost one comes back and is not wanted any more.
    cluster.update(lost, TaskState.TASK_RUNNING, "");
    until(
        "killed",
        () ->
            cluster.calls.stream()
                .anyMatch(call -> call.getKill().getTaskId().getValue().equals(lost)));
  }

  @Test
  @Covers({"M-SCH-10", "M-SCH-11", "M-SCH-12"})
  void avoidsFarAgentsMaintenanceAndScarceResources() throws Exception {
    start();
    cluster.offerEdit = offer -> offer.setDomain(region("far"));
    post("/v2/apps", "{\"id\":\"near\",\"cmd\":\"sleep 1\"}");
    until("refused", () -> declined("/near", "UnfulfilledConstraint"));
    post(
        "/v2/apps",
        "{\"id\":\"any\",\"cmd\":\"sleep 1\",\"constraints\":[[\"@region\",\"LIKE\",\".*\"]]}");
    until("runs far away", () -> app("/any").get("tasksRunning").asInt() == 1);
    assertThat(app("/any").at("/tasks/0/region").stringValue()).isEqualTo("far");

    var nanos = java.time.Instant.now().getEpochSecond() * 1_000_000_000L;
    cluster.offerEdit =
        offer ->
            offer.setUnavailability(
                io.meseta.wire.v1.Unavailability.newBuilder()
                    .setStart(io.meseta.wire.v1.TimeInfo.newBuilder().setNanoseconds(nanos)));
    post("/v2/apps", "{\"id\":\"m\",\"cmd\":\"sleep 1\"}");
    until("refused", () -> declined("/m", "AgentMaintenance"));
    cluster.offerEdit =
        offer ->
            offer.addResources(
                io.meseta.wire.v1.Resource.newBuilder()
                    .setName("gpus")
                    .setType(io.meseta.wire.v1.Value.Type.SCALAR)
                    .setScalar(io.meseta.wire.v1.Value.Scalar.newBuilder().setValue(1)));
    post("/v2/apps", "{\"id\":\"g\",\"cmd\":\"sleep 1\"}");
    until("refused", () -> declined("/g", "DeclinedScarceResources"));
  }

  private static io.meseta.wire.v1.DomainInfo region(String name) {
    return io.meseta.wire.v1.DomainInfo.newBuilder()
        .setFaultDomain(
            io.meseta.wire.v1.DomainInfo.FaultDomain.newBuilder()
                .setRegion(
                    io.meseta.wire.v1.DomainInfo.FaultDomain.RegionInfo.newBuilder().setName(name))
                .setZone(
                    io.meseta.wire.v1.DomainInfo.FaultDomain.ZoneInfo.newBuilder().setName("z")))
        .build();
  }

  private boolean declined(String id, String reason) {
    for (var entry : get("/v2/queue").json().get("queue")) {
      if (entry.at("/app/id").stringValue().equals(id)) {
        for (var each : entry.at("/processedOffersSummary/rejectSummaryLastOffers")) {
          if (each.get("reason").stringValue().equals(reason)) {
            return each.get("declined").asInt() > 0;
          }
        }
      }
    }
    return false;
  }

  @Test
  @Covers({"M-NET-11", "M-NET-05", "M-AD-08"})
  void takesTheLegacyAddressPerTask() throws Exception {
    start("--default_network_name=net0");
    post(
        "/v2/apps",
        "{\"id\":\"ip\",\"cmd\":\"sleep 1\",\"instances\":0,\"ipAddress\":{\"labels\":{\"a\":\"b\"},"
            + "\"discovery\":{\"ports\":[{\"number\":80,\"name\":\"http\",\"protocol\":\"tcp\"}]}}}");
    var app = app("/ip");
    assertThat(app.has("ipAddress")).isFalse();
    assertThat(app.get("networks").toString())
        .isEqualTo("[{\"name\":\"net0\",\"mode\":\"container\",\"labels\":{\"a\":\"b\"}}]");
    assertThat(app.at("/container/type").stringValue()).isEqualTo("MESOS");
    assertThat(app.at("/container/portMappings/0/containerPort").asInt()).isEqualTo(80);
    assertThat(app.at("/container/portMappings/0").has("hostPort")).isFalse();
  }
}
