// All files: walked and selected by keyboard or by hand. The wall never moves under the hand; what is new is counted first.

import { say, toast } from "./announce.js";
import { ask, call, debounced, element, mounted, onMount, parse } from "./net.js";
import { goesOn, paged, pill } from "./rows.js";
import * as share from "./share.js";

const MOST = 500;
const $ = (id) => document.getElementById(id);
const rows = () => [...document.querySelectorAll("#rows > .brick")];
const tile = (id) => $(`file-${id}`);
const there = () => rows().filter((row) => !row.classList.contains("gone"));
const nameOf = (row) => row.querySelector(".name").textContent;
const query = () => {
  const chosen = new URLSearchParams();
  for (const [name, value] of Object.entries({ type: $("filter-type").value, agent: $("filter-agent").value, q: $("search").value.trim() })) {
    if (value) chosen.set(name, value);
  }
  return chosen;
};

let here;
const picked = new Set();
const fresh = new Set();

// --- where one is, and what is selected

function mark(row, { scroll = true } = {}) {
  here = row?.dataset.id;
  for (const each of document.querySelectorAll("#rows > .here")) each.classList.remove("here");
  if (!row) return $("rows").removeAttribute("aria-activedescendant");
  row.classList.add("here");
  $("rows").setAttribute("aria-activedescendant", row.id);
  if (scroll) row.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const shown = there();
  const at = shown.findIndex((row) => row.dataset.id === here);
  const next = at < 0 ? shown[0] : shown[Math.min(shown.length - 1, Math.max(0, at + by))];
  if (!next) return;
  mark(next);
  $("rows").focus({ preventScroll: true });
}

/** How many stand beside each other: the keys up and down go by rows. */
function columns() {
  const shown = rows();
  const below = shown.findIndex((row) => row.offsetTop !== shown[0].offsetTop);
  return below < 0 ? shown.length : below;
}

function pick(id, on = !picked.has(id)) {
  if (on && picked.size >= MOST) return toast(`At most ${MOST} files at once.`, { icon: "alert" });
  if (on) picked.add(id);
  else picked.delete(id);
  tile(id)?.setAttribute("aria-selected", String(on));
  count();
}

/** From where one is. */
function pickUpTo(row) {
  const shown = there();
  const [first, last] = [shown.findIndex((each) => each.dataset.id === here), shown.indexOf(row)].sort((a, b) => a - b);
  shown.slice(Math.max(0, first), last + 1).forEach((each) => pick(each.dataset.id, true));
}

function count() {
  $("picked").hidden = !picked.size;
  $("picked-count").textContent = picked.size;
  $("picked").querySelector('[data-act="share"]').hidden = picked.size !== 1;
}

function clear() {
  [...picked].forEach((id) => pick(id, false));
  $("rows").focus({ preventScroll: true });
}

/** What the keys and buttons mean: all that is selected, else the one where one is. */
const meant = () => (picked.size ? [...picked] : here && !tile(here)?.classList.contains("gone") ? [here] : []);

// --- what is done with them

function zip() {
  const ids = meant();
  if (!ids.length) return;
  const form = $("zip");
  form.querySelectorAll('[name="ids"]').forEach((field) => field.remove());
  for (const id of ids) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value: id }));
  form.submit();
  say(ids.length === 1 ? "A zip with one file is being downloaded" : `A zip with ${ids.length} files is being downloaded`);
}

function shareOne() {
  const ids = meant();
  if (ids.length !== 1) return ids.length && toast("A link leads to one file: select one.", { icon: "alert" });
  share.open(ids[0], nameOf(tile(ids[0])));
}

function remove() {
  const ids = meant();
  if (!ids.length) return;
  $("sure-title").textContent = ids.length === 1 ? `Delete ${nameOf(tile(ids[0]))}?` : `Delete ${ids.length} files?`;
  $("sure-what").textContent = ids.length === 1 ? "it" : "them";
  const sure = $("sure");
  sure.returnValue = "";
  sure.onclose = () => {
    $("rows").focus({ preventScroll: true });
    if (sure.returnValue === "delete") removeAll(ids);
  };
  sure.showModal();
}

