// SPDX-License-Identifier: Apache-2.0
// The master's console. Reads /state of this master and, for sandboxes, the agents' /state and /files.
import {
  html, start, ask, usePoll, useRoute, useState, useMemo, link, number, mega, Ago, Shell, Tile, Bar, Facts, Crumbs, Card, Table, TaskState,
  Badge, Empty, Problem, Loading, VERSION,
} from "./lib/ui.js";
import { Maintenance, Offers, Why } from "./cluster.js";
import { Sandbox } from "./sandbox.js";

const NAV = [["#/", "Overview", ""], ["#/agents", "Agents", "agents"], ["#/frameworks", "Frameworks", "frameworks"], ["#/roles", "Roles", "roles"],
  ["#/offers", "Offers", "offers"], ["#/maintenance", "Maintenance", "maintenance"]];

async function loadState() {
  // A follower sends to the leader; a page cannot follow that quietly, so it moves there itself.
  const response = await fetch("state", { redirect: "manual" });
  if (response.type === "opaqueredirect") {
    location.href = "redirect";
    throw new Error("This master does not lead. Going to the leader …");
  }
  if (response.status === 503) throw new Error("No master leads at the moment. The page goes on by itself as soon as one does.");
  if (!response.ok) throw new Error(`The master answered ${response.status} ${await response.text()}`);
  const [state, roles] = await Promise.all([response.json(), ask("roles").catch(() => ({ roles: [] }))]);
  return index({ ...state, roles: roles.roles });
}

/** Tasks of all frameworks in three lists, agents and frameworks by id. */
function index(state) {
  const agents = new Map(state.slaves.map((a) => [a.id, a]));
  const frameworks = new Map([...state.completed_frameworks, ...state.frameworks].map((f) => [f.id, f]));
  const tasks = { active: [], completed: [], unreachable: [] };
  for (const f of frameworks.values()) {
    const add = (list, t) => list.push({ ...t, framework: f, agent: agents.get(t.slave_id), ...times(t) });
    f.tasks.forEach((t) => add(tasks.active, t));
    (f.unreachable_tasks || []).forEach((t) => add(tasks.unreachable, t));
    f.completed_tasks.forEach((t) => add(tasks.completed, t));
  }
  return { ...state, agents, byId: frameworks, tasks };
}
function times(task) {
  const statuses = task.statuses || [];
  const began = statuses.find((s) => s.state === "TASK_RUNNING") || statuses[0];
  const last = statuses[statuses.length - 1];
  return { began: began?.timestamp, ended: last?.timestamp, healthy: last?.healthy };
}

const taskLink = (t) => link("task", t.framework_id, t.id);
const Resources = ({ of = {} }) => {
  const parts = [of.cpus !== undefined && `${number(of.cpus)} cpu`, of.mem !== undefined && mega(of.mem)].filter(Boolean);
  return html`<span class="sub mono nowrap">${parts.join(" · ") || "none"}</span>`;
};

