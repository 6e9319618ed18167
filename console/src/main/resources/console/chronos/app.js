// SPDX-License-Identifier: Apache-2.0
// Chronos' console: jobs with state and next run; create, edit, run, stop, delete. Speaks the public REST API only.
import { html, start, ask, send, usePoll, useRoute, useState, link, number, mega, span, Ago, Shell, Tile, Facts, Crumbs, Card, Table, Badge, Empty, Problem, Loading, Dialog, Confirm, attempt, toast } from "./lib/ui.js";

const API = "v1/scheduler";
const jobUrl = (name) => `${API}/job/${encodeURIComponent(name)}`;
const COUNTERS = ["successCount", "errorCount", "lastSuccess", "lastError", "errorsSinceLastSuccess"];

/** When a schedule is due next: the start in its text, read in its time zone where it has one. */
export function nextRun(job) {
  const start = (job.schedule ?? "").split("/")[1];
  if (!start || job.disabled || /^R0\//.test(job.schedule)) return null;
  if (!job.scheduleTimeZone) return Date.parse(start);
  const local = Date.parse(start.replace(/(Z|[+-]\d\d:?\d\d)$/, "") + "Z");
  try {
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone: job.scheduleTimeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" })
      .formatToParts(local).map((p) => [p.type, Number(p.value)]));
    const shown = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
    return local - (shown - local);
  } catch {
    return Date.parse(start);
  }
}

function useJobs() {
  return usePoll(async () => {
    const [summary, jobs] = await Promise.all([ask(`${API}/jobs/summary`), ask(`${API}/jobs`)]);
    const byName = new Map(jobs.map((j) => [j.name, j]));
    return summary.jobs.map((s) => ({ ...byName.get(s.name), ...s, parents: byName.get(s.name)?.parents ?? s.parents }));
  }, 2000);
}

const STATUS = { success: "good", failure: "bad", fresh: "" };
const busy = (state) => /running/.test(state);
const OURS = ["status", "state", "lastFailure", "waiting"];

/** A schedule whose repetitions are used up is over, which is not the same as switched off. */
export const finished = (j) => j.disabled && /^R0\//.test(j.schedule ?? "");

function State({ job: j }) {
  if (finished(j)) return html`<${Badge} kind="good">finished<//>`;
  if (j.disabled) return html`<${Badge}>disabled<//>`;
  return html`<${Badge} kind=${busy(j.state) || j.state === "queued" ? "busy" : ""} title=${j.waiting}>${j.state}<//>`;
}

/** Why it failed or what it waits for, in a line; empty when there is nothing to say. */
export function why(j) {
  if (j.waiting) return j.waiting[0].toUpperCase() + j.waiting.slice(1);
  const failure = j.lastFailure;
  if (j.status !== "failure" || !failure) return "";
  return `Failed: ${typeof failure === "string" ? failure.replace(/^TASK_\w+: /, "") : failure.message || failure.state}`;
}