async function removeAll(ids) {
  const answer = await call("/api/files/bulk-delete", { method: "POST", data: { ids } }).catch(() => ({}));
  if (!answer.ok) return toast("Not deleted: try once more in a moment.", { icon: "alert" });
  const kept = (await stillThere(ids)) || new Set();
  ids.filter((id) => !kept.has(id)).forEach(gone);
  const done = ids.length - kept.size;
  if (!kept.size) toast(`Deleted ${done} file${done === 1 ? "" : "s"}`, { icon: "trash" });
  else toast(`Deleted ${done}. ${kept.size === 1 ? "One is" : `${kept.size} are`} for the agent's owner to delete, or for who uploaded it.`, { icon: "alert", ms: 8000 });
}

// --- the wall

function gone(id) {
  if (picked.has(id)) pick(id, false);
  if (fresh.delete(id)) pill(fresh);
  const row = tile(id);
  if (!row) return;
  row.classList.add("gone");
  // Nothing is left to keep still for.
  if (!there().length) renewSoon();
  if (here === id) mark(there().find((each) => each.dataset.id < id) || there().at(-1), { scroll: false });
}

async function results() {
  const asked = query();
  const limit = Math.min(100, Math.max(60, rows().length));
  const answer = await ask(`/files/?${new URLSearchParams([...asked, ["limit", limit]])}`);
  return answer.ok && String(query()) === String(asked) ? parse(answer.html).querySelector("#results") : null;
}

function place(found) {
  const had = $("results").contains(document.activeElement);
  $("results").replaceWith(found);
  mounted(found);
  if (had) $("rows").focus({ preventScroll: true });
}

export async function showFresh() {
  const found = await results();
  if (!found) return;
  place(found);
  document.querySelector(".items").scrollTop = 0;
  $("rows").focus({ preventScroll: true });
}

/** Each file in its place as it is now; what is new is only counted. */
async function renew() {
  const now = await results();
  if (!now) return;
  if (!there().length) return place(now);
  const found = new Map([...now.querySelectorAll(".brick")].map((row) => [row.dataset.id, row]));
  // Handed over long ago and sent just now is new too; what lies below the last one is not.
  const bottom = goesOn() ? rows().at(-1).dataset.id : "";
  const before = fresh.size;
  for (const id of found.keys()) if (!tile(id) && id > bottom) fresh.add(id);
  pill(fresh);
  if (fresh.size > before) say(`${fresh.size} new file${fresh.size === 1 ? "" : "s"}`);
  for (const row of rows()) if (found.has(row.dataset.id)) swap(row, found.get(row.dataset.id));
}

function swap(row, newer) {
  if (newer.innerHTML === row.innerHTML) return;
  row.innerHTML = newer.innerHTML;
  row.dataset.state = newer.dataset.state;
}

/** Further down than what is fetched anew: one by one. */
async function renewOne(id) {
  const row = tile(id);
  if (!row) return;
  const answer = await ask(`/files/tiles/?id=${id}`);
  const newer = answer.ok && element(answer.html);
  if (newer) swap(row, newer);
}

const listed = paged(rows, (shown) => {
  for (const row of shown) row.setAttribute("aria-selected", String(picked.has(row.dataset.id)));
});

// --- the world

const renewSoon = debounced(renew, 400);

function heard({ detail: frame }) {
  const agent = $("filter-agent").value;
  if (agent && frame.agentId !== agent) return;
  if (frame.type === "file:deleted") gone(frame.fileId);
  else if (frame.type === "file:previewed" && tile(frame.fileId)) renewOne(frame.fileId);
  else if (/^(file:(stored|previewed)|message:(created|deleted)|agent:deleted)$/.test(frame.type)) renewSoon();
  if (frame.type === "message:deleted" || frame.type === "agent:deleted") withoutThem();
}

