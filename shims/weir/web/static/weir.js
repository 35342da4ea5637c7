// The page works without this file, as pages with links; with it, it moves.
import { follow } from "./live.js";
import { look } from "./graph.js";
import { act } from "./acts.js";
import { keys } from "./keys.js";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
let polling;
export const say = (text) => { $("#said").textContent = text; };

// Take from another page each part whose content is another; focus, scrolling and unfolded menus stay.
export async function swap(address, push = true) {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) return void location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const own = document.body.dataset;
  if (page.body.dataset.boot !== own.boot) own.heard = 0;
  else if (Number(page.body.dataset.number) < Number(own.heard ?? 0)) return swap(address, push);  // it was overtaken by a change
  if (push) history.pushState(null, "", address);
  document.title = page.title;
  Object.assign(own, page.body.dataset);
  for (const part of $$("[data-part]", page)) renew(document.getElementById(part.id), part);
  settle();
}

function renew(old, part) {
  if (!old || old.dataset.key === part.dataset.key) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const typed = focused?.id === "find" ? [focused.value, focused.selectionStart] : null;
  const places = $$("[tabindex='0'],.canvas", old).map((e) => [e.scrollLeft, e.scrollTop]);
  const picked = new Set($$(".picked", old).map((e) => e.dataset.d));
  old.replaceWith(part);
  for (const e of $$(".node[data-d], tr[data-d]", part)) e.classList.toggle("picked", picked.has(e.dataset.d));
  $$("[tabindex='0'],.canvas", part).forEach((e, i) => places[i] && e.scrollTo(...places[i]));
  const again = focused && (document.getElementById(focused.id) ?? $(`[href="${CSS.escape(focused.getAttribute("href") ?? "")}"]`, part));
  again?.focus({ preventScroll: true });
  if (typed && again) { again.value = typed[0]; again.setSelectionRange(typed[1], typed[1]); }
}

// After each change of the page: times in the browser's zone, the end of the log, the graph.
export function settle() {
  times(document);
  for (const e of $$("[data-end]")) e.scrollTop = e.scrollHeight;
  look();
  clearTimeout(polling);
  if ($("[data-poll]")) polling = setTimeout(() => swap(location.pathname + location.search, false), 1000);
}

export function times(root) {
  const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium" });
  for (const e of $$("time[datetime]", root)) {
    e.textContent = ("date" in e.dataset ? date : time).format(new Date(e.dateTime));
  }
}

export function address(changes) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.pathname + url.search;
}

document.addEventListener("click", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  const copied = event.target.closest("[data-copy]");
  if (copied) return void copy(copied.dataset.copy);
  const acts = event.target.closest("[data-act]");
  if (acts) { event.preventDefault(); return void act(acts); }
  const link = event.target.closest("a[data-soft]");
  if (!link || !plain || link.dataset.moved) return;
  event.preventDefault();
  const name = link.closest("[data-d]")?.dataset.d;
  swap(name && !link.closest("nav") ? address({ d: name }) : link.getAttribute("href"));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-soft]")) return;
  event.preventDefault();
  const query = new URLSearchParams(new FormData(event.target));
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  swap(`${event.target.getAttribute("action")}?${query}`);
});

let typing;
document.addEventListener("input", (event) => {
  if (event.target.id !== "find") return;
  clearTimeout(typing);
  typing = setTimeout(() => swap(address({ q: event.target.value, only: null }), true), 180);
});

document.addEventListener("click", (event) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

export async function copy(text) {
  await navigator.clipboard.writeText(text);
  say(document.body.dataset.copied);
}

$("#theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  localStorage.setItem("theme", (root.dataset.theme = dark ? "light" : "dark"));
});
addEventListener("popstate", () => swap(location.pathname + location.search, false));
keys();
if (innerWidth <= 480 && $(".v-graph") && !new URLSearchParams(location.search).has("view")) {  // too narrow for a drawing
  history.replaceState(null, "", address({ view: "list" }));
  await swap(location.pathname + location.search, false);
}
settle();
follow();
document.documentElement.dataset.ready = "1";
