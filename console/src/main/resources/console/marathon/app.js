// SPDX-License-Identifier: Apache-2.0
// Marathon's console: applications, one application, deployments. Speaks the public REST API only.
import {
  html, start, ask, send, usePoll, useRoute, useState, link, number, mega, Ago, Shell, Facts, Crumbs, Card, Table, Badge, TaskState, Empty,
  Problem, Loading, Dialog, Confirm, attempt, toast,
} from "./lib/ui.js";
import { Editor } from "./editor.js";

const API = "../v2";
const appUrl = (id) => `${API}/apps/${id}`.replace(/([^:])\/\/+/g, "$1/");
const appLink = (id) => "#/apps" + id.split("/").map(encodeURIComponent).join("/");
const EMBED = "embed=apps.counts&embed=apps.deployments&embed=apps.lastTaskFailure";

/** What an application is doing, in one word and colour. */
export function status(app, queue) {
  const waiting = queue?.find((q) => q.app?.id === app.id);
  if (waiting && !waiting.delay.overdue) return ["warn", "delayed"];
  const long = waiting && Date.now() - Date.parse(waiting.since) > 10000;
  if (app.deployments?.length) return long && app.tasksRunning < app.instances ? ["warn", "waiting"] : ["busy", "deploying"];
  if (app.instances === 0 && app.tasksRunning === 0) return ["", "suspended"];
  if (app.tasksRunning < app.instances) return app.tasksStaged ? ["busy", "starting"] : ["warn", "waiting"];
  if (app.tasksUnhealthy > 0) return ["bad", "unhealthy"];
  return ["good", "running"];
}

const words = (name) => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** Why an application has fewer instances than it should, in a sentence; empty when that is not so. */
export function reason(app, queue, { withFailure = true } = {}) {
  const waiting = queue?.find((q) => q.app?.id === app.id);
  if (!waiting) return app.tasksUnhealthy ? `${app.tasksUnhealthy} of ${app.instances} ${app.instances === 1 ? "instance is" : "instances are"} unhealthy` : "";
  const failure = withFailure && (waiting.lastTaskFailure ?? app.lastTaskFailure);
  const failed = failure && (failure.message || failure.state.replace("TASK_", "").toLowerCase());
  if (!waiting.delay.overdue) return `Next start in ${number(waiting.delay.timeLeftSeconds, 0)} s${failed ? `. Last failure: ${failed}` : ""}`;
  const summary = waiting.processedOffersSummary ?? {};
  const rejects = summary.rejectSummaryLastOffers?.filter((r) => r.declined > 0) ?? [];
  if (rejects.length) return `No offer fits: ${rejects.map((r) => words(r.reason)).join(", ")}`;
  return failed ? `Waits for an offer. Last failure: ${failed}` : summary.processedOffersCount ? "Waits for another offer" : "No offer has come yet";
}

function Health({ app }) {
  const total = Math.max(app.instances, app.tasksRunning + app.tasksStaged, 1);
  const checked = app.healthChecks?.length > 0;
  const healthy = checked ? app.tasksHealthy : 0;
  const unknown = app.tasksRunning - healthy - app.tasksUnhealthy;
  const parts = [["var(--good)", checked ? healthy : app.tasksRunning], ["var(--bad)", app.tasksUnhealthy], ["var(--line-strong)", checked ? unknown : 0], ["var(--accent)", app.tasksStaged]];
  const text = checked ? `${healthy} healthy, ${app.tasksUnhealthy} unhealthy, ${unknown} unknown, ${app.tasksStaged} starting` : `${app.tasksRunning} running without health checks, ${app.tasksStaged} starting`;
  return html`<span class="health" title=${text} role="img" aria-label=${text}>${parts.map(([colour, n]) => html`<i style=${{ width: `${(100 * Math.max(0, n)) / total}%`, background: colour }}></i>`)}</span>`;
}

function Status({ app, queue }) {
  const [kind, text] = status(app, queue);
  return html`<${Badge} kind=${kind} title=${reason(app, queue)}>${text}<//>`;
}

