// SPDX-License-Identifier: Apache-2.0
// The parts that every console is made of. State lives in hooks; nothing here knows a server.
import { h, render, Fragment } from "./vendor/preact.js";
import { useState, useEffect, useRef, useMemo, useCallback } from "./vendor/hooks.js";
import htm from "./vendor/htm.js";
import { VERSION } from "./version.js";

export const html = htm.bind(h);
export { VERSION, render, Fragment, useState, useEffect, useRef, useMemo, useCallback };

/** Asks a server; throws an Error whose message is the server's own text. */
export async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new Error("The server does not answer. Trying again …");
  }
  const text = await response.text();
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    body = text;
  }
  if (!response.ok) {
    const error = new Error(describe(body) || `${response.status} ${response.statusText}`);
    error.status = response.status;
    error.body = body;
    throw error;
  }
  return body;
}

/** One line out of an error body, be it text, Marathon's or Chronos' form. */
function describe(body) {
  if (!body || typeof body === "string") return body || "";
  const details = Array.isArray(body.details)
    ? body.details.map((d) => `${d.path}: ${(d.errors || []).join(", ")}`).join("; ")
    : body.details;
  return [body.message, details].filter(Boolean).join(" — ");
}

export const send = (method, url, body) =>
  ask(url, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
  });

/** Script-tag requests reach servers on other ports (agents) as in the original console. */
let callbacks = 0;
export function jsonp(url, timeout = 10000) {
  return new Promise((resolve, reject) => {
    const name = `meseta_jsonp_${callbacks++}`;
    const script = document.createElement("script");
    const end = (act, value) => {
      clearTimeout(timer);
      delete window[name];
      script.remove();
      act(value);
    };
    const timer = setTimeout(() => end(reject, new Error("The agent does not answer.")), timeout);
    window[name] = (value) => end(resolve, value);
    script.onerror = () => end(reject, new Error("Not found, or the agent does not answer."));
    script.src = url + (url.includes("?") ? "&" : "?") + "jsonp=" + name;
    document.head.append(script);
  });
}

/** Runs `load` now and every `every` ms while the page is visible; keeps the last data when a request fails. */
export function usePoll(load, every, dependencies = []) {
  const [state, setState] = useState({ data: null, error: null });
  const again = useRef(() => {});
  useEffect(() => {
    let timer;
    let stopped = false;
    let failures = 0;
    let running = false;
    const round = async () => {
      if (running) return;
      running = true;
      clearTimeout(timer);
      try {
        const data = await load();
        failures = 0;
        if (!stopped) setState({ data, error: null });
      } catch (error) {
        failures++;
        if (!stopped) setState((old) => ({ data: old.data, error }));
      }
      running = false;
      if (!stopped) timer = setTimeout(() => (document.hidden ? wait() : round()), Math.min(every * 2 ** failures, 30000));
    };
    const wait = () => document.addEventListener("visibilitychange", round, { once: true });
    again.current = round;
    setState({ data: null, error: null });
    round();
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", round);
    };
  }, dependencies);
  return { ...state, refresh: () => again.current() };
}

/** The part of the address behind `#/`, cut into decoded segments. */
export function useRoute() {
  const read = () => location.hash.replace(/^#\/?/, "").split("?")[0].split("/").filter(Boolean).map(decodeURIComponent);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => {
      setRoute(read());
      window.scrollTo(0, 0);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
export const link = (...segments) => "#/" + segments.map(encodeURIComponent).join("/");

/* ---------- numbers and times ---------- */
export const number = (value, digits = 2) => (Math.round((value ?? 0) * 10 ** digits) / 10 ** digits).toLocaleString("en-US", { maximumFractionDigits: digits });
export function mega(mb) {
  if (!mb) return "0 MB";
  return mb >= 1024 * 1024 ? `${number(mb / 1024 / 1024, 1)} TB` : mb >= 1024 ? `${number(mb / 1024, 1)} GB` : `${number(mb, 0)} MB`;
}
export function bytes(count) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  while (count >= 1024 && at < units.length - 1) {
    count /= 1024;
    at++;
  }
  return `${number(count, at ? 1 : 0)} ${units[at]}`;
}
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}
/** A time as "3 min ago", with the exact one as its title. Takes ISO text or seconds. */
export function Ago({ time, future = false }) {
  if (!time) return html`<span class="sub">–</span>`;
  const at = typeof time === "number" ? time * 1000 : Date.parse(time);
  const seconds = (Date.now() - at) / 1000;
  const text = future || seconds < -2 ? (seconds > 0 ? "due" : `in ${span(-seconds)}`) : `${span(seconds)} ago`;
  return html`<time datetime=${new Date(at).toISOString()} title=${new Date(at).toLocaleString()}>${text}</time>`;
}

