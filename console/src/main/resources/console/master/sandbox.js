// SPDX-License-Identifier: Apache-2.0
// A task's sandbox: folders, downloads, and files that follow their end.
import { html, jsonp, usePoll, useState, useEffect, useRef, bytes, Ago, Card, Empty, Problem, Loading } from "./lib/ui.js";

const PIECE = 50000;

const base = (agent) => `//${agent.hostname}:${agent.port}`;

/** The folder of the task's container, as the agent names it; null when the agent has forgotten it. */
async function directory(agent, task) {
  const state = await jsonp(`${base(agent)}/slave(1)/state`);
  const wanted = task.executor_id || task.id;
  for (const list of [state.frameworks, state.completed_frameworks]) {
    for (const framework of list || []) {
      if (framework.id !== task.framework_id) continue;
      for (const executor of [...framework.executors, ...framework.completed_executors]) {
        if (executor.id !== wanted) continue;
        // Tasks of a group have folders of their own below that of their executor.
        const nested = executor.type === "DEFAULT" ? `/tasks/${task.id}` : "";
        return executor.directory + nested;
      }
    }
  }
  return null;
}

export function Sandbox({ agent, task }) {
  const [root, setRoot] = useState(undefined);
  const [path, setPath] = useState(null);
  const [file, setFile] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    directory(agent, task).then((found) => {
      setRoot(found);
      setPath(found);
    }, setError);
  }, [agent.id, task.id]);
  if (error) return html`<${Card} title="Sandbox"><${Problem} error=${error} /><//>`;
  if (root === undefined) return html`<${Card} title="Sandbox"><${Loading} /><//>`;
  if (root === null) return html`<${Card} title="Sandbox"><${Empty} title="The agent has forgotten this task">Its sandbox was cleaned up.<//><//>`;
  if (file) return html`<${Tail} agent=${agent} path=${file} onBack=${() => setFile(null)} />`;
  return html`<${Folder} key=${path} agent=${agent} root=${root} path=${path} onFolder=${setPath} onFile=${setFile} />`;
}

/** A link that does something here instead of leading away. */
const go = (act) => (e) => {
  e.preventDefault();
  act();
};

function Folder({ agent, root, path, onFolder, onFile }) {
  const { data, error } = usePoll(() => jsonp(`${base(agent)}/files/browse?path=${encodeURIComponent(path)}`), 5000, [path]);
  const inside = path.slice(root.length).split("/").filter(Boolean);
  const trail = html`<span class="crumbs"><a href="#" onClick=${go(() => onFolder(root))}>sandbox</a>${inside.map((name, i) => html` / <a href="#" onClick=${go(() => onFolder(`${root}/${inside.slice(0, i + 1).join("/")}`))}>${name}</a>`)}</span>`;
  const row = (f) => {
    const folder = f.mode.startsWith("d");
    const name = f.path.split("/").pop();
    return html`<tr key=${f.path}>
      <td>${folder ? html`<a href="#" onClick=${go(() => onFolder(f.path))}>${name}/</a>` : html`<a href="#" onClick=${go(() => onFile(f.path))}>${name}</a>`}</td>
      <td class="num">${folder ? "" : bytes(f.size)}</td><td class="optional mono">${f.mode}</td><td class="optional">${f.uid}:${f.gid}</td><td><${Ago} time=${f.mtime} /></td>
      <td class="num">${folder ? "" : html`<a href=${`${base(agent)}/files/download?path=${encodeURIComponent(f.path)}`} download=${name}>Download</a>`}</td></tr>`;
  };
  return html`<${Card} flush title="Sandbox" tools=${trail}>
    ${error ? html`<div class="body"><${Problem} error=${error} /></div>` : !data ? html`<${Loading} />` : data.length === 0 ? html`<${Empty} title="This folder is empty"><//>`
      : html`<div class="table"><table><thead><tr><th>Name</th><th class="num">Size</th><th class="optional">Mode</th><th class="optional">Owner</th><th>Changed</th><th></th></tr></thead><tbody>${data.map(row)}</tbody></table></div>`}<//>`;
}

/** The end of a file, growing while the file grows; scrolling up stops following. */
function Tail({ agent, path, onBack }) {
  const [text, setText] = useState("");
  const [size, setSize] = useState(null);
  const [error, setError] = useState(null);
  const [follow, setFollow] = useState(true);
  const box = useRef();
  const following = useRef(true);
  following.current = follow;
  useEffect(() => {
    let stopped = false;
    let timer;
    let at = null;
    const url = (offset, length) => `${base(agent)}/files/read?path=${encodeURIComponent(path)}&offset=${offset}&length=${length}`;
    const round = async () => {
      let wait = 1000;
      try {
        if (at === null) {
          const end = (await jsonp(url(-1, 0))).offset;
          at = Math.max(0, end - PIECE);
        }
        const piece = await jsonp(url(at, PIECE));
        if (stopped) return;
        if (piece.data.length) {
          at = piece.offset + new TextEncoder().encode(piece.data).length;
          setText((old) => (old + piece.data).slice(-2000000));
          wait = piece.data.length > PIECE / 2 ? 0 : 300;
        }
        setSize(at);
        setError(null);
      } catch (e) {
        if (stopped) return;
        setError(e);
        wait = 3000;
      }
      timer = setTimeout(round, wait);
    };
    round();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [path]);
  useEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, follow]);
  const scrolled = () => {
    const b = box.current;
    const atEnd = b.scrollHeight - b.scrollTop - b.clientHeight < 30;
    if (atEnd !== following.current) setFollow(atEnd);
  };
  const name = path.split("/").pop();
  const tools = html`<label class="check"><input type="checkbox" checked=${follow} onChange=${(e) => setFollow(e.target.checked)} /> Follow</label>
    <a class="button" href=${`${base(agent)}/files/download?path=${encodeURIComponent(path)}`} download=${name}>Download</a><button onClick=${onBack}>Back</button>`;
  return html`<${Card} flush title=${html`${name} <span class="sub">${size === null ? "" : bytes(size)}</span>`} tools=${tools}>
    <${Problem} error=${error} /><pre class="log" ref=${box} onScroll=${scrolled} tabindex="0">${text || (size === null ? "" : "(nothing written yet)")}</pre><//>`;
}
