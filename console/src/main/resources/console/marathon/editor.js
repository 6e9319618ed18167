// SPDX-License-Identifier: Apache-2.0
// Creates or changes an application, by a form or as JSON. Both edit the same definition.
import { html, useState, Dialog, Problem } from "./lib/ui.js";

const lines = (object) => Object.entries(object ?? {}).map(([k, v]) => `${k}=${typeof v === "string" ? v : JSON.stringify(v)}`).join("\n");
function pairs(text) {
  const object = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) object[line.slice(0, at).trim()] = line.slice(at + 1);
  }
  return object;
}

/** What the form shows of a definition. */
function toForm(app) {
  const check = app.healthChecks?.[0];
  return {
    id: app.id ?? "", cmd: app.cmd ?? "", instances: app.instances ?? 1, cpus: app.cpus ?? 0.1, mem: app.mem ?? 64, disk: app.disk ?? 0, user: app.user ?? "",
    ports: (app.portDefinitions ?? []).map((p) => p.port).join(", "), env: lines(app.env), labels: lines(app.labels), fetch: (app.fetch ?? []).map((f) => f.uri).join("\n"),
    image: app.container?.docker?.image ?? "", type: app.container?.type ?? "DOCKER",
    check: check?.protocol ?? "", path: check?.path ?? "/", interval: check?.intervalSeconds ?? 10, grace: check?.gracePeriodSeconds ?? 30,
  };
}

/** The definition with the form's values in it; what the form does not show is kept. */
function fromForm(form, app) {
  const made = { ...app, id: form.id.startsWith("/") ? form.id : `/${form.id}`, instances: Number(form.instances), cpus: Number(form.cpus), mem: Number(form.mem), disk: Number(form.disk) };
  const put = (name, value, present) => (present ? (made[name] = value) : delete made[name]);
  put("cmd", form.cmd, form.cmd.trim());
  put("user", form.user, form.user.trim());
  put("env", pairs(form.env), form.env.trim());
  put("labels", pairs(form.labels), form.labels.trim());
  const old = new Map((app.fetch ?? []).map((f) => [f.uri, f]));
  put("fetch", form.fetch.split("\n").map((u) => u.trim()).filter(Boolean).map((uri) => old.get(uri) ?? { uri }), form.fetch.trim());
  const ports = form.ports.split(/[\s,]+/).filter(Boolean).map(Number);
  if (ports.length || app.portDefinitions) made.portDefinitions = ports.map((port, i) => ({ ...(app.portDefinitions?.[i] ?? { protocol: "tcp" }), port }));
  if (form.image.trim()) made.container = { ...app.container, type: form.type, docker: { ...app.container?.docker, image: form.image.trim() } };
  else delete made.container;
  if (form.check) {
    const check = { ...(app.healthChecks?.[0] ?? { portIndex: 0, timeoutSeconds: 10, maxConsecutiveFailures: 3 }), protocol: form.check, intervalSeconds: Number(form.interval), gracePeriodSeconds: Number(form.grace) };
    if (form.check.includes("HTTP")) check.path = form.path;
    else delete check.path;
    made.healthChecks = [check, ...(app.healthChecks ?? []).slice(1)];
  } else delete made.healthChecks;
  return made;
}

const START = { cmd: "", cpus: 0.1, mem: 64, instances: 1, portDefinitions: [{ port: 0, protocol: "tcp", name: "default" }] };

