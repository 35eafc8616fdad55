// One file over the page it was opened from, or as a page of its own. The server renders it; arrows go on, Esc goes back.

import { say, toast } from "./announce.js";
import { annotate } from "./annotate.js";
import { retitle } from "./live.js";
import { all, ask, call, element, mounted, onMount } from "./net.js";
import { zoomOf } from "./zoom.js";

const seen = new Set();
const told = ["toasts", "live"].map((id) => document.getElementById(id));
let dialog, slot, opener, opened, zoom, annotator, coming;

export const shown = () => document.querySelector("[data-viewer]");
const singles = () => document.body.dataset.shortcuts !== "off";
const typing = (node) => node.matches?.("input:not([readonly]), textarea, select") || node.isContentEditable;

// --- opening, going on, closing

function over() {
  if (dialog) return dialog;
  dialog = Object.assign(document.createElement("dialog"), { className: "viewer-over" });
  dialog.setAttribute("aria-label", "File");
  slot = dialog.appendChild(document.createElement("div"));
  slot.className = "viewer-slot";
  dialog.addEventListener("close", closed);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    back();
  });
  document.body.append(dialog);
  return dialog;
}

function open(link) {
  opener = link;
  opened = link.dataset.view;
  const box = over();
  slot.replaceChildren(element('<p class="viewer-loading" role="status">Opening…</p>'));
  if (!box.open) box.showModal();
  // What lies under a modal dialog is neither seen nor heard.
  box.append(...told);
  go(link.href);
}

/** Shows the file at this address in the place of what is shown. */
async function go(url, { focus } = {}) {
  await leave();
  const mine = (coming = Symbol(url));
  const answer = await ask(url);
  if (mine !== coming) return;
  const fresh = answer.ok ? element(answer.html) : null;
  if (!fresh?.matches("[data-viewer]")) {
    toast(answer.status === 404 ? "This file is not there any more." : "The file could not be opened.", { icon: "alert" });
    if (dialog?.open && !shown()) dialog.close();
    return;
  }
  place(fresh, url);
  const again = focus && fresh.querySelector(focus);
  (again || fresh).focus({ preventScroll: true });
}

function place(fresh, url) {
  const old = shown();
  const facts = old?.classList.contains("with-facts");
  stop();
  if (dialog?.open) slot.replaceChildren(fresh);
  else {
    // One page has one heading of the first order, and this is its.
    const heading = fresh.querySelector("#viewer-name");
    const first = document.createElement("h1");
    first.append(...heading.childNodes);
    for (const { name, value } of heading.attributes) first.setAttribute(name, value);
    heading.replaceWith(first);
    old.replaceWith(fresh);
    history.replaceState(null, "", url);
    retitle(`${fresh.dataset.title} · Placet`);
  }
  mounted(fresh);
  if (facts) toggleFacts(fresh, true);
  say(fresh.dataset.title);
}

/** The same file again, as it is now. */
async function renew() {
  const old = shown();
  if (!old) return;
  const url = `/files/${old.dataset.viewer}`;
  const answer = await ask(url);
  const fresh = answer.ok ? element(answer.html) : null;
  if (!fresh?.matches("[data-viewer]") || shown() !== old) return;
  const had = old.contains(document.activeElement);
  place(fresh, url);
  if (had) fresh.focus({ preventScroll: true });
}

async function leave() {
  await annotator?.finish();
}

function stop() {
  zoom?.end();
  annotator?.end();
  zoom = annotator = undefined;
}

async function back() {
  const viewer = shown();
  const popped = viewer?.querySelector("[data-share][open]");
  if (popped) {
    popped.open = false;
    return popped.querySelector("summary").focus();
  }
  if (annotator?.back()) return;
  await leave();
  if (dialog?.open) dialog.close();
  else viewer?.querySelector("[data-viewer-close]")?.click();
}

function closed() {
  coming = undefined;
  stop();
  slot.replaceChildren();
  document.body.append(...told);
  // What it was opened from may have been rendered anew meanwhile.
  const home = opener?.isConnected ? opener : document.querySelector(`[data-view="${opened}"]`) || document.getElementById("detail");
  home?.focus({ preventScroll: true });
}

// --- what stands around the file

function toggleFacts(viewer, on = !viewer.classList.contains("with-facts")) {
  viewer.classList.toggle("with-facts", on);
  viewer.querySelector("[data-facts]").setAttribute("aria-expanded", String(on));
  // At once, and not a frame later: nothing may be seen to jump.
  if (zoom?.fitted) zoom.fit();
}

async function copyLink(viewer) {
  const said = viewer.querySelector("[data-share-said]");
  const answer = await call(`/api/files/${viewer.dataset.viewer}/share`).catch(() => ({}));
  if (!answer.ok) return (said.textContent = "No link: the server could not be reached.");
  const field = Object.assign(viewer.querySelector("[data-share-url]"), { value: answer.data.url, hidden: false });
  try {
    await navigator.clipboard.writeText(answer.data.url);
    said.textContent = "Copied. It works for an hour.";
  } catch {
    field.focus();
    field.select();
    said.textContent = "Copy it from here. It works for an hour.";
  }
}

async function revoke(viewer) {
  const answer = await call(`/api/files/${viewer.dataset.viewer}/share`, { method: "DELETE" }).catch(() => ({}));
  viewer.querySelector("[data-share-url]").hidden = true;
  viewer.querySelector("[data-share-said]").textContent = answer.ok ? "Every link to this file has ended." : "Not revoked: the server could not be reached.";
}