function Jobs({ open }) {
  const { data: jobs, error, refresh } = useJobs();
  const count = (test) => (jobs ? number(jobs.filter(test).length) : "–");
  const add = html`<div class="actions"><button class="primary" onClick=${() => open({ kind: "scheduled", jobs, done: refresh })}>Add scheduled job</button>
    <button disabled=${!jobs?.length} title=${jobs?.length ? "" : "A dependent job needs another one first"} onClick=${() => open({ kind: "dependent", jobs, done: refresh })}>Add dependent job</button></div>`;
  const due = (j) => {
    if (j.parents?.length) return html`<span class="sub">after ${j.parents.join(", ")}</span>`;
    const at = nextRun(j);
    return at ? html`<${Ago} time=${at / 1000} future />` : html`<span class="sub">–</span>`;
  };
  const columns = [
    { label: "Job", wide: true, value: (j) => j.name, cell: (j) => html`<a class="clip" title=${j.command} href=${link("job", j.name)}>${j.name}</a>${why(j) ? html`<div class="why" title=${why(j)}>${why(j)}</div>` : ""}` },
    { label: "Next run", value: (j) => nextRun(j) ?? Infinity, cell: due },
    { label: "Last result", value: (j) => j.status, cell: (j) => html`<${Badge} kind=${STATUS[j.status]}>${j.status}<//>` },
    { label: "State", value: (j) => j.state, cell: (j) => html`<${State} job=${j} />` },
    { label: "Succeeded", num: true, optional: true, value: (j) => j.successCount },
    { label: "Failed", num: true, optional: true, value: (j) => j.errorCount },
    { label: "", value: () => "", cell: (j) => html`<div class="actions" style="justify-content:flex-end;flex-wrap:nowrap">
        <button class="small" onClick=${() => attempt(() => ask(jobUrl(j.name), { method: "PUT" }), `${j.name} is queued`).then(refresh)}>Run</button>
        ${busy(j.state) ? html`<button class="small" onClick=${() => open({ kind: "stop", job: j, done: refresh })}>Stop</button>` : ""}
        <button class="small" onClick=${() => open({ kind: "edit", job: j, done: refresh })}>Edit</button>
        <button class="small danger" onClick=${() => open({ kind: "delete", job: j, done: refresh })}>Delete</button></div>` },
  ];
  const empty = html`<${Empty} title="No job yet"><p>A job runs a command at set times, or after other jobs have succeeded.</p>${add}<//>`;
  return html`<div class="head"><h1>Jobs</h1><div class="grow"></div>${jobs?.length ? add : ""}</div>
    <div class="tiles"><${Tile} value=${count((j) => j.status === "success")} label="succeeded last" /><${Tile} value=${count((j) => j.status === "failure")} label="failed last" />
      <${Tile} value=${count((j) => j.status === "fresh")} label="never ran" /><${Tile} value=${count((j) => busy(j.state))} label="running" /><${Tile} value=${count((j) => j.state === "queued")} label="queued" /></div>
    <${Problem} error=${error} />${jobs ? html`<${Table} title="Jobs" id=${(j) => j.name} rows=${jobs} columns=${columns} empty=${empty} />` : error ? "" : html`<${Loading} />`}`;
}

function nextHour() {
  const at = new Date(Math.ceil(Date.now() / 3600000) * 3600000);
  return at.toISOString();
}

function NewJob({ dependent, jobs, done, onClose }) {
  const [form, setForm] = useState({ name: "", command: "", repeat: "", start: nextHour(), period: "PT24H", zone: Intl.DateTimeFormat().resolvedOptions().timeZone === "UTC" ? "" : "", owner: "", cpus: "", mem: "", disk: "", retries: "", description: "", parents: [], concurrent: false });
  const [more, setMore] = useState(false);
  const [error, setError] = useState(null);
  const field = (name) => ({ value: form[name], onInput: (e) => setForm({ ...form, [name]: e.target.value }) });
  const badName = form.name && !/^[\w.-]+$/.test(form.name);
  const badPeriod = !dependent && !/^P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(form.period);
  const ready = form.name && !badName && form.command && (dependent ? form.parents.length : !badPeriod);
  const submit = async () => {
    const job = { name: form.name, command: form.command, owner: form.owner, description: form.description, concurrent: form.concurrent };
    for (const n of ["cpus", "mem", "disk", "retries"]) if (form[n] !== "") job[n] = Number(form[n]);
    if (dependent) job.parents = form.parents;
    else Object.assign(job, { schedule: `R${form.repeat}/${form.start}/${form.period}`, scheduleTimeZone: form.zone });
    try {
      await send("POST", `${API}/${dependent ? "dependency" : "iso8601"}`, job);
      toast(`${job.name} was added`);
      done();
      onClose();
    } catch (e) {
      setError(e);
    }
  };
  return html`<${Dialog} title=${dependent ? "Add a dependent job" : "Add a scheduled job"} onClose=${onClose} footer=${html`<button onClick=${onClose}>Cancel</button><button class="primary" disabled=${!ready} onClick=${submit}>Add job</button>`}>
    <div class="fields">
      <label class="wide"><span>Name</span><input ...${field("name")} spellcheck=${false} placeholder="nightly-report" />${badName ? html`<small style="color:var(--bad)">Letters, digits, dots, hyphens and underscores only.</small>` : ""}</label>
      <label class="wide"><span>Command</span><textarea rows="3" ...${field("command")} spellcheck=${false}></textarea></label>
      ${dependent
        ? html`<label class="wide"><span>Runs after</span><select multiple size="6" onChange=${(e) => setForm({ ...form, parents: [...e.target.selectedOptions].map((o) => o.value) })}>${jobs.map((j) => html`<option value=${j.name} selected=${form.parents.includes(j.name)}>${j.name}</option>`)}</select><small>After all the chosen jobs have succeeded.</small></label>`
        : html`<label class="two"><span>First run</span><input ...${field("start")} spellcheck=${false} /></label>
          <label><span>Every</span><input ...${field("period")} spellcheck=${false} list="periods" /><small style=${badPeriod ? "color:var(--bad)" : ""}>An ISO 8601 period: PT15M, PT1H, P1D, P1W, P1M</small><datalist id="periods"><option value="PT15M" /><option value="PT1H" /><option value="P1D" /><option value="P1W" /><option value="P1M" /></datalist></label>
          <label><span>How often</span><input type="number" min="0" ...${field("repeat")} placeholder="for ever" /></label>
          <label><span>Time zone</span><input ...${field("zone")} placeholder="of the first run" spellcheck=${false} /><small>Such as Europe/Vienna; keeps the wall-clock time.</small></label>`}
    </div>
    <button class="small" style="justify-self:start" aria-expanded=${more} onClick=${() => setMore(!more)}>${more ? "Fewer options" : "More options"}</button>
    ${more ? html`<div class="fields">
      <label><span>CPUs</span><input type="number" step="0.1" min="0" ...${field("cpus")} placeholder="0.1" /></label><label><span>Memory (MB)</span><input type="number" min="0" ...${field("mem")} placeholder="128" /></label>
      <label><span>Disk (MB)</span><input type="number" min="0" ...${field("disk")} placeholder="256" /></label><label><span>Retries</span><input type="number" min="0" ...${field("retries")} placeholder="2" /></label>
      <label class="wide"><span>Owner</span><input ...${field("owner")} placeholder="ops@example.org" /></label><label class="wide"><span>Description</span><input ...${field("description")} /></label>
      <label class="check"><input type="checkbox" checked=${form.concurrent} onChange=${(e) => setForm({ ...form, concurrent: e.target.checked })} /> Runs may overlap</label></div>` : ""}
    <${Problem} error=${error} /><//>`;
}

