// What the server tells of changes: parts of this page are taken in the place of those with the same id.
import { $, $$, say, swap, times } from "./weir.js";

const SILENT = 20_000, PACE = 5_000;
let heard = Date.now(), lost = false, later, telling = null, told = 0;

export function follow() {
  const { boot, number } = document.body.dataset;
  const at = `/live?boot=${boot}&since=${number}&lang=${document.documentElement.lang}`;
  if (globalThis.SharedWorker) {
    const { port } = new SharedWorker("/static/stream.js", { name: `weir-${document.documentElement.lang}` });
    port.onmessage = ({ data }) => (data.joined ? refresh() : hear(data.data));
    port.start();
    port.postMessage({ address: at });
    addEventListener("pagehide", () => port.postMessage({ closes: true }));
  } else {
    const source = new EventSource(at);
    source.onmessage = (event) => hear(event.data);
    source.addEventListener("beat", () => hear());
  }
  setInterval(watch, 1000);
}

function hear(data) {
  heard = Date.now();
  if (lost) { lost = false; say(""); refresh(); }
  if (data) patch(JSON.parse(data));
}

function watch() {
  for (const e of $$("[data-since]")) {
    const taken = (Date.now() - new Date(e.dataset.since)) / 1000;
    e.textContent = taken < 60 ? `${taken.toFixed(0)} s` : `${Math.floor(taken / 60)} min ${Math.floor(taken % 60)} s`;
  }
  if (Date.now() - heard > SILENT && !lost) {
    lost = true;
    say(`${document.body.dataset.lost} ${new Date(heard).toLocaleTimeString(document.documentElement.lang)}`);
  }
}

function patch({ boot, number, pipeline, update, parts, lines, whole }) {
  const own = document.body.dataset;
  const shown = $("#status")?.dataset.update;
  if (boot !== own.boot || (pipeline === null && whole)) return refresh();
  own.heard = Math.max(Number(own.heard ?? 0), number);
  if (own.pipeline === "*") return refresh();
  if (own.pipeline !== pipeline || number <= Number(own.number)) return;
  own.number = number;
  if (update !== shown) return void (location.pathname.includes("/u/") || refresh());
  for (const [id, html] of Object.entries(parts)) put(document.getElementById(id), html);
  tell();
  const log = $("#log[data-end]");
  if (log && lines) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    const fresh = document.createElement("ol");
    fresh.innerHTML = lines;
    times(fresh);
    log.append(...[...fresh.children].filter((e) => !document.getElementById(e.id)));
    while (log.childElementCount > 200) log.firstElementChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
  const view = new URLSearchParams(location.search).get("view") ?? "graph";
  if (whole || !["graph", "list"].includes(view) || $(".panel:not([hidden])")) refresh();
}

// For who listens: where the update stands, at most once in five seconds.
function tell() {
  telling ??= setTimeout(() => {
    telling = null;
    told = Date.now();
    const text = `${$("#status .badge")?.textContent ?? ""}: ${$$("#tally span").map((e) => e.textContent).join(", ")}`;
    if ($("#told").textContent !== text) $("#told").textContent = text;
  }, Math.max(0, told + PACE - Date.now()));
}

function put(old, html) {
  if (!old) return;
  const svg = old.namespaceURI.endsWith("svg");
  const holder = svg ? document.createElementNS(old.namespaceURI, "svg") : document.createElement(old.localName === "tr" ? "tbody" : "div");
  holder.innerHTML = html;
  const fresh = holder.firstElementChild;
  for (const kept of ["dim", "hit", "on", "lit", "picked"]) fresh.classList.toggle(kept, old.classList.contains(kept));
  if (old.getAttribute("transform")) fresh.setAttribute("transform", old.getAttribute("transform"));
  const focused = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (focused) (fresh.matches("a,[tabindex]") ? fresh : $("a", fresh))?.focus({ preventScroll: true });
}

// Hidden tabs wait; the others take the whole page anew at most once a second.
export function refresh() {
  if (document.hidden) return void document.addEventListener("visibilitychange", refresh, { once: true });
  later ??= setTimeout(async () => {
    later = null;
    await swap(location.pathname + location.search, false).catch(() => {});
  }, 400);
}