/** Those of the files that the server still has; null when it cannot be asked. In parts, for an address has a longest length. */
async function stillThere(ids) {
  const parts = [];
  for (let at = 0; at < ids.length; at += 100) parts.push(new URLSearchParams(ids.slice(at, at + 100).map((id) => ["id", id])));
  const answers = await Promise.all(parts.map((part) => ask(`/files/tiles/?${part}`)));
  if (answers.some((answer) => !answer.ok)) return null;
  return new Set(answers.flatMap((answer) => [...parse(answer.html).querySelectorAll(".brick")].map((row) => row.dataset.id)));
}

/** A message went, and its files with it: nobody says which. */
const withoutThem = debounced(async () => {
  const ids = there().map((row) => row.dataset.id);
  const left = ids.length && (await stillThere(ids));
  if (left) ids.filter((id) => !left.has(id)).forEach(gone);
}, 400);

function clicked(event) {
  const row = event.target.closest("#rows > .brick");
  if (!row || event.button) return;
  const toPick = event.target.closest("[data-pick]") || event.ctrlKey || event.metaKey || event.shiftKey;
  if (toPick) {
    // Before anybody who opens files hears of it.
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.shiftKey) pickUpTo(row);
    else pick(row.dataset.id);
  }
  mark(row, { scroll: false });
  $("rows").focus({ preventScroll: true });
}

const acts = { zip, share: shareOne, remove, clear };

const WALKS = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: () => -columns(),
  ArrowDown: columns,
  Home: () => -rows().length,
  End: () => rows().length,
};

/** What every list of a browser does with keys that are no letters: also where single letters are switched off. */
function keyed(event) {
  if (event.target.closest?.("#rows") !== $("rows") || event.altKey || document.querySelector("dialog[open]")) return;
  const { key } = event;
  if (key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) there().slice(0, MOST).forEach((row) => pick(row.dataset.id, true));
  else if (event.ctrlKey || event.metaKey) return;
  else if (WALKS[key]) walk(WALKS[key](), event.shiftKey);
  else if (key === " ") here && pick(here);
  else if (key === "Enter") tile(here)?.click();
  else if (key === "Delete" || key === "Backspace") event.repeat || remove();
  else return;
  event.preventDefault();
}

/** With Shift everything on the way is selected. */
function walk(by, picking) {
  const from = tile(here);
  move(by);
  if (picking && from) pickUpTo(from);
}

export const step = move;

export function enter() {
  if (!here) return false;
  tile(here)?.click();
}

export function back() {
  if (picked.size) return clear();
  $("rows").focus({ preventScroll: true });
}

export const keys = { x: () => here && pick(here), d: zip, s: shareOne, Delete: remove, Backspace: remove };

export function start() {
  // The search answers while one types; leaving the field is no reason to ask again.
  document.addEventListener("change", (event) => event.target.id === "search" && event.stopPropagation(), true);
  onMount((root) => {
    if (!root.querySelector?.("#rows") && root.id !== "rows") return;
    fresh.clear();
    pill(fresh);
    // What is not shown any more cannot be meant.
    for (const id of [...picked]) if (!tile(id)) pick(id, false);
    mark((here && tile(here)) || rows()[0], { scroll: false });
    listed();
  });
  document.addEventListener("click", clicked, true);
  document.addEventListener("keydown", keyed);
  document.addEventListener("click", (event) => acts[event.target.closest("[data-act]")?.dataset.act]?.());
  document.addEventListener("placet:event", heard);
  document.addEventListener("placet:stale", renewSoon);
  // A finger has no use for a ring.
  if (document.activeElement === document.body && !matchMedia("(pointer: coarse)").matches) $("rows").focus({ preventScroll: true });
}
