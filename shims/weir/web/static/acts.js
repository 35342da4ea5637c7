// Actions: what would be done is shown first, with its command; then it is asked for by POST.
import { $, $$, address, say, swap } from "./weir.js";

const dialog = () => $("#asks");

export async function act(button) {
  const selection = $$(".picked").map((e) => e.dataset.d);
  const values = { name: button.dataset.name ?? "", selected: selection.join("\n"), query: $("#find")?.value ?? "", update: $("#status")?.dataset.update ?? "", ...Object.fromEntries(button.form ? new FormData(button.form) : []) };
  const answer = await post(button.dataset.act, { ...values, asks: "1" });
  if (!answer) return;
  if (answer.dialog) return show(button.dataset.act, answer.dialog, values);
  return go(answer);
}

function show(path, html, values) {
  dialog().innerHTML = html;
  const form = $("form", dialog());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (event.submitter?.value === "cancel") return dialog().close();
    const answer = await post(path, { ...values, ...Object.fromEntries(new FormData(form)), asks: "" });
    if (answer) { dialog().close(); go(answer); }
  });
  dialog().showModal();
}

async function post(path, values) {
  const answer = await fetch(path, { method: "POST", headers: { "X-Weir": "1", "content-type": "application/json" }, body: JSON.stringify(values) });
  const content = await answer.json();
  if (answer.ok) return content;
  const wrong = $(".wrong", dialog());
  if (dialog().open && wrong) wrong.textContent = content.message;
  say(content.message);
}

function go({ next, message }) {
  if (message) say(message);
  return next ? location.assign(next) : swap(address({}), false);
}

// Ctrl or Shift and a click picks a node or a row, and lets it go again.
document.addEventListener("click", (event) => {
  const node = event.target.closest(".node[data-d], tr[data-d]");
  if (!node || !(event.ctrlKey || event.metaKey || event.shiftKey) || event.target.closest("td a, th a")) return;
  event.preventDefault();
  event.stopPropagation();
  if (!node.dataset.moved) node.classList.toggle("picked");
}, true);