/** One job: what it does, how it went, why it failed or waits. */
function JobPage({ name, open }) {
  const { data, error, refresh } = usePoll(async () => {
    const [job, summary, stat] = await Promise.all([ask(jobUrl(name)), ask(`${API}/jobs/summary`), ask(`${API}/job/stat/${encodeURIComponent(name)}`)]);
    return { job: { ...summary.jobs.find((j) => j.name === name), ...job }, times: stat.histogram };
  }, 2000, [name]);
  const crumbs = html`<${Crumbs} items=${[["#/", "Jobs"], [null, name]]} />`;
  if (!data) return html`${crumbs}${error ? html`<${Problem} error=${error} />` : html`<${Loading} />`}`;
  const { job, times } = data;
  const next = nextRun(job);
  const failure = job.lastFailure;
  const gone = () => { location.hash = "/"; };
  const act = (kind, then = refresh) => () => open({ kind, job, done: then });
  return html`${crumbs}
    <div class="head"><h1>${name}</h1><${State} job=${job} />${job.status === "fresh" ? "" : html`<${Badge} kind=${STATUS[job.status]}>last: ${job.status}<//>`}<div class="grow"></div>
      <div class="actions"><button class="primary" onClick=${() => attempt(() => ask(jobUrl(name), { method: "PUT" }), `${name} is queued`).then(refresh)}>Run now</button>
        ${busy(job.state) ? html`<button onClick=${act("stop")}>Stop</button>` : ""}<button onClick=${act("edit")}>Edit</button><button class="danger" onClick=${act("delete", gone)}>Delete</button></div></div>
    <${Problem} error=${error} />
    ${job.waiting ? html`<div class="note warn">${why(job)}.</div>` : ""}
    ${failure && job.status === "failure" ? html`<div class="note bad">Last failure <${Ago} time=${failure.time} />: ${failure.message || failure.state}</div>` : ""}
    <${Card}><${Facts} items=${[
      ["Next run", job.parents?.length ? `after ${job.parents.join(", ")}` : finished(job) ? "none: all repetitions are done" : next ? html`<${Ago} time=${next / 1000} future />` : "none"],
      ["Schedule", job.schedule && html`<span class="mono">${job.schedule}</span>`], ["Time zone", job.scheduleTimeZone], ["Owner", job.owner],
      ["Each run uses", `${number(job.cpus)} cpu, ${mega(job.mem)}, ${mega(job.disk)} disk`], ["Retries", job.retries],
      ["Succeeded", html`${number(job.successCount)}${job.lastSuccess ? html`, last <${Ago} time=${job.lastSuccess} />` : ""}`], ["Failed", html`${number(job.errorCount)}${job.lastError ? html`, last <${Ago} time=${job.lastError} />` : ""}`],
      times.count && ["Runs took", `${span(times.median / 1000)} in the median, ${span(times["95thPercentile"] / 1000)} at the 95th percentile`], ["Description", job.description]]} /><//>
    <${Card} title="Command"><pre class="json">${job.command || "(its container or executor knows)"}${job.arguments?.length ? "\n" + job.arguments.join("\n") : ""}</pre><//>
    ${failure ? html`<${Card} title="Last failure"><${Facts} items=${[["When", html`<${Ago} time=${failure.time} />`], ["State", failure.state], ["Reason", failure.reason], ["Message", failure.message], ["Agent", failure.agentId], ["Task", html`<span class="mono">${failure.taskId}</span>`]]} /><//>` : ""}
    <details class="card"><summary>Definition as JSON</summary><pre class="json">${JSON.stringify(Object.fromEntries(Object.entries(job).filter(([k]) => !OURS.includes(k))), null, 2)}</pre></details>`;
}

function EditJob({ job, done, onClose }) {
  const clean = Object.fromEntries(Object.entries(job).filter(([k]) => ![...OURS, ...COUNTERS].includes(k)));
  if (clean.parents?.length) delete clean.schedule;
  else delete clean.parents;
  const [text, setText] = useState(JSON.stringify(clean, null, 2));
  const [error, setError] = useState(null);
  let parsed = null;
  let broken = null;
  try {
    parsed = JSON.parse(text);
  } catch (e) {
    broken = e.message;
  }
  const save = async () => {
    try {
      // A post takes the counters as they come, so those of this moment go along.
      const now = await ask(jobUrl(job.name));
      const counters = Object.fromEntries(COUNTERS.map((c) => [c, now[c]]));
      await send("POST", `${API}/${parsed.schedule ? "iso8601" : "dependency"}`, { ...counters, ...parsed });
      toast(`${job.name} was saved`);
      done();
      onClose();
    } catch (e) {
      setError(e);
    }
  };
  return html`<${Dialog} title=${`Edit ${job.name}`} onClose=${onClose} footer=${html`<button onClick=${onClose}>Cancel</button><button class="primary" disabled=${!parsed} onClick=${save}>Save</button>`}>
    ${html`<textarea rows="22" spellcheck=${false} value=${text} onInput=${(e) => setText(e.target.value)} aria-label="Job as JSON"></textarea>`}
    ${broken ? html`<div class="note warn">${broken}</div>` : ""}<${Problem} error=${error} /><//>`;
}