export function Editor({ app, save, onClose }) {
  const [base, setBase] = useState(app ?? START);
  const [form, setForm] = useState(toForm(app ?? START));
  const [json, setJson] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const field = (name) => ({ value: form[name], onInput: (e) => setForm({ ...form, [name]: e.target.value }) });
  let parsed = null;
  let broken = null;
  if (json !== null) {
    try {
      parsed = JSON.parse(json);
    } catch (e) {
      broken = e.message;
    }
  }
  const toJson = () => setJson(JSON.stringify(fromForm(form, base), null, 2));
  const toFields = () => {
    if (parsed) {
      setBase(parsed);
      setForm(toForm(parsed));
      setJson(null);
    }
  };
  const submit = async (force) => {
    setBusy(true);
    setError(null);
    try {
      await save(json === null ? fromForm(form, base) : parsed, force);
      onClose();
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  const ready = json === null ? form.id.trim() && (form.cmd.trim() || form.image.trim() || base.args) : parsed;
  const footer = html`<div class="segments" role="group" aria-label="How to edit"><button aria-pressed=${json === null} disabled=${!!broken} onClick=${toFields}>Form</button><button aria-pressed=${json !== null} onClick=${() => json === null && toJson()}>JSON</button></div>
    <div class="grow"></div><button onClick=${onClose}>Cancel</button>${error?.status === 409 && app ? html`<button onClick=${() => submit(true)}>Force</button>` : ""}
    <button class="primary" disabled=${!ready || busy} onClick=${() => submit(false)}>${app ? "Deploy change" : "Create"}</button>`;
  return html`<${Dialog} title=${app ? `Edit ${app.id}` : "Create application"} onClose=${onClose} footer=${footer}>
    ${json !== null
      ? html`<label><span>Definition</span><textarea rows="20" spellcheck=${false} value=${json} onInput=${(e) => setJson(e.target.value)} aria-label="Definition as JSON"></textarea></label>${broken ? html`<div class="note warn">${broken}</div>` : ""}`
      : html`<div class="fields">
          <label class="wide"><span>Id</span><input ...${field("id")} disabled=${!!app} placeholder="/shop/frontend" spellcheck=${false} /><small>Lower case letters, digits, dots and hyphens; slashes make groups.</small></label>
          <label class="wide"><span>Command</span><textarea rows="3" ...${field("cmd")} spellcheck=${false} placeholder="./server --port $PORT0"></textarea><small>Run by /bin/sh. $PORT0 is the first port given to the instance.</small></label>
          <label><span>Instances</span><input type="number" min="0" ...${field("instances")} /></label>
          <label><span>CPUs</span><input type="number" min="0" step="0.1" ...${field("cpus")} /></label>
          <label><span>Memory (MB)</span><input type="number" min="0" ...${field("mem")} /></label>
          <label><span>Disk (MB)</span><input type="number" min="0" ...${field("disk")} /></label>
          <label class="wide"><span>Fetch before the start</span><textarea rows="2" ...${field("fetch")} spellcheck=${false} placeholder="https://example.org/app.tar.gz"></textarea><small>One address a line; archives are unpacked.</small></label>
          <label><span>Ports</span><input ...${field("ports")} placeholder="0" /><small>0 takes a free one; a comma between several.</small></label>
          <label><span>User</span><input ...${field("user")} placeholder="the agent's" /></label>
          <label><span>Health check</span><select ...${field("check")}><option value="">none</option><option value="MESOS_HTTP">HTTP, by the agent</option><option value="HTTP">HTTP, by Marathon</option><option value="MESOS_TCP">TCP, by the agent</option><option value="TCP">TCP, by Marathon</option>${["", "MESOS_HTTP", "HTTP", "MESOS_TCP", "TCP"].includes(form.check) ? "" : html`<option value=${form.check}>${form.check}</option>`}</select></label>
          ${form.check.includes("HTTP") ? html`<label><span>Path</span><input ...${field("path")} /></label>` : ""}
          ${form.check ? html`<label><span>Every (s)</span><input type="number" min="1" ...${field("interval")} /></label><label><span>Grace period (s)</span><input type="number" min="0" ...${field("grace")} /></label>` : ""}
          <label class="wide"><span>Environment</span><textarea rows="2" ...${field("env")} spellcheck=${false} placeholder="NAME=value"></textarea></label>
          <label class="wide"><span>Labels</span><textarea rows="2" ...${field("labels")} spellcheck=${false} placeholder="name=value"></textarea></label>
          <label><span>Container image</span><input ...${field("image")} placeholder="none: run on the host" spellcheck=${false} /></label>
          ${form.image ? html`<label><span>Started by</span><select ...${field("type")}><option value="MESOS">Mesos containerizer</option><option value="DOCKER">Docker</option></select></label>` : ""}
        </div>`}
    <${Problem} error=${error} /><//>`;
}
