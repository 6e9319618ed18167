// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.meseta.testkit.Covers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The consoles in a real browser, on a live cluster. Pictures are left in target/screens.
@Tag("slow")
@Timeout(180)
class ConsoleTest {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final LocatorAssertions.IsVisibleOptions PATIENT =
      new LocatorAssertions.IsVisibleOptions().setTimeout(30_000);

  @TempDir static Path dir;
  private static Local local;
  private static Playwright playwright;
  private static Browser browser;
  private final List<String> errors = new ArrayList<>();
  private Page page;

  @BeforeAll
  static void start() throws InterruptedException {
    Assumptions.assumeTrue(Files.isExecutable(CHROMIUM), "needs Debian's chromium");
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));
    local = Local.start(dir, "--resources", "cpus:8;mem:8192;disk:8192");
  }

  @AfterAll
  static void stop() {
    if (local != null) {
      local.close();
    }
    if (playwright != null) {
      playwright.close();
    }
  }

  @BeforeEach
  void open() {
    page = browser.newPage(new Browser.NewPageOptions().setViewportSize(1280, 900));
    page.onPageError(errors::add);
    page.setDefaultTimeout(15_000);
  }

  @AfterEach
  void close() {
    page.context().close();
    assertThat(errors).isEmpty();
  }

  private void picture(String name) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(Path.of("target/screens", name + ".png"))
            .setFullPage(true));
  }

  private Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private Locator anchor(String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private Locator text(String text) {
    return page.getByText(text, new Page.GetByTextOptions().setExact(true)).first();
  }

  /// Nothing sticks out to the right of a narrow screen.
  private void fits400Pixels(String name) {
    page.setViewportSize(400, 800);
    picture(name);
    assertThat(
            (Boolean)
                page.evaluate(
                    "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
        .as(name + " at 400 pixels")
        .isTrue();
    page.setViewportSize(1280, 900);
  }

  /// No table is wider than its place, so nothing in it has to be scrolled to.
  private void nothingIsCut(int width) {
    page.setViewportSize(width, 800);
    assertThat(
            page.evaluate(
                "[...document.querySelectorAll('.table')].filter(t => t.scrollWidth > t.clientWidth).length"))
        .as("tables that are cut at " + width + " pixels")
        .isEqualTo(0);
    page.setViewportSize(1280, 900);
  }

  @Test
  @Covers("M-UI-06")
  void anApplicationThatCannotRunSaysWhy() throws Exception {
    Http.send(
        "POST",
        local.marathon("/v2/apps"),
        "{\"id\":\"/console/image\",\"cpus\":0.1,\"mem\":16,\"backoffSeconds\":120,"
            + "\"container\":{\"type\":\"DOCKER\",\"docker\":{\"image\":\"nginx:1\"}}}");
    page.navigate(local.marathon("/ui/"));
    assertThat(page.getByText("Agent localhost runs no Docker containers").first())
        .isVisible(PATIENT);
    assertThat(text("delayed")).isVisible();
    assertThat(page.getByText("Meseta 0.1.0")).isVisible();
    nothingIsCut(400);
    nothingIsCut(600);
    page.navigate(local.master("/"));
    assertThat(text("Sandbox")).isVisible(PATIENT);
    assertThat(page.getByText("speaks as Mesos").first()).isVisible();
    nothingIsCut(400);
    nothingIsCut(600);
    picture("master-why");
    Http.send("DELETE", local.marathon("/v2/apps//console/image?force=true"), "");
  }

  @Test
  @Covers({"UI01", "UI02", "UI04", "UI05"})
  void theMastersConsoleLeadsFromTheClusterToATasksOutput() throws Exception {
    Http.send(
        "POST",
        local.marathon("/v2/apps"),
        "{\"id\":\"/console/printer\",\"cmd\":\"n=0; while true; do n=$((n+1)); echo line $n; sleep 0.3; done\",\"cpus\":0.1,\"mem\":16}");
    local.awaitRunning("/console/printer", 1);
    page.navigate(local.master("/"));
    assertThat(text("agent")).isVisible(PATIENT);
    assertThat(page.getByRole(AriaRole.PROGRESSBAR, new Page.GetByRoleOptions().setName("CPUs")))
        .isVisible();
    picture("master-overview");
    fits400Pixels("master-overview-narrow");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Agents").setExact(true))
        .click();
    page.getByText("localhost:" + local.agentPort).first().click();
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("localhost")))
        .isVisible(PATIENT);
    picture("master-agent");
    fits400Pixels("master-agent-narrow");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Frameworks").setExact(true))
        .click();
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("marathon").setExact(true))
        .click();
    page.getByRole(
            AriaRole.LINK, new Page.GetByRoleOptions().setName("printer.console").setExact(true))
        .click();
    assertThat(anchor("stdout")).isVisible(PATIENT);
    picture("master-task");
    // The file's end follows its growth.
    anchor("stdout").click();
    assertThat(page.locator(".log")).containsText("line 3");
    var before = page.locator(".log").textContent().length();
    page.waitForCondition(() -> page.locator(".log").textContent().length() > before + 20);
    picture("master-tail");
    var download =
        page.waitForDownload(() ->
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Download")).click());
    assertThat(Files.readString(download.path())).contains("line 1\n", "line 2\n");
    Http.send("DELETE", local.marathon("/v2/apps//console/printer"), "");
    page.navigate(local.master("/#/roles"));
    assertThat(
            page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Roles in use")))
        .isVisible(PATIENT);
    page.navigate(local.master("/#/nosuch"));
    assertThat(text("There is no such page")).isVisible(PATIENT);
  }

  @Test
  @Covers("UI06")
  void theMastersConsoleShowsOffersQuotaAndMaintenance() throws Exception {
    Http.send(
        "POST",
        local.master("/maintenance/schedule"),
        "{\"windows\":[{\"machine_ids\":[{\"hostname\":\"node-a\"}],\"unavailability\":"
            + "{\"start\":{\"nanoseconds\":4102444800000000000},"
            + "\"duration\":{\"nanoseconds\":7200000000000}}}]}");
    Http.send(
        "POST",
        local.master("/api/v1"),
        "{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":[{\"role\":\"dev\","
            + "\"limits\":{\"cpus\":{\"value\":4}}}]}}");
    try {
      page.navigate(local.master("/#/roles"));
      assertThat(text("4 cpu")).isVisible(PATIENT);
      anchor("Maintenance").click();
      assertThat(text("node-a")).isVisible(PATIENT);
      assertThat(text("2 h 0 min")).isVisible();
      assertThat(text("No agent is drained")).isVisible();
      picture("master-maintenance");
      fits400Pixels("master-maintenance-narrow");
      anchor("Offers").click();
      assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Offers")))
          .hasCount(2, new LocatorAssertions.HasCountOptions().setTimeout(30_000));
      picture("master-offers");
      anchor("Frameworks").click();
      anchor("marathon").click();
      assertThat(page.getByText("Offers of each agent").first()).isVisible(PATIENT);
      assertThat(page.getByText("localhost:" + local.agentPort).first()).isVisible(PATIENT);
      picture("master-framework");
      fits400Pixels("master-framework-narrow");
    } finally {
      Http.send("POST", local.master("/maintenance/schedule"), "{}");
    }
  }

  @Test
  void marathonsConsoleCreatesScalesChangesAndDestroys() throws Exception {
    page.navigate(local.marathon("/ui/"));
    button("Create application").first().click();
    page.getByLabel("Id").fill("console/web");
    page.getByLabel("Command").fill("sleep 1000");
    picture("marathon-create");
    fits400Pixels("marathon-create-narrow");
    button("JSON").click();
    assertThat(page.getByLabel("Definition as JSON"))
        .hasValue(java.util.regex.Pattern.compile("\"id\": \"/console/web\""));
    button("Form").click();
    button("Create").click();
    assertThat(
            page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("/console/web")))
        .isVisible(PATIENT);
    assertThat(page.locator(".badge.good").first()).isVisible(PATIENT);
    local.awaitRunning("/console/web", 1);
    button("Scale").click();
    page.getByLabel("Instances").fill("3");
    page.getByRole(AriaRole.DIALOG)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Scale"))
        .click();
    local.awaitRunning("/console/web", 3);
    assertThat(page.getByText("3 running of 3").first()).isVisible(PATIENT);
    picture("marathon-app");
    fits400Pixels("marathon-app-narrow");
    button("Configuration").click();
    assertThat(page.locator(".json")).containsText("\"cmd\": \"sleep 1000\"");
    button("Versions").click();
    assertThat(page.getByText("current").first()).isVisible(PATIENT);
    var tasks = local.awaitRunning("/console/web", 3);
    button("Restart").click();
    page.getByRole(AriaRole.DIALOG)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Restart"))
        .click();
    Http.await(
        "three others",
        Duration.ofSeconds(60),
        () -> local.awaitRunning("/console/web", 3).stream().noneMatch(tasks::contains));
    // A mistake is answered with the server's own words.
    page.navigate(local.marathon("/ui/"));
    button("Create application").first().click();
    page.getByLabel("Id").fill("/Not_Valid");
    page.getByLabel("Command").fill("true");
    button("Create").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("/id");
    picture("marathon-error");
    page.keyboard().press("Escape");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Deployments")).click();
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Deployments")))
        .isVisible(PATIENT);
    picture("marathon-deployments");
    page.navigate(local.marathon("/ui/#/apps/console/web"));
    button("Destroy").click();
    page.getByRole(AriaRole.DIALOG)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Destroy"))
        .click();
    Http.await(
        "it is gone",
        Duration.ofSeconds(60),
        () -> Http.send("GET", local.marathon("/v2/apps//console/web"), "").statusCode() == 404);
  }

  @Test
  @Covers({"C-UI-01", "C-UI-02", "C-UI-03", "C-UI-04", "C-UI-05", "C-UI-06"})
  void chronosConsoleAddsRunsEditsAndDeletesJobs() throws Exception {
    page.navigate(local.chronos("/"));
    assertThat(text("No job yet")).isVisible(PATIENT);
    picture("chronos-empty");
    button("Add scheduled job").first().click();
    page.getByLabel("Name").fill("not valid");
    assertThat(page.getByText("Letters, digits")).isVisible();
    page.getByLabel("Name").fill("nightly");
    page.getByLabel("Command").fill("echo night");
    page.getByLabel("Time zone").fill("Europe/Vienna");
    picture("chronos-add");
    button("Add job").click();
    assertThat(anchor("nightly")).isVisible(PATIENT);
    button("Add dependent job").first().click();
    page.getByLabel("Name").fill("after");
    page.getByLabel("Command").fill("echo after");
    page.getByLabel("Runs after").selectOption("nightly");
    button("Add job").click();
    assertThat(anchor("after")).isVisible(PATIENT);
    page.locator("tr", new Page.LocatorOptions().setHasText("nightly"))
        .first()
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Run"))
        .click();
    Http.await(
        "both ran",
        Duration.ofSeconds(60),
        () ->
            Http.json(local.chronos("/v1/scheduler/job/nightly")).get("successCount").intValue()
                    == 1
                && Http.json(local.chronos("/v1/scheduler/job/after"))
                        .get("successCount")
                        .intValue()
                    == 1);
    assertThat(page.locator(".badge.good").first()).isVisible(PATIENT);
    picture("chronos-jobs");
    fits400Pixels("chronos-jobs-narrow");
    anchor("nightly").click();
    assertThat(text("echo night")).isVisible(PATIENT);
    assertThat(page.getByText("in the median")).isVisible();
    picture("chronos-job");
    fits400Pixels("chronos-job-narrow");
    anchor("Jobs").first().click();
    var row = page.locator("tr", new Page.LocatorOptions().setHas(anchor("after"))).first();
    row.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Edit")).click();
    var editor = page.getByLabel("Job as JSON");
    editor.fill(editor.inputValue().replace("echo after", "echo changed"));
    button("Save").click();
    Http.await(
        "it is saved",
        Duration.ofSeconds(20),
        () ->
            Http.send("GET", local.chronos("/v1/scheduler/job/after"), "")
                .body()
                .contains("echo changed"));
    assertThat(Http.json(local.chronos("/v1/scheduler/job/after")).get("successCount").intValue())
        .isEqualTo(1);
    for (var job : new String[] {"after", "nightly"}) {
      page.locator("tr", new Page.LocatorOptions().setHas(anchor(job)))
          .first()
          .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Delete"))
          .click();
      page.getByRole(AriaRole.DIALOG)
          .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Delete"))
          .click();
      assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
    }
    assertThat(text("No job yet")).isVisible(PATIENT);
  }

  @Test
  void jobsSayWhyTheyFailedOrWaitAndThatTheyAreOver() throws Exception {
    for (var job :
        new String[] {
          "{\"name\":\"over\",\"command\":\"true\",\"schedule\":\"R1//PT1H\"}",
          "{\"name\":\"broken\",\"command\":\"exit 3\",\"retries\":0,\"schedule\":\"R//PT1H\"}",
          "{\"name\":\"huge\",\"command\":\"true\",\"cpus\":100,\"schedule\":\"R//PT1H\"}"
        }) {
      assertThat(Http.send("POST", local.chronos("/v1/scheduler/iso8601"), job).statusCode())
          .isEqualTo(204);
    }
    try {
      page.navigate(local.chronos("/"));
      assertThat(text("finished")).isVisible(PATIENT);
      assertThat(page.getByText("Failed: Command exited with status 3").first()).isVisible(PATIENT);
      assertThat(page.getByText("Waiting for an offer with cpus:100").first()).isVisible(PATIENT);
      picture("chronos-reasons");
      fits400Pixels("chronos-reasons-narrow");
      anchor("broken").click();
      assertThat(
              page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Last failure")))
          .isVisible(PATIENT);
      assertThat(text("TASK_FAILED")).isVisible();
      picture("chronos-broken");
    } finally {
      for (var job : new String[] {"over", "broken", "huge"}) {
        Http.send("DELETE", local.chronos("/v1/scheduler/job/" + job), "");
      }
    }
  }

  @Test
  void aDeploymentThatIsStuckSaysWhy() throws Exception {
    Http.send(
        "POST",
        local.marathon("/v2/apps"),
        "{\"id\":\"/stuck\",\"cmd\":\"sleep 1000\",\"cpus\":100,\"mem\":16,\"instances\":2}");
    try {
      page.navigate(local.marathon("/ui/#/deployments"));
      assertThat(page.getByText("0 of 2 ready")).isVisible(PATIENT);
      assertThat(page.getByText("No offer fits: insufficient cpus")).isVisible(PATIENT);
      picture("marathon-stuck");
      fits400Pixels("marathon-stuck-narrow");
    } finally {
      Http.send("DELETE", local.marathon("/v2/apps//stuck?force=true"), "");
    }
  }

  @Test
  void darkColoursAreForThoseWhoWantThem() {
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    page.navigate(local.master("/"));
    assertThat(text("agent")).isVisible(PATIENT);
    picture("master-dark");
    assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(14, 18, 26)");
    page.getByLabel("Colours: auto").click();
    page.waitForCondition(() ->
        page.evaluate("getComputedStyle(document.body).backgroundColor")
            .equals("rgb(246, 247, 249)"));
  }

  /// A refresh changes numbers, not places.
  @Test
  void aRefreshMovesNothing() {
    page.navigate(local.master("/"));
    assertThat(text("agent")).isVisible(PATIENT);
    page.waitForTimeout(500);
    page.evaluate(
        "() => { window.shift = 0; new PerformanceObserver(l => l.getEntries().forEach(e => { window.shift += e.value })).observe({type: 'layout-shift'}) }");
    page.waitForTimeout(5000);
    assertThat(((Number) page.evaluate("window.shift")).doubleValue()).isLessThan(0.01);
  }
}