function Apps({ open }) {
  const { data, error, refresh } = usePoll(async () => {
    const [apps, queue] = await Promise.all([ask(`${API}/apps?${EMBED}`), ask(`${API}/queue`).catch(() => ({ queue: [] }))]);
    return { apps: apps.apps, queue: queue.queue };
  }, 2000);
  const create = html`<button class="primary" onClick=${() => open({ kind: "create", done: refresh })}>Create application</button>`;
  const columns = [
    { label: "Application", value: (a) => a.id, wide: true, cell: (a) => { const why = ["delayed", "waiting", "deploying"].includes(status(a, data.queue)[1]) && reason(a, data.queue); return html`<a class="clip" title=${a.id} href=${appLink(a.id)}>${a.id}</a>${why ? html`<div class="why" title=${why}>${why}</div>` : ""}`; } },
    { label: "Status", value: (a) => status(a, data.queue)[1], cell: (a) => html`<${Status} app=${a} queue=${data.queue} />` },
    { label: "Instances", num: true, value: (a) => a.tasksRunning, cell: (a) => `${a.tasksRunning} of ${a.instances}` },
    { label: "Health", value: (a) => a.tasksUnhealthy, cell: (a) => html`<${Health} app=${a} />` },
    { label: "CPUs", num: true, optional: true, value: (a) => a.cpus * a.instances, cell: (a) => number(a.cpus * a.instances) },
    { label: "Memory", num: true, optional: true, value: (a) => a.mem * a.instances, cell: (a) => mega(a.mem * a.instances) },
    { label: "Changed", optional: true, value: (a) => a.version, cell: (a) => html`<${Ago} time=${a.version} />` },
  ];
  const empty = html`<${Empty} title="No application yet"><p>An application is a command or an image that is kept running, as often as you say.</p>${create}<//>`;
  return html`<div class="head"><h1>Applications</h1><div class="grow"></div>${data?.apps.length ? create : ""}</div>
    <${Problem} error=${error} />${data ? html`<${Table} title="Applications" id=${(a) => a.id} rows=${data.apps} columns=${columns} empty=${empty} />` : error ? "" : html`<${Loading} />`}`;
}

function App({ id, open }) {
  const [tab, setTab] = useState("instances");
  const { data, error, refresh } = usePoll(async () => {
    const [app, queue] = await Promise.all([ask(appUrl(id)), ask(`${API}/queue`).catch(() => ({ queue: [] }))]);
    return { app: app.app, queue: queue.queue };
  }, 2000, [id]);
  if (!data) return error ? html`<${Problem} error=${error} />` : html`<${Loading} />`;
  const app = data.app;
  const act = (dialog) => () => open({ ...dialog, app, done: refresh });
  const failure = app.lastTaskFailure;
  const waiting = data.queue.find((q) => q.app?.id === id);
  const troubled = ["delayed", "waiting", "unhealthy", "deploying", "starting"].includes(status(app, data.queue)[1]);
  const segments = ["instances", "configuration", "versions", ...(failure ? ["debug"] : [])];
  return html`<${Crumbs} items=${[["#/", "Applications"], [null, id]]} />
    <div class="head"><h1>${id}</h1><${Status} app=${app} queue=${data.queue} /><div class="grow"></div>
      <div class="actions"><button onClick=${act({ kind: "scale" })}>Scale</button><button onClick=${act({ kind: "edit" })}>Edit</button>
        <button onClick=${act({ kind: "restart" })}>Restart</button>${app.instances ? html`<button onClick=${act({ kind: "suspend" })}>Suspend</button>` : ""}
        <button class="danger" onClick=${act({ kind: "destroy" })}>Destroy</button></div></div>
    <${Problem} error=${error} />
    ${waiting && !waiting.delay.overdue ? html`<div class="note warn split"><span>Its tasks end too soon, so the next start waits ${number(waiting.delay.timeLeftSeconds, 0)} s.</span>
      <button class="small" onClick=${() => attempt(() => ask(`${API}/queue/${id}/delay`.replace(/\/\/+/g, "/"), { method: "DELETE" }), "Starting now").then(refresh)}>Start now</button></div>` : ""}
    ${waiting?.delay.overdue && app.tasksRunning < app.instances ? html`<div class="note warn">${reason(app, data.queue, { withFailure: false })}.</div>` : ""}
    ${failure && troubled ? html`<div class="note bad">Last failure <${Ago} time=${failure.timestamp} /> on ${failure.host}: ${failure.state.replace("TASK_", "").toLowerCase()}${failure.message ? ` — ${failure.message}` : ""}</div>` : ""}
    <${Card}><${Facts} items=${[["Instances", `${app.tasksRunning} running of ${app.instances}${app.tasksStaged ? `, ${app.tasksStaged} starting` : ""}`], ["Health", html`<${Health} app=${app} />`],
      ["Each uses", `${number(app.cpus)} cpu, ${mega(app.mem)}${app.disk ? `, ${mega(app.disk)} disk` : ""}`], ["Version", html`<${Ago} time=${app.version} />`]]} /><//>
    <div class="segments" role="group" aria-label="What to show">${segments.map((s) => html`<button aria-pressed=${tab === s} onClick=${() => setTab(s)}>${s[0].toUpperCase() + s.slice(1)}</button>`)}</div>
    ${tab === "instances" ? html`<${Instances} app=${app} open=${open} refresh=${refresh} />` : tab === "configuration" ? html`<${Configuration} app=${app} />` : tab === "debug" ? html`<${Debug} failure=${failure} />` : html`<${Versions} app=${app} refresh=${refresh} />`}`;
}

