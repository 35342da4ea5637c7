// Every key that the help lists; none while somebody types, and none if they are switched off.
import { $, $$, address, say, swap } from "./weir.js";
import { fit, nearest, zoom } from "./graph.js";

const VIEWS = { g: null, l: "list", r: "grid", t: "time", q: "quality", e: "events" };

export function keys() {
  const off = $("#keys-off");
  off.checked = localStorage.getItem("keys") === "off";
  off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "off" : "on"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return void escape(event);
    if (event.target.id === "find" && event.key === "Enter") return void found(event);
    if (event.target.closest("input:not([type=checkbox]),select,textarea,dialog[open]")) return;
    if (off.checked) return;
    if (press(event)) event.preventDefault();
  });
}

function escape(event) {
  const open = $("details.menu[open]");
  if (open) { open.open = false; return $("summary", open).focus(); }
  if (event.target.id === "find") return event.target.blur();
  if (!$("dialog[open]")) $(".panel:not([hidden]) #close")?.click();
}

function found(event) {
  event.preventDefault();
  if (event.shiftKey) return swap(address({ q: event.target.value, only: "1" }));
  const hits = $$("[data-d].hit");
  const at = hits.findIndex((e) => e.classList.contains("on"));
  step(hits, at + 1);
}

function step(elements, at) {
  if (!elements.length) return;
  const chosen = elements[(at + elements.length) % elements.length];
  for (const e of elements) e.classList.toggle("on", e === chosen);
  (chosen.matches("a") ? chosen : $("a", chosen))?.focus();
  chosen.scrollIntoView({ block: "center", inline: "center" });
  return true;
}

function press({ key }) {
  if (key in VIEWS) return click($(`[data-view="${VIEWS[key] ?? "graph"}"]`));
  const problems = $$("[data-d].bad, tr[data-d]:has(.s-FAILED,.s-SKIPPED)");
  const at = problems.findIndex((e) => e.contains(document.activeElement) || e === document.activeElement);
  const done = {
    "/": () => ($("#find")?.focus(), $("#find")?.select(), true),
    "?": () => ($("#keys").showModal(), true),
    n: () => step(problems, at + 1),
    N: () => step(problems, at < 0 ? -1 : at - 1),
    "[": () => older(1), "]": () => older(-1),
    f: () => fit(), "+": () => zoom(1.25), "-": () => zoom(0.8),
    s: () => click($("[data-act$='/act/selection']")), u: () => click($("[data-act$='/act/run']")), p: () => click($("[data-act$='/act/plan']")),
    c: () => click($("[data-copy]", $(".panel:not([hidden])") ?? document)),
    ArrowLeft: () => walk("left"), ArrowRight: () => walk("right"), ArrowUp: () => walk("up"), ArrowDown: () => walk("down"),
  }[key];
  return done?.();
}

function click(element) { element?.click(); return Boolean(element); }

function walk(way) {
  const node = document.activeElement.closest(".node");
  const next = node && nearest(node, way);
  next?.focus();
  return Boolean(next);
}

function older(by) {
  const all = $$("#updates [data-update-link]");
  const at = all.findIndex((e) => e.getAttribute("aria-current"));
  const next = all[at + by];
  if (next) swap(next.getAttribute("href") + location.search);
  else say(document.body.dataset.end ?? "");
  return true;
}