/* ---------- parts ---------- */
const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="8" fill="#4338ca" />
  <path d="M5 22 L10.5 11.5 H21.5 L27 22 Z" fill="#fff" />
  <path d="M5 22 L10.5 11.5 L14 22 Z" fill="#c7c3fb" />
</svg>`;

export function Shell({ product, nav, current, speaks, children }) {
  return html`<header class="top"><div class="top-in">
      <a class="mark" href="#/">${mark}<div>Meseta <span>${product}</span></div></a>
      <nav class="tabs" aria-label="Pages">
        ${nav.map(([href, label, key]) => html`<a href=${href} aria-current=${key === current ? "page" : null}>${label}</a>`)}
      </nav>
      <div class="grow"></div>
      <${ThemeSwitch} />
    </div></header>
    <main class="page">${children}</main>
    <footer class="foot">Meseta ${VERSION}${speaks ? ` · speaks as ${speaks}` : ""}</footer>
    <${Toasts} />`;
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(localStorage.getItem("theme") || "auto");
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
  }, [theme]);
  const next = { auto: "light", light: "dark", dark: "auto" }[theme];
  const sign = { auto: "◐", light: "☀", dark: "☾" }[theme];
  return html`<button class="icon" title=${`Colours: ${theme}. Click for ${next}.`} aria-label=${`Colours: ${theme}`} onClick=${() => setTheme(next)}>${sign}</button>`;
}

export const Badge = ({ kind = "", children, title }) => html`<span class=${`badge ${kind}`} title=${title}><span>${children}</span></span>`;

const STATES = {
  TASK_RUNNING: "good", TASK_FINISHED: "good", TASK_STAGING: "busy", TASK_STARTING: "busy", TASK_KILLING: "warn",
  TASK_FAILED: "bad", TASK_ERROR: "bad", TASK_LOST: "bad", TASK_DROPPED: "bad", TASK_UNREACHABLE: "warn", TASK_GONE: "bad",
};
export const TaskState = ({ state }) => html`<${Badge} kind=${STATES[state] || ""}>${state.replace("TASK_", "").toLowerCase().replaceAll("_", " ")}<//>`;

export function Bar({ label, used, total, format = number }) {
  const share = total > 0 ? Math.min(1, used / total) : 0;
  return html`<div class="bar"><div><span>${label}</span><span class="sub">${format(used)} of ${format(total)}</span></div>
    <i role="progressbar" aria-label=${label} aria-valuenow=${Math.round(share * 100)} aria-valuemin="0" aria-valuemax="100">
      <i class=${share > 0.9 ? "full" : ""} style=${{ width: `${share * 100}%` }}></i></i></div>`;
}

export const Tile = ({ value, label }) => html`<div class="tile"><b>${value}</b><span>${label}</span></div>`;