function Tasks({ title, tasks, done, empty }) {
  const columns = [
    { label: "Task", value: (t) => t.name || t.id, wide: true, cell: (t) => html`<a class="clip" title=${t.id} href=${taskLink(t)}>${t.name || t.id}</a>` },
    { label: "State", value: (t) => t.state, cell: (t) => html`<${TaskState} state=${t.state} /> ${t.healthy === false ? html`<${Badge} kind="bad">unhealthy<//>` : ""}` },
    { label: done ? "Ended" : "Started", value: (t) => (done ? t.ended : t.began) || 0, cell: (t) => html`<${Ago} time=${done ? t.ended : t.began} />` },
    { label: "Framework", optional: true, value: (t) => t.framework.name, cell: (t) => html`<a href=${link("framework", t.framework.id)}>${t.framework.name}</a>` },
    { label: "Agent", value: (t) => t.agent?.hostname ?? "", cell: (t) => (t.agent ? html`<a href=${link("agent", t.agent.id)}>${t.agent.hostname}</a>` : html`<span class="sub">gone</span>`) },
    { label: "Resources", optional: true, value: (t) => t.resources.cpus, cell: (t) => html`<${Resources} of=${t.resources} />` },
    { label: "", value: () => "", cell: (t) => (t.agent ? html`<a href=${taskLink(t)}>Sandbox</a>` : "") },
  ];
  return html`<${Table} title=${title} id=${(t) => t.framework_id + t.id} rows=${tasks} columns=${columns} sort=${2} descending empty=${empty} />`;
}

const sum = (agents, key, name) => agents.reduce((total, a) => total + (a[key]?.[name] || 0), 0);

function Totals({ agents }) {
  const bar = (name, label, format) => html`<${Bar} label=${label} used=${sum(agents, "used_resources", name)} total=${sum(agents, "resources", name)} format=${format} />`;
  return html`<div class="fields">${bar("cpus", "CPUs", number)}${bar("mem", "Memory", mega)}${bar("disk", "Disk", mega)}${sum(agents, "resources", "gpus") ? bar("gpus", "GPUs", number) : ""}</div>`;
}

function Overview({ state }) {
  const agents = state.slaves;
  const waiting = state.tasks.active.filter((t) => t.state !== "TASK_RUNNING").length;
  const start = html`<${Empty} title="Nothing runs yet">
    <p>Tasks come from frameworks. Run the example framework with <code>./meseta run-copies</code>, or start an application with Marathon:</p>
    <pre>curl -X POST localhost:8080/v2/apps -H 'Content-Type: application/json' \\
  -d '{"id":"/hello","cmd":"while true; do date; sleep 5; done","cpus":0.1,"mem":32}'</pre><//>`;
  return html`
    <div class="head"><div><h1>${state.cluster || "Cluster"}</h1>
      <div class="sub">Leader ${state.leader_info?.hostname}:${state.leader_info?.port} · Meseta ${VERSION}, speaks as Mesos ${state.version} · elected <${Ago} time=${state.elected_time} /></div></div></div>
    <div class="tiles">
      <${Tile} value=${number(state.activated_slaves)} label=${state.activated_slaves === 1 ? "agent" : "agents"} />
      <${Tile} value=${number(state.unreachable_slaves + state.deactivated_slaves)} label="agents away" />
      <${Tile} value=${number(state.frameworks.filter((f) => f.active).length)} label="frameworks" />
      <${Tile} value=${number(state.tasks.active.length - waiting)} label="tasks running" />
      <${Tile} value=${number(waiting)} label="tasks starting or stopping" />
    </div>
    <${Card} title="Resources in use">${agents.length ? html`<${Totals} agents=${agents} />` : html`<${Empty} title="No agent yet">An agent joins with <code>./meseta agent --master=${state.hostname}:5050 --work_dir=/var/lib/mesos</code><//>`}<//>
    <${Tasks} title="Active tasks" tasks=${state.tasks.active} empty=${start} />
    ${state.tasks.unreachable.length ? html`<${Tasks} title="Unreachable tasks" tasks=${state.tasks.unreachable} />` : ""}
    <${Tasks} title="Completed tasks" done tasks=${state.tasks.completed} empty=${html`<${Empty} title="No task has ended yet">The last thousand of each framework are kept here.<//>`} />`;
}

const agentKind = (a) => (a.active ? ["good", "active"] : a.deactivated ? ["warn", "deactivated"] : ["bad", "disconnected"]);
const AgentBadge = ({ agent }) => {
  const [kind, text] = agent.drain_info ? ["warn", agent.drain_info.state.toLowerCase()] : agentKind(agent);
  return html`<${Badge} kind=${kind}>${text}<//>`;
};

function Agents({ state }) {
  const running = useMemo(() => {
    const count = new Map();
    state.tasks.active.forEach((t) => count.set(t.slave_id, (count.get(t.slave_id) || 0) + 1));
    return count;
  }, [state]);
  const columns = [
    { label: "Agent", value: (a) => a.hostname, cell: (a) => html`<a href=${link("agent", a.id)}>${a.hostname}:${a.port}</a>` },
    { label: "State", value: (a) => agentKind(a)[1], cell: (a) => html`<${AgentBadge} agent=${a} />` },
    { label: "Tasks", num: true, value: (a) => running.get(a.id) || 0, cell: (a) => number(running.get(a.id) || 0) },
    { label: "CPUs", num: true, value: (a) => a.used_resources.cpus / (a.resources.cpus || 1), cell: (a) => `${number(a.used_resources.cpus)} / ${number(a.resources.cpus)}` },
    { label: "Memory", num: true, value: (a) => a.used_resources.mem, cell: (a) => `${mega(a.used_resources.mem)} / ${mega(a.resources.mem)}` },
    { label: "Registered", optional: true, value: (a) => a.reregistered_time || a.registered_time, cell: (a) => html`<${Ago} time=${a.reregistered_time || a.registered_time} />` },
    { label: "Version", optional: true, value: (a) => a.version },
  ];
  const empty = html`<${Empty} title="No agent has joined">Start one: <pre>./meseta agent --master=${state.hostname}:5050 --work_dir=/var/lib/mesos</pre><//>`;
  return html`<h1>Agents</h1><${Table} title="Agents" id=${(a) => a.id} rows=${state.slaves} columns=${columns} empty=${empty} />
    ${state.recovered_slaves?.length ? html`<div class="note warn">${state.recovered_slaves.length} agents known from before are not back yet: ${state.recovered_slaves.map((a) => a.hostname).join(", ")}</div>` : ""}`;
}

function Agent({ state, id }) {
  const agent = state.agents.get(id);
  if (!agent) return html`<${Empty} title="This agent is not here"><code>${id}</code> may have left. <a href="#/agents">All agents</a><//>`;
  const tasks = state.tasks.active.filter((t) => t.slave_id === id);
  const done = state.tasks.completed.filter((t) => t.slave_id === id);
  const attributes = Object.entries(agent.attributes || {}).map(([k, v]) => `${k}: ${v}`).join(", ");
  return html`<${Crumbs} items=${[["#/agents", "Agents"], [null, agent.hostname]]} />
    <div class="head"><h1>${agent.hostname}</h1><${AgentBadge} agent=${agent} /></div>
    <${Card} title="Resources in use"><${Totals} agents=${[agent]} /><//>
    <${Card}><${Facts} items=${[["Id", html`<code>${agent.id}</code>`], ["Address", agent.pid], ["Version", agent.version], ["Ports", html`<code>${agent.resources.ports}</code>`],
      ["Attributes", attributes], ["Registered", html`<${Ago} time=${agent.registered_time} />`], ["Last re-registered", agent.reregistered_time ? html`<${Ago} time=${agent.reregistered_time} />` : null]]} /><//>
    <${Tasks} title="Active tasks" tasks=${tasks} empty=${html`<${Empty} title="No task runs here">What this agent offers and nobody uses is free for the next one.<//>`} />
    <${Tasks} title="Completed tasks" done tasks=${done} empty=${html`<${Empty} title="No task has ended here yet"><//>`} />`;
}

const frameworkKind = (f) => (f.active ? ["good", "active"] : f.connected ? ["warn", "inactive"] : f.recovered ? ["warn", "recovered"] : ["bad", "disconnected"]);
const FrameworkBadge = ({ framework, ended }) => {
  const [kind, text] = ended ? ["", "ended"] : frameworkKind(framework);
  return html`<${Badge} kind=${kind}>${text}<//>`;
};

function Frameworks({ state }) {
  const columns = (ended) => [
    { label: "Framework", value: (f) => f.name, cell: (f) => html`<a href=${link("framework", f.id)}>${f.name}</a>` },
    { label: "State", value: (f) => (ended ? "ended" : frameworkKind(f)[1]), cell: (f) => html`<${FrameworkBadge} framework=${f} ended=${ended} />` },
    { label: "Role", optional: true, value: (f) => f.roles?.join(", ") ?? f.role },
    { label: "Active tasks", num: true, value: (f) => f.tasks.length, cell: (f) => number(f.tasks.length) },
    { label: "CPUs", num: true, value: (f) => f.used_resources?.cpus ?? 0, cell: (f) => number(f.used_resources?.cpus ?? 0) },
    { label: "Memory", num: true, optional: true, value: (f) => f.used_resources?.mem ?? 0, cell: (f) => mega(f.used_resources?.mem ?? 0) },
    { label: ended ? "Ended" : "Registered", value: (f) => (ended ? f.unregistered_time : f.registered_time), cell: (f) => html`<${Ago} time=${ended ? f.unregistered_time : f.registered_time} />` },
  ];
  return html`<h1>Frameworks</h1>
    <${Table} title="Registered" id=${(f) => f.id} rows=${state.frameworks} columns=${columns(false)}
      empty=${html`<${Empty} title="No framework is registered">Marathon and Chronos register by themselves; the example framework runs with <code>./meseta run-copies</code>.<//>`} />
    <${Table} title="Completed" id=${(f) => f.id} rows=${state.completed_frameworks} columns=${columns(true)} sort=${6} descending empty=${html`<${Empty} title="None has ended"><//>`} />`;
}

function Framework({ state, id }) {
  const framework = state.byId.get(id);
  if (!framework) return html`<${Empty} title="This framework is not here"><code>${id}</code> is unknown. <a href="#/frameworks">All frameworks</a><//>`;
  const ended = !state.frameworks.includes(framework);
  const of = (list) => list.filter((t) => t.framework_id === id);
  const ui = framework.webui_url && /^https?:/.test(framework.webui_url) ? html`<a href=${framework.webui_url} rel="noreferrer">${framework.webui_url}</a>` : null;
  return html`<${Crumbs} items=${[["#/frameworks", "Frameworks"], [null, framework.name]]} />
    <div class="head"><h1>${framework.name}</h1><${FrameworkBadge} framework=${framework} ended=${ended} /></div>
    <${Card}><${Facts} items=${[["Id", html`<code>${framework.id}</code>`], ["Console", ui], ["User", framework.user], ["Host", framework.hostname], ["Principal", framework.principal],
      ["Roles", framework.roles?.join(", ") ?? framework.role], ["Failover timeout", `${number(framework.failover_timeout)} s`], ["Checkpointing", framework.checkpoint ? "yes" : "no"],
      ["Registered", html`<${Ago} time=${framework.registered_time} />`], ["Uses", html`<${Resources} of=${framework.used_resources || {}} />`], ["Is offered", html`<${Resources} of=${framework.offered_resources || {}} />`]]} /><//>
    <${Tasks} title="Active tasks" tasks=${of(state.tasks.active)} empty=${html`<${Empty} title="It runs no task now"><//>`} />
    ${framework.active ? html`<${Why} state=${state} framework=${framework} />` : ""}
    ${of(state.tasks.unreachable).length ? html`<${Tasks} title="Unreachable tasks" tasks=${of(state.tasks.unreachable)} />` : ""}
    <${Tasks} title="Completed tasks" done tasks=${of(state.tasks.completed)} empty=${html`<${Empty} title="None of its tasks has ended"><//>`} />`;
}

function Task({ state, framework: frameworkId, id }) {
  const [, again] = useState(0);
  const task = [...state.tasks.active, ...state.tasks.unreachable, ...state.tasks.completed].find((t) => t.framework_id === frameworkId && t.id === id);
  if (!task) return html`<${Empty} title="This task is not here"><code>${id}</code> is unknown, or ended too long ago. <button class="small" onClick=${() => again((n) => n + 1)}>Look again</button><//>`;
  const agent = task.agent;
  const address = task.statuses.at(-1)?.container_status?.network_infos?.[0]?.ip_addresses?.map((i) => i.ip_address).join(", ");
  const labels = (task.labels || []).map((l) => `${l.key}=${l.value ?? ""}`).join(", ");
  const timeline = [...task.statuses].reverse().map((s) => html`<tr><td><${TaskState} state=${s.state} /></td><td><${Ago} time=${s.timestamp} /></td><td>${s.healthy === undefined ? "" : s.healthy ? "healthy" : "unhealthy"}</td></tr>`);
  return html`<${Crumbs} items=${[["#/frameworks", "Frameworks"], [link("framework", task.framework.id), task.framework.name], [null, task.name || task.id]]} />
    <div class="head"><h1>${task.name || task.id}</h1><${TaskState} state=${task.state} />${task.healthy === false ? html`<${Badge} kind="bad">unhealthy<//>` : ""}</div>
    <${Card}><${Facts} items=${[["Id", html`<code>${task.id}</code>`], ["Agent", agent ? html`<a href=${link("agent", agent.id)}>${agent.hostname}:${agent.port}</a>` : "gone"],
      ["Executor", task.executor_id || "command"], ["Role", task.role], ["User", task.user], ["Resources", html`<${Resources} of=${task.resources} />`], ["Ports", task.resources.ports], ["Address", address], ["Labels", labels]]} /><//>
    <${Card} flush title="What happened"><div class="table"><table><tbody>${timeline}</tbody></table></div><//>
    ${agent ? html`<${Sandbox} key=${task.id} agent=${agent} task=${task} />` : html`<${Empty} title="The sandbox is out of reach">It stays on the agent, which has left.<//>`}`;
}

function Roles({ state }) {
  const columns = [
    { label: "Role", value: (r) => r.name, cell: (r) => html`<code>${r.name}</code>` },
    { label: "Weight", num: true, value: (r) => r.weight, cell: (r) => number(r.weight) },
    { label: "Frameworks", num: true, value: (r) => r.frameworks.length },
    { label: "Guarantee", num: true, optional: true, value: (r) => r.quota?.guarantee?.cpus ?? 0, cell: (r) => html`<${Resources} of=${r.quota?.guarantee} />` },
    { label: "Limit", num: true, optional: true, value: (r) => r.quota?.limit?.cpus ?? 0, cell: (r) => html`<${Resources} of=${r.quota?.limit} />` },
    { label: "Consumed", num: true, optional: true, value: (r) => r.quota?.consumed?.cpus ?? 0, cell: (r) => html`<${Resources} of=${r.quota?.consumed} />` },
    { label: "CPUs", num: true, value: (r) => r.resources?.cpus || 0, cell: (r) => number(r.resources?.cpus || 0) },
    { label: "Memory", num: true, value: (r) => r.resources?.mem || 0, cell: (r) => mega(r.resources?.mem || 0) },
  ];
  return html`<h1>Roles</h1><${Table} title="Roles in use" id=${(r) => r.name} rows=${state.roles} columns=${columns} empty=${html`<${Empty} title="No role is in use">A role appears with the first framework that subscribes with it.<//>`} />`;
}

function App() {
  const route = useRoute();
  const [pace, setPace] = useState(2000);
  const { data: state, error } = usePoll(async () => {
    const loaded = await loadState();
    setPace(loaded.slaves.length < 100 ? 2000 : loaded.slaves.length < 1000 ? 10000 : 60000);
    return loaded;
  }, pace, [pace]);
  const [page, a, b] = route;
  const tab = { agent: "agents", framework: "frameworks", task: "frameworks" }[page] ?? page ?? "";
  document.title = `${state?.cluster || "Cluster"} · Meseta`;
  const content = () => {
    switch (page) {
      case undefined: return html`<${Overview} state=${state} />`;
      case "agents": if (!a) return html`<${Agents} state=${state} />`; // with an id as in the original's links
      case "agent": return html`<${Agent} state=${state} id=${a} />`;
      case "frameworks": if (!a) return html`<${Frameworks} state=${state} />`;
      case "framework": return html`<${Framework} state=${state} id=${a} />`;
      case "task": return html`<${Task} state=${state} framework=${a} id=${b} />`;
      case "roles": return html`<${Roles} state=${state} />`;
      case "offers": return html`<${Offers} state=${state} />`;
      case "maintenance": return html`<${Maintenance} state=${state} />`;
      default: return html`<${Empty} title="There is no such page"><a href="#/">To the overview</a><//>`;
    }
  };
  return html`<${Shell} product="" nav=${NAV} current=${tab} speaks=${state && `Mesos ${state.version}`}><${Problem} error=${error} />${state ? content() : error ? "" : html`<${Loading} />`}<//>`;
}

start(App);
