// SPDX-License-Identifier: Apache-2.0
// Pages of the master's console about what is offered, to whom and why not, and about maintenance.
import { html, ask, usePoll, link, number, mega, Ago, Badge, Card, Empty, Problem, Loading, Table, span } from "./lib/ui.js";

const resources = (of) => [of.cpus && `${number(of.cpus)} cpu`, of.mem && mega(of.mem), of.gpus && `${number(of.gpus)} gpu`].filter(Boolean).join(" · ");

export function Offers({ state }) {
  const rows = state.frameworks.flatMap((f) => f.offers.map((o) => ({ ...o, framework: f, agent: state.agents.get(o.slave_id) })));
  const columns = [
    { label: "Framework", value: (o) => o.framework.name, cell: (o) => html`<a href=${link("framework", o.framework.id)}>${o.framework.name}</a>` },
    { label: "Agent", value: (o) => o.agent?.hostname ?? "", cell: (o) => (o.agent ? html`<a href=${link("agent", o.agent.id)}>${o.agent.hostname}:${o.agent.port}</a>` : "") },
    { label: "Role", value: (o) => o.allocation_info?.role ?? "" },
    { label: "CPUs", num: true, value: (o) => o.resources.cpus || 0, cell: (o) => number(o.resources.cpus || 0) },
    { label: "Memory", num: true, value: (o) => o.resources.mem || 0, cell: (o) => mega(o.resources.mem || 0) },
    { label: "Id", optional: true, value: (o) => o.id, cell: (o) => html`<code>${o.id}</code>` },
  ];
  return html`<h1>Offers</h1><${Table} title="Offers that wait for an answer" id=${(o) => o.id} rows=${rows} columns=${columns}
    empty=${html`<${Empty} title="No offer is open">Frameworks answer offers at once, as a rule. A framework's page says why it is offered nothing.<//>`} />`;
}

const REASONS = {
  OFFERED: ["good", "offered"], NEXT: ["good", "comes next"], IN_USE: ["", "in use"], REFUSED: ["warn", "refused"], ROLE_SUPPRESSED: ["warn", "suppressed"],
  FRAMEWORK_INACTIVE: ["bad", "not connected"], AGENT_DEACTIVATED: ["warn", "agent away"],
};

/** Agent by agent, why a framework has no offer. */
export function Why({ state, framework }) {
  const { data, error } = usePoll(() => ask(`offers/why?framework_id=${encodeURIComponent(framework.id)}`), state.slaves.length < 100 ? 5000 : 60000, [framework.id]);
  if (!data) return html`<${Card} title="Offers of each agent">${error ? html`<${Problem} error=${error} />` : html`<${Loading} />`}<//>`;
  const badge = (w) => REASONS[w.reason] || ["warn", w.reason.toLowerCase().replaceAll("_", " ")];
  const columns = [
    { label: "Agent", value: (w) => w.hostname, cell: (w) => html`<a href=${link("agent", w.agent_id)}>${w.hostname}${state.agents.has(w.agent_id) ? `:${state.agents.get(w.agent_id).port}` : ""}</a>` },
    { label: "Role", value: (w) => w.role },
    { label: "Offer", value: (w) => badge(w)[1], cell: (w) => html`<${Badge} kind=${badge(w)[0]}>${badge(w)[1]}<//>` },
    { label: "Why", wide: true, value: (w) => w.detail ?? "", cell: (w) => html`<span>${w.detail}${w.until ? html` <span class="sub">again <${Ago} future time=${Date.parse(w.until) / 1000} /></span>` : ""}</span>` },
  ];
  return html`<${Table} title="Offers of each agent" id=${(w) => w.agent_id + w.role} rows=${data.agents} columns=${columns} sort=${2} empty=${html`<${Empty} title="No agent has joined"><//>`} />`;
}

async function schedule() {
  const [planned, status] = await Promise.all([ask("maintenance/schedule"), ask("maintenance/status")]);
  const key = (m) => `${m.hostname ?? ""}/${m.ip ?? ""}`;
  const down = new Set((status.down_machines || []).map(key));
  const answers = new Map((status.draining_machines || []).map((m) => [key(m.id), m.statuses || []]));
  return (planned.windows || []).flatMap((w) =>
    w.machine_ids.map((m) => ({
      key: key(m), name: m.hostname || m.ip, ip: m.ip, begin: w.unavailability.start.nanoseconds / 1e9,
      lasts: w.unavailability.duration && w.unavailability.duration.nanoseconds / 1e9, down: down.has(key(m)), answers: answers.get(key(m)) || [],
    })));
}

export function Maintenance({ state }) {
  const { data, error } = usePoll(schedule, 5000, []);
  const answered = (m) => m.answers.map((a) => `${state.byId.get(a.framework_id?.value)?.name ?? a.framework_id?.value}: ${(a.status || "").toLowerCase()}`).join(", ");
  const machines = [
    { label: "Machine", value: (m) => m.name, cell: (m) => html`${m.name} ${m.ip && m.ip !== m.name ? html`<span class="sub">${m.ip}</span>` : ""}` },
    { label: "State", value: (m) => (m.down ? "down" : "up"), cell: (m) => (m.down ? html`<${Badge} kind="bad">down<//>` : html`<${Badge} kind="warn">planned<//>`) },
    { label: "Begins", value: (m) => m.begin, cell: (m) => html`<${Ago} future time=${m.begin} />` },
    { label: "Lasts", value: (m) => m.lasts ?? Infinity, cell: (m) => (m.lasts ? span(m.lasts) : "open end") },
    { label: "Frameworks say", optional: true, value: answered },
  ];
  const drained = state.slaves.filter((a) => a.drain_info);
  const agents = [
    { label: "Agent", value: (a) => a.hostname, cell: (a) => html`<a href=${link("agent", a.id)}>${a.hostname}:${a.port}</a>` },
    { label: "State", value: (a) => a.drain_info.state, cell: (a) => html`<${Badge} kind=${a.drain_info.state === "DRAINED" ? "good" : "warn"}>${a.drain_info.state.toLowerCase()}<//>` },
    { label: "Uses", value: (a) => a.used_resources.cpus, cell: (a) => resources(a.used_resources) || "nothing" },
    { label: "Then", value: (a) => (a.drain_info.config?.mark_gone ? "gone for good" : "stays, without tasks") },
  ];
  return html`<h1>Maintenance</h1><${Problem} error=${error} />
    ${data
      ? html`<${Table} key="schedule" title="Scheduled machines" id=${(m) => m.key} rows=${data} columns=${machines} sort=${2}
          empty=${html`<${Empty} title="No maintenance is planned">Frameworks are told beforehand of machines in a schedule: <code>POST /maintenance/schedule</code>.<//>`} />`
      : error ? "" : html`<${Loading} />`}
    <${Table} key="drains" title="Agents that are drained" id=${(a) => a.id} rows=${drained} columns=${agents}
      empty=${html`<${Empty} title="No agent is drained">The call <code>DRAIN_AGENT</code> moves all tasks off an agent.<//>`} />`;
}