/** The pages stay as they are; only the hits are new, and the pages that have any say so. */
async function find(form, { jump = true } = {}) {
  const words = form.elements.find.value.trim();
  const answer = await ask(`${form.getAttribute("action")}?find=${encodeURIComponent(words)}`);
  if (!answer.ok || !form.isConnected || form.elements.find.value.trim() !== words) return;
  const hits = element(answer.html).querySelector("[data-hits]");
  form.querySelector("[data-hits]").replaceChildren(...hits.childNodes);
  const pages = new Set([...form.querySelectorAll(".viewer-hit")].map((hit) => hit.dataset.page));
  for (const page of form.closest("[data-stage]").querySelectorAll(".viewer-page")) {
    page.classList.toggle("hit", pages.has(page.id.replace("viewer-page-", "")));
  }
  if (jump) form.closest("[data-stage]").querySelector(".viewer-page.hit")?.scrollIntoView({ block: "start" });
}

function click(event) {
  const popped = document.querySelector("[data-share][open]");
  if (popped && !popped.contains(event.target)) popped.open = false;
  const link = event.target.closest("a");
  const plain = !event.defaultPrevented && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const viewer = event.target.closest("[data-viewer]");
  if (link && plain && link.matches("[data-view]")) {
    event.preventDefault();
    open(link);
  } else if (!viewer) return;
  else if (event.target.closest("[data-facts]")) toggleFacts(viewer);
  else if (event.target.closest("[data-share-copy]")) copyLink(viewer);
  else if (event.target.closest("[data-share-revoke]")) revoke(viewer);
  else if (link && plain) follow(event, link);
}

function follow(event, link) {
  if (link.matches("[data-turn], [data-part]")) {
    event.preventDefault();
    go(link.href, { focus: link.dataset.turn ? `[data-turn="${link.dataset.turn}"]` : `[data-part][href="${link.getAttribute("href")}"]` });
  } else if (link.matches(".viewer-hit")) {
    event.preventDefault();
    const page = document.getElementById(`viewer-page-${link.dataset.page}`);
    page.scrollIntoView({ block: "start" });
    page.focus({ preventScroll: true });
  } else if (link.matches("[data-viewer-close], [data-leave]")) {
    event.preventDefault();
    const stays = dialog?.open && link.matches("[data-viewer-close]");
    leave().then(() => (stays ? dialog.close() : location.assign(link.href)));
  }
}

// --- keys

let led = -Infinity;

/** G and a letter lead to another page, as everywhere. */
function leads({ key, target }) {
  const before = led;
  led = key === "g" && !typing(target) && !dialog?.open ? performance.now() : -Infinity;
  return led > 0 || performance.now() - before < 1200;
}

function down(event) {
  const viewer = shown();
  const box = document.querySelector("dialog[open]");
  if (!viewer || event.defaultPrevented || event.isComposing || (box && !box.contains(viewer)) || leads(event)) return;
  if (annotator?.key(event)) return event.preventDefault();
  if (event.key === "Escape") {
    if (typing(event.target) && event.target.value) return;
    event.preventDefault();
    return void back();
  }
  if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
  if (press(viewer, event)) event.preventDefault();
}

function press(viewer, { key, target }) {
  const turn = { ArrowLeft: "previous", ArrowRight: "next" }[key];
  if (turn) return !moves(target) && (viewer.querySelector(`[data-turn="${turn}"]`)?.click(), true);
  if (!singles()) return false;
  const how = { "+": "in", "=": "in", "-": "out", "0": "fit" }[key];
  if (how && zoom) return zoom.press(how), true;
  if (key.toLowerCase() === "i") return toggleFacts(viewer), true;
  if (key === "?") return document.getElementById("keys").showModal(), true;
  return false;
}

/** Whether arrows mean something else here: a player's time, a table or a picture that is too wide. */
const moves = (node) =>
  node.matches("audio, video") || (node.matches("[data-stage], .viewer-grid, .lines") && node.scrollWidth > node.clientWidth + 1);

// --- coming and going

function mount(viewer) {
  stop();
  zoom = zoomOf(viewer);
  if (viewer.dataset.state === "pending" && seen.has(viewer.dataset.viewer)) return renew();
  if (viewer.querySelector("[data-tools]")) annotator = annotate(viewer, zoom);
}

let wait;
document.addEventListener("click", click);
document.addEventListener("keydown", down, true);
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-find]")) return;
  event.preventDefault();
  find(event.target);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-find]");
  if (!form) return;
  clearTimeout(wait);
  wait = setTimeout(() => find(form), 250);
});
document.addEventListener("placet:event", ({ detail: frame }) => {
  if (frame.type === "file:previewed") {
    // It may be told before the fragment that still says "pending" is on the page.
    seen.add(frame.fileId);
    if (shown()?.dataset.viewer === frame.fileId && shown().dataset.state === "pending") renew();
  }
  if (frame.type === "file:deleted" && shown()?.dataset.viewer === frame.fileId) toast("This file was deleted.", { icon: "alert" });
});
document.addEventListener("placet:stale", () => shown()?.dataset.state === "pending" && renew());
onMount((root) => all(root, "[data-viewer]").forEach(mount));