function Dialogs({ dialog, onClose }) {
  if (!dialog) return "";
  const { kind, job, jobs, done } = dialog;
  switch (kind) {
    case "scheduled": return html`<${NewJob} done=${done} onClose=${onClose} />`;
    case "dependent": return html`<${NewJob} dependent jobs=${jobs} done=${done} onClose=${onClose} />`;
    case "edit": return html`<${EditJob} job=${job} done=${done} onClose=${onClose} />`;
    case "stop": return html`<${Confirm} danger title=${`Stop ${job.name}?`} text="Its running tasks are killed. The next run comes as scheduled." verb="Stop" act=${() => ask(`${API}/task/kill/${encodeURIComponent(job.name)}`, { method: "DELETE" }).then(done)} onClose=${onClose} />`;
    case "delete": return html`<${Confirm} danger title=${`Delete ${job.name}?`} text="Running tasks are killed. Jobs that depend on it take over its parents or its schedule." verb="Delete" act=${() => ask(jobUrl(job.name), { method: "DELETE" }).then(() => { toast(`${job.name} was deleted`); done(); })} onClose=${onClose} />`;
    default: return "";
  }
}

function Chronos() {
  const [dialog, setDialog] = useState(null);
  const route = useRoute();
  const page = route[0] === "job" && route[1] ? html`<${JobPage} key=${route[1]} name=${route[1]} open=${setDialog} />` : html`<${Jobs} open=${setDialog} />`;
  return html`<${Shell} product="Chronos" speaks="Chronos 3" nav=${[["#/", "Jobs", "jobs"]]} current="jobs">${page}<${Dialogs} dialog=${dialog} onClose=${() => setDialog(null)} /><//>`;
}

start(Chronos);
