// The drawing: the browser scrolls it, this file only sets its size, drags it and finds what lies beside a node.
import { $, $$ } from "./weir.js";

let scale = 1, drawn = "";

export function look() {
  const svg = $(".canvas > svg");
  if (!svg) return void (drawn = "");
  const shape = svg.getAttribute("viewBox") + location.pathname;
  if (shape !== drawn) { drawn = shape; fit(); near(); centre($(".node.bad") ?? $(".node[aria-current]")); } else resize();
  const canvas = $(".canvas");
  canvas.addEventListener("scroll", minimap, { passive: true });
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("pointerdown", drag);
  $(".minimap")?.addEventListener("pointerdown", jump);
  minimap();
}

const box = (svg) => svg.viewBox.baseVal;

export function fit() {
  const canvas = $(".canvas"), svg = $(".canvas > svg");
  if (!svg) return false;
  const { width, height } = box(svg);
  scale = Math.max(0.05, Math.min(1.4, (canvas.clientWidth - 8) / width, (canvas.clientHeight - 8) / height));
  resize();
  return true;
}

// At first, boxes can be read, even if not all of them are seen.
function near() {
  if (scale >= 0.6) return;
  scale = 0.78;
  resize();
}

export function zoom(by, x, y) {
  const canvas = $(".canvas");
  if (!canvas) return false;
  const before = scale, rect = canvas.getBoundingClientRect();
  const [left, top] = [x === undefined ? rect.width / 2 : x - rect.left, y === undefined ? rect.height / 2 : y - rect.top];
  const [atX, atY] = [(canvas.scrollLeft + left) / before, (canvas.scrollTop + top) / before];
  scale = Math.min(3, Math.max(0.08, scale * by));
  resize();
  canvas.scrollTo(atX * scale - left, atY * scale - top);
  return true;
}

function resize() {
  const svg = $(".canvas > svg"), { width, height } = box(svg);
  svg.style.width = `${width * scale}px`;
  svg.style.height = `${height * scale}px`;
  svg.classList.toggle("far", scale < 0.35);
  minimap();
}

function centre(node) {
  if (!node) return;
  const canvas = $(".canvas"), at = node.getBoundingClientRect(), rect = canvas.getBoundingClientRect();
  if (at.left >= rect.left && at.right <= rect.right && at.top >= rect.top && at.bottom <= rect.bottom) return;
  canvas.scrollBy(at.left - rect.left - rect.width / 2 + at.width / 2, at.top - rect.top - rect.height / 2);
}

function wheel(event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY);
}

function drag(event) {
  const canvas = $(".canvas");
  if (event.button !== 0 || event.pointerType === "touch") return;
  const [x, y, left, top] = [event.clientX, event.clientY, canvas.scrollLeft, canvas.scrollTop];
  const link = event.target.closest("a"), frame = event.shiftKey ? framed(x, y) : null;
  const move = (e) => {
    if (Math.abs(e.clientX - x) + Math.abs(e.clientY - y) > 4 && link) link.dataset.moved = "1";
    if (frame) frame.to(e.clientX, e.clientY); else canvas.scrollTo(left - e.clientX + x, top - e.clientY + y);
  };
  const end = () => {
    removeEventListener("pointermove", move);
    frame?.pick();
    setTimeout(() => link && delete link.dataset.moved);
  };
  if (link) link.addEventListener("dragstart", (e) => e.preventDefault(), { once: true });
  addEventListener("pointermove", move);
  addEventListener("pointerup", end, { once: true });
}

// Shift and dragging picks all nodes that a frame touches.
function framed(x, y) {
  const frame = document.createElement("div");
  frame.className = "frame";
  document.body.append(frame);
  const to = (atX, atY) => Object.assign(frame.style, {
    left: `${Math.min(x, atX)}px`, top: `${Math.min(y, atY)}px`, width: `${Math.abs(atX - x)}px`, height: `${Math.abs(atY - y)}px`,
  });
  const pick = () => {
    const within = frame.getBoundingClientRect();
    frame.remove();
    if (within.width + within.height < 5) return;
    for (const node of $$(".canvas .node[data-d]")) {
      const at = node.getBoundingClientRect();
      if (at.left < within.right && at.right > within.left && at.top < within.bottom && at.bottom > within.top) node.classList.add("picked");
    }
  };
  return { to, pick };
}

function minimap() {
  const map = $(".minimap"), canvas = $(".canvas"), seen = $(".minimap .seen");
  if (!seen) return;
  const { width, height } = box($(".canvas > svg"));
  map.toggleAttribute("hidden", width * scale <= canvas.clientWidth + 2 && height * scale <= canvas.clientHeight + 2);
  for (const [name, value] of Object.entries({
    x: canvas.scrollLeft / scale, y: canvas.scrollTop / scale,
    width: Math.min(width, canvas.clientWidth / scale), height: Math.min(height, canvas.clientHeight / scale),
  })) seen.setAttribute(name, value);
}

function jump(event) {
  const map = $(".minimap"), rect = map.getBoundingClientRect(), { width, height } = box(map);
  const canvas = $(".canvas"), by = Math.max(width / rect.width, height / rect.height);
  const x = width / 2 + (event.clientX - rect.left - rect.width / 2) * by, y = height / 2 + (event.clientY - rect.top - rect.height / 2) * by;
  canvas.scrollTo(x * scale - canvas.clientWidth / 2, y * scale - canvas.clientHeight / 2);
}

// The node that lies nearest in a direction; what is in line with it counts as nearer.
export function nearest(node, way) {
  const [sign, along, across] = { left: [-1, "x", "y"], right: [1, "x", "y"], up: [-1, "y", "x"], down: [1, "y", "x"] }[way];
  const at = node.getBoundingClientRect();
  let best, least = Infinity;
  for (const other of $$(".node")) {
    const there = other.getBoundingClientRect(), step = (there[along] - at[along]) * sign;
    const far = step + 2 * Math.abs(there[across] - at[across]);
    if (step > 1 && far < least) [best, least] = [other, far];
  }
  return best;
}