export const Facts = ({ items }) =>
  html`<dl class="facts">${items.filter((i) => i && i[1] !== undefined && i[1] !== null && i[1] !== "").map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

export const Crumbs = ({ items }) =>
  html`<nav class="crumbs" aria-label="Where you are">${items.map(([href, text], i) => html`${i ? html`<span>/</span>` : ""}${href ? html`<a href=${href}>${text}</a>` : html`<span>${text}</span>`}`)}</nav>`;

export const Card = ({ title, tools, children, flush }) =>
  html`<section class="card">${title || tools ? html`<header><h2>${title}</h2><div class="grow"></div>${tools}</header>` : ""}${flush ? children : html`<div class="body">${children}</div>`}</section>`;

export const Empty = ({ title, children }) => html`<div class="empty"><b>${title}</b><div>${children}</div></div>`;
export const Problem = ({ error }) => (error ? html`<div class="note bad" role="alert">${error.message}</div>` : "");
export const Loading = () => html`<div class="skeleton" aria-label="Loading"></div>`;

/**
 * A table that can be searched and sorted, a hundred rows at a time.
 * columns: [{ label, value(row) for sorting and searching, cell(row) if it is more than text, num, wide takes what
 * the others leave, optional goes on screens below 900 pixels }]
 */
const classes = (c) => ["num", "wide", "optional"].filter((name) => c[name]).join(" ");
export function Table({ title, tools, columns, rows, id, empty, sort = 0, descending = false, search = true }) {
  const [text, setText] = useState("");
  const [order, setOrder] = useState({ by: sort, down: descending });
  const [shown, setShown] = useState(100);
  const wanted = text.trim().toLowerCase();
  const found = useMemo(() => {
    const matching = wanted ? rows.filter((row) => columns.some((c) => String(c.value(row) ?? "").toLowerCase().includes(wanted))) : rows;
    const value = columns[order.by].value;
    const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? ""), "en", { numeric: true }));
    return [...matching].sort((a, b) => (order.down ? -1 : 1) * compare(value(a), value(b)));
  }, [rows, wanted, order]);
  const box = search && rows.length > 5 ? html`<input type="search" placeholder="Search" aria-label=${`Search ${title}`} value=${text} onInput=${(e) => setText(e.target.value)} />` : "";
  return html`<${Card} flush title=${html`${title} <span class="sub">${rows.length ? number(found.length) : ""}</span>`} tools=${html`${box}${tools}`}>
    ${rows.length === 0
      ? empty
      : html`<div class="table"><table class="stack">
          <thead><tr>${columns.map((c, i) => html`<th class=${classes(c)} aria-sort=${order.by === i ? (order.down ? "descending" : "ascending") : null}>
            ${c.label ? html`<button onClick=${() => setOrder({ by: i, down: order.by === i ? !order.down : false })}>${c.label}${order.by === i ? (order.down ? " ↓" : " ↑") : ""}</button>` : ""}</th>`)}</tr></thead>
          <tbody>${found.slice(0, shown).map((row) => html`<tr key=${id(row)}>${columns.map((c) => html`<td class=${classes(c)} data-label=${c.num ? c.label : null}>${c.cell ? c.cell(row) : c.value(row)}</td>`)}</tr>`)}</tbody>
        </table></div>
        ${found.length === 0 ? html`<${Empty} title="Nothing matches">No row contains “${text}”.<//>` : ""}
        ${found.length > shown ? html`<div class="more">${shown} of ${number(found.length)} <button class="small" onClick=${() => setShown(shown + 200)}>Show more</button></div>` : ""}`}
  <//>`;
}

export function Dialog({ title, onClose, children, footer, narrow }) {
  const box = useRef();
  useEffect(() => {
    const before = document.activeElement;
    const key = (e) => e.key === "Escape" && onClose();
    addEventListener("keydown", key);
    (box.current.querySelector("input, textarea, select, .primary") || box.current).focus();
    return () => {
      removeEventListener("keydown", key);
      before?.focus?.();
    };
  }, []);
  return html`<div class="veil" onMouseDown=${(e) => e.target === e.currentTarget && onClose()}>
    <div class=${`dialog ${narrow ? "narrow" : ""}`} role="dialog" aria-modal="true" aria-label=${title} ref=${box} tabindex="-1">
      <header><h2>${title}</h2><div class="grow"></div><button class="icon small" aria-label="Close" onClick=${onClose}>✕</button></header>
      <div class="body">${children}</div>
      ${footer ? html`<footer>${footer}</footer>` : ""}
    </div></div>`;
}

/** Asks before something that cannot be taken back. `act` may fail; then its text is shown and the dialog stays. */
export function Confirm({ title, text, verb, danger, act, onClose }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const go = async () => {
    setBusy(true);
    try {
      await act();
      onClose();
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  return html`<${Dialog} narrow title=${title} onClose=${onClose}
    footer=${html`<button onClick=${onClose}>Cancel</button><button class=${`primary ${danger ? "danger" : ""}`} disabled=${busy} onClick=${go}>${verb}</button>`}>
    <div>${text}</div><${Problem} error=${error} /><//>`;
}

let show = () => {};
export const toast = (text, kind = "") => show({ text, kind, id: Math.random() });
function Toasts() {
  const [list, setList] = useState([]);
  show = (item) => {
    setList((old) => [...old.slice(-3), item]);
    setTimeout(() => setList((old) => old.filter((o) => o !== item)), 5000);
  };
  return html`<div class="toasts" role="status" aria-live="polite">${list.map((t) => html`<div class=${`toast ${t.kind}`} key=${t.id}>${t.text}</div>`)}</div>`;
}

/** Does something and says how it went. */
export async function attempt(what, done) {
  try {
    const result = await what();
    if (done) toast(done);
    return result;
  } catch (e) {
    toast(e.message, "bad");
    return undefined;
  }
}

export function start(App) {
  render(html`<${App} />`, document.getElementById("app"));
}