function healthOf(task, app) {
  if (!app.healthChecks?.length) return ["", "no check"];
  const results = task.healthCheckResults ?? [];
  if (!results.length) return ["", "unknown"];
  return results.every((r) => r.alive) ? ["good", "healthy"] : ["bad", "unhealthy"];
}

function Instances({ app, open, refresh }) {
  const tasks = app.tasks ?? [];
  const where = (t) => {
    const scheme = t.ports?.length ? t.ports.map((p) => html`<a href=${`http://${t.host}:${p}`} rel="noreferrer" target="_blank">${t.host}:${p}</a> `) : t.host;
    return scheme;
  };
  const columns = [
    { label: "Instance", wide: true, value: (t) => t.id, cell: (t) => html`<span class="clip mono" title=${t.id}>${t.id.replace(/^.*\.instance-/, "")}</span>` },
    { label: "State", value: (t) => t.state, cell: (t) => html`<${TaskState} state=${t.state} />` },
    { label: "Health", value: (t) => healthOf(t, app)[1], cell: (t) => { const [kind, text] = healthOf(t, app); const cause = t.healthCheckResults?.find((r) => !r.alive)?.lastFailureCause; return html`<${Badge} kind=${kind} title=${cause}>${text}<//>`; } },
    { label: "Address", value: (t) => `${t.host}:${t.ports?.join(",")}`, cell: where },
    { label: "Version", optional: true, value: (t) => t.version, cell: (t) => (t.version === app.version ? "current" : html`<span title=${t.version}>older</span>`) },
    { label: "Started", value: (t) => t.startedAt ?? t.stagedAt ?? "", cell: (t) => html`<${Ago} time=${t.startedAt ?? t.stagedAt} />` },
    { label: "", value: () => "", cell: (t) => html`<button class="small danger" onClick=${() => open({ kind: "kill", app, task: t, done: refresh })}>Kill</button>` },
  ];
  const empty = html`<${Empty} title=${app.instances ? "No instance runs yet" : "Suspended"}>${app.instances ? (status(app, [])[1] === "starting" ? "They are being started." : "The reason is above as soon as there is one.") : "Scale it to one or more to run it again."}<//>`;
  return html`<${Table} title="Instances" id=${(t) => t.id} rows=${tasks} columns=${columns} empty=${empty} />`;
}

/** The definition without what the server adds. */
export function definition(app) {
  const { tasks, tasksStaged, tasksRunning, tasksHealthy, tasksUnhealthy, deployments, lastTaskFailure, version, versionInfo, tasksStats, readinessCheckResults, ...rest } = app;
  return rest;
}

function Debug({ failure }) {
  return html`<${Card} title="Last failure">${failure ? html`<${Facts} items=${[["When", html`<${Ago} time=${failure.timestamp} />`], ["State", failure.state.replace("TASK_", "").toLowerCase()], ["Message", failure.message],
    ["Host", failure.host], ["Task", html`<span class="mono">${failure.taskId}</span>`], ["Version", html`<${Ago} time=${failure.version} />`]]} />` : "None."}<//>`;
}

function Configuration({ app }) {
  return html`<${Card} title="Configuration" tools=${html`<button class="small" onClick=${() => navigator.clipboard?.writeText(JSON.stringify(definition(app), null, 2)).then(() => toast("Copied"))}>Copy</button>`}>
    <pre class="json">${JSON.stringify(definition(app), null, 2)}</pre><//>`;
}

function Versions({ app, refresh }) {
  const { data, error } = usePoll(() => ask(`${appUrl(app.id)}/versions`), 10000, [app.id, app.version]);
  const [shown, setShown] = useState(null);
  if (!data) return error ? html`<${Problem} error=${error} />` : html`<${Loading} />`;
  const back = (v) => attempt(() => send("PUT", appUrl(app.id), { version: v }), "Rolling back").then(refresh);
  return html`<${Card} flush title="Versions"><div class="table"><table><tbody>${data.versions.map((v) => html`<tr key=${v}>
      <td><${Ago} time=${v} /> <span class="sub mono optional">${v}</span></td>
      <td class="num">${v === app.version ? html`<${Badge} kind="good">current<//>` : html`<div class="actions" style="justify-content:flex-end"><button class="small" onClick=${() => attempt(() => ask(`${appUrl(app.id)}/versions/${v}`)).then(setShown)}>Show</button><button class="small" onClick=${() => back(v)}>Roll back to it</button></div>`}</td></tr>`)}</tbody></table></div><//>
    ${shown ? html`<${Dialog} title=${`Version ${shown.version}`} onClose=${() => setShown(null)}><pre class="json">${JSON.stringify(definition(shown), null, 2)}</pre><//>` : ""}`;
}

function Deployments() {
  const { data: all, error, refresh } = usePoll(async () => {
    const [deployments, apps, queue] = await Promise.all([ask(`${API}/deployments`), ask(`${API}/apps?${EMBED}`), ask(`${API}/queue`).catch(() => ({ queue: [] }))]);
    return { deployments, apps: new Map(apps.apps.map((a) => [a.id, a])), queue: queue.queue };
  }, 1500);
  const data = all?.deployments;
  const [asked, setAsked] = useState(null);
  const concerned = (d) => (d.currentActions ?? []).map((a) => all.apps.get(a.app)).filter(Boolean);
  // Steps before this one are done; of this one, as much as instances of the new version run.
  const progress = (d) => {
    const apps = concerned(d);
    const wanted = apps.reduce((n, a) => n + a.instances, 0);
    const ready = apps.reduce((n, a) => n + Math.min(a.instances, a.healthChecks?.length ? a.tasksHealthy : a.tasksRunning), 0);
    const share = (Math.max(0, d.currentStep - 1) + (wanted ? Math.min(0.95, ready / wanted) : 0.5)) / Math.max(1, d.totalSteps);
    return { wanted, ready, share };
  };
  const step = (d) => {
    const { wanted, ready, share } = progress(d);
    const late = concerned(d).map((a) => reason(a, all.queue)).filter(Boolean).join("; ");
    return html`<div class="bar"><div><span>Step ${d.currentStep} of ${d.totalSteps}</span>${wanted ? html`<span class="sub">${ready} of ${wanted} ready</span>` : ""}</div><i><i style=${{ width: `${100 * share}%` }}></i></i></div>${late ? html`<div class="why" title=${late}>${late}</div>` : ""}`;
  };
  const columns = [
    { label: "Applications", value: (d) => d.affectedApps.join(", "), cell: (d) => d.affectedApps.map((a) => html`<a href=${appLink(a)}>${a}</a> `) },
    { label: "Does now", value: (d) => (d.currentActions ?? []).map((a) => a.action).join(", "), cell: (d) => (d.currentActions ?? []).map((a) => `${a.action.replace(/Application|Pod/, "")} ${a.app ?? a.pod}`.toLowerCase()).join(", ") },
    { label: "Progress", wide: true, value: (d) => d.currentStep, cell: step },
    { label: "Started", optional: true, value: (d) => d.version, cell: (d) => html`<${Ago} time=${d.version} />` },
    { label: "", value: () => "", cell: (d) => html`<div class="actions" style="justify-content:flex-end;flex-wrap:nowrap"><button class="small" onClick=${() => setAsked({ d, force: false })}>Roll back</button><button class="small danger" onClick=${() => setAsked({ d, force: true })}>Stop</button></div>` },
  ];
  return html`<h1>Deployments</h1><${Problem} error=${error} />
    ${data ? html`<${Table} title="Running" id=${(d) => d.id} rows=${data} columns=${columns} empty=${html`<${Empty} title="Nothing is being deployed">Each change of an application is a deployment and shows its progress here.<//>`} />` : error ? "" : html`<${Loading} />`}
    ${asked ? html`<${Confirm} danger title=${asked.force ? "Stop this deployment?" : "Roll this deployment back?"} verb=${asked.force ? "Stop it" : "Roll back"}
      text=${asked.force ? "It ends where it is now. What it has changed stays as it is." : "A new deployment restores what was before."}
      act=${() => ask(`${API}/deployments/${asked.d.id}${asked.force ? "?force=true" : ""}`, { method: "DELETE" }).then(refresh)} onClose=${() => setAsked(null)} />` : ""}`;
}

function Scale({ app, done, onClose }) {
  const [count, setCount] = useState(app.instances);
  const [error, setError] = useState(null);
  const go = async (force) => {
    try {
      await send("PUT", appUrl(app.id) + (force ? "?force=true" : ""), { instances: Number(count) });
      toast(`Scaling to ${count}`);
      done();
      onClose();
    } catch (e) {
      setError(e);
    }
  };
  return html`<${Dialog} narrow title=${`Scale ${app.id}`} onClose=${onClose}
    footer=${html`<button onClick=${onClose}>Cancel</button>${error?.status === 409 ? html`<button onClick=${() => go(true)}>Force</button>` : ""}<button class="primary" disabled=${count === "" || count < 0} onClick=${() => go(false)}>Scale</button>`}>
    <label><span>Instances</span><input type="number" min="0" value=${count} onInput=${(e) => setCount(e.target.value)} onKeyDown=${(e) => e.key === "Enter" && go(false)} /><small>Now ${app.instances}</small></label>
    <${Problem} error=${error} /><//>`;
}

function Dialogs({ dialog, onClose }) {
  if (!dialog) return "";
  const { kind, app, task, done } = dialog;
  const url = app && appUrl(app.id);
  const then = (text) => () => {
    toast(text);
    done?.();
  };
  switch (kind) {
    case "create": return html`<${Editor} onClose=${onClose} save=${(body) => send("POST", `${API}/apps`, body).then((made) => { done?.(); location.hash = appLink(made.id).slice(1); })} />`;
    case "edit": return html`<${Editor} app=${definition(app)} onClose=${onClose} save=${(body, force) => send("PUT", `${url}?partialUpdate=false${force ? "&force=true" : ""}`, body).then(then("Deploying the change"))} />`;
    case "scale": return html`<${Scale} app=${app} done=${done} onClose=${onClose} />`;
    case "restart": return html`<${Confirm} title=${`Restart ${app.id}?`} text="Every instance is replaced, a few at a time as its upgrade strategy says." verb="Restart" act=${() => send("POST", `${url}/restart`).then(then("Restarting"))} onClose=${onClose} />`;
    case "suspend": return html`<${Confirm} title=${`Suspend ${app.id}?`} text="It is scaled to no instance. Its definition stays." verb="Suspend" act=${() => send("PUT", url, { instances: 0 }).then(then("Suspending"))} onClose=${onClose} />`;
    case "destroy": return html`<${Confirm} danger title=${`Destroy ${app.id}?`} text="Its instances are killed and its definition is deleted. This cannot be undone." verb="Destroy" act=${() => send("DELETE", url).then(() => { toast("Destroyed"); location.hash = "/"; })} onClose=${onClose} />`;
    case "kill": return html`<${Confirm} danger title="Kill this instance?" text=${html`<code>${task.id}</code> is killed and another one takes its place.`} verb="Kill" act=${() => send("DELETE", `${url}/tasks/${encodeURIComponent(task.id)}`).then(then("Killing"))} onClose=${onClose} />`;
    default: return "";
  }
}

function Marathon() {
  const route = useRoute();
  const [dialog, setDialog] = useState(null);
  const { data: info } = usePoll(() => ask(`${API}/info`), 60000);
  const { data: deployments } = usePoll(() => ask(`${API}/deployments`), 5000);
  const count = deployments?.length ? ` (${deployments.length})` : "";
  const nav = [["#/", "Applications", "apps"], ["#/deployments", `Deployments${count}`, "deployments"]];
  const id = "/" + route.slice(1).join("/");
  const page = route[0] === "deployments" ? html`<${Deployments} />` : route[0] === "apps" && route.length > 1 ? html`<${App} key=${id} id=${id} open=${setDialog} />` : html`<${Apps} open=${setDialog} />`;
  return html`<${Shell} product="Marathon" speaks=${info && `Marathon ${info.version}`} nav=${nav} current=${route[0] === "deployments" ? "deployments" : "apps"}>${page}<${Dialogs} dialog=${dialog} onClose=${() => setDialog(null)} /><//>`;
}

start(Marathon);
