// Two panes, one selection. The list never moves under the hand.

import { say } from "./announce.js";
import { isConnected } from "./live.js";
import { ask, element, mounted, onMount, parse } from "./net.js";
import { fill } from "./presence.js";
import { decidedHere, lock, renew, withdraw } from "./respond.js";
import { goesOn, paged, pill } from "./rows.js";

const FRESH_FOR = 120_000;
const cache = new Map();
const fresh = new Set();
let wanted;

const $ = (id) => document.getElementById(id);
const list = () => $("list");
const rows = () => [...document.querySelectorAll("#rows > .item")];
const rowOf = (id) => $(`row-${id}`);
const current = () => $("detail")?.dataset.id;
const query = () => {
  const { status } = list().dataset;
  const chosen = new URLSearchParams();
  if (status !== "pending") chosen.set("status", status);
  const filters = { agent: $("filter-agent").value, type: $("filter-type").value, q: $("search").value.trim() };
  for (const [name, value] of Object.entries(filters)) {
    if (value) chosen.set(name, value);
  }
  return chosen.size ? `?${chosen}` : "";
};

// --- opening

function load(id) {
  const kept = cache.get(id);
  if (kept && performance.now() - kept.at < FRESH_FOR && isConnected()) return kept.html;
  const html = ask(`/inbox/${id}/${query()}`).then((answer) => (answer.ok ? answer.html : null)).catch(() => null);
  cache.set(id, { at: performance.now(), html });
  html.then((found) => found || cache.delete(id));
  return html;
}

function mark(id) {
  for (const row of document.querySelectorAll('#rows > [aria-selected="true"]')) row.setAttribute("aria-selected", "false");
  const row = rowOf(id);
  if (!row) return $("rows").removeAttribute("aria-activedescendant");
  row.setAttribute("aria-selected", "true");
  $("rows").setAttribute("aria-activedescendant", row.id);
  row.scrollIntoView({ block: "nearest" });
}

export async function open(id, { pane = true, focus = false, address = true } = {}) {
  wanted = id;
  mark(id);
  const html = await load(id);
  if (wanted !== id) return;
  if (!html) return gone(id);
  const old = $("detail");
  const had = old.contains(document.activeElement) || document.activeElement === document.body;
  const detail = element(html);
  old.replaceWith(detail);
  if (address) go(id, pane);
  if (pane) document.body.dataset.pane = "detail";
  mounted(detail);
  mark(id);
  if (had || focus) detail.focus({ preventScroll: true });
  neighbours(id).forEach(load);
}

/** One step of history from the list to an item; from item to item none, so Back leads to the list. */
function go(id, pane) {
  const from = document.body.dataset.pane === "list";
  const url = `/inbox/${id}/${query()}`;
  if (from && pane) history.pushState({ fromList: true }, "", url);
  else history.replaceState(history.state, "", from ? location.href : url);
}

function neighbours(id) {
  const shown = rows();
  const at = shown.findIndex((row) => row.dataset.id === id);
  return [shown[at + 1], shown[at + 2], shown[at - 1]].filter((row) => row && at >= 0).map((row) => row.dataset.id);
}

function gone(id) {
  withdraw(id);
  rowOf(id)?.classList.add("gone");
  say("This message was deleted");
}

export function step(by) {
  const shown = rows().filter((row) => !row.classList.contains("gone"));
  const at = shown.findIndex((row) => row.dataset.id === (wanted || current()));
  const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
  if (!next) return;
  if (next.dataset.id !== current() || next.dataset.id !== wanted) open(next.dataset.id);
  if (document.activeElement?.closest("#detail") === null) $("rows").focus({ preventScroll: true });
}

export function back() {
  if (document.body.dataset.pane === "detail" && matchMedia("(max-width: 900px)").matches) {
    if (history.state?.fromList) return history.back();
    history.replaceState(null, "", `/inbox/${query()}`);
    document.body.dataset.pane = "list";
  }
  $("rows")?.focus({ preventScroll: true });
}

// --- deciding

function nextOpen(id, told) {
  const shown = rows();
  const at = shown.findIndex((row) => row.dataset.id === id);
  const isOpen = (row) => row.dataset.status === "pending" && row.dataset.id !== id && !row.classList.contains("gone");
  return shown.slice(at + 1).find(isOpen)?.dataset.id || told || shown.slice(0, Math.max(at, 0)).find(isOpen)?.dataset.id;
}

/** What comes next must have a row to be selected in: where it has none, what is new is folded in. */
async function listedNext(id, told) {
  const next = nextOpen(id, told);
  if (!next || rowOf(next)) return next;
  await refresh();
  return rowOf(next) ? next : nextOpen(id) || next;
}

async function advance({ detail: { id, next } }) {
  const goneOn = () => wanted && wanted !== id;
  cache.delete(id);
  if (fresh.delete(id)) pill(fresh);
  renewRow(id);
  if (goneOn()) return;
  const following = await listedNext(id, next);
  if (goneOn()) return;
  if (following && following !== id) {
    await open(following);
    // Counted from when the next one is there to be hit.
    lock();
    return;
  }
  await refresh();
  if (goneOn()) return;
  const reward = document.querySelector("#results [data-reward]");
  if (!reward || rows().length) return;
  const calm = element('<main class="detail" id="detail" tabindex="-1" aria-label="All done"></main>');
  calm.append(reward.cloneNode(true));
  $("detail").replaceWith(calm);
  history.replaceState(null, "", "/inbox/");
  document.body.dataset.pane = "list";
  calm.focus();
}

// --- the list

async function renewRow(id) {
  if (!rowOf(id)) return;
  const answer = await ask(`/inbox/${id}/row/${query()}`);
  const old = rowOf(id);
  if (!old) return;
  if (answer.status === 404) return old.classList.add("gone");
  if (!answer.ok) return;
  const row = element(answer.html);
  row.setAttribute("aria-selected", old.getAttribute("aria-selected"));
  old.replaceWith(row);
  listed();
  return row;
}

/** The hand has asked for it: now the list may move. What is selected stays selected and where it was. */
export async function refresh() {
  const limit = Math.min(200, Math.max(50, rows().length));
  const answer = await ask(`/inbox/${query() || "?"}&limit=${limit}`);
  if (!answer.ok) return;
  const results = parse(answer.html).querySelector("#results");
  const scroll = document.querySelector(".items").scrollTop;
  const had = $("results").contains(document.activeElement);
  $("results").replaceWith(results);
  document.querySelector(".items").scrollTop = scroll;
  mounted(results);
  if (had) $("rows").focus({ preventScroll: true });
}

export async function showFresh() {
  await refresh();
  document.querySelector(".items").scrollTop = 0;
  $("rows").focus({ preventScroll: true });
}

const listed = paged(rows, () => {
  rowOf(wanted || current())?.setAttribute("aria-selected", "true");
  fill($("rows"));
});

// --- the world

function matches({ reviewType, agentId }) {
  const { status } = list().dataset;
  const agent = $("filter-agent").value;
  const type = $("filter-type").value;
  const wantsOpen = status === "pending" || status === "all";
  return wantsOpen && reviewType && (!agent || agent === agentId) && (!type || type === reviewType) && !$("search").value.trim();
}

const nameOf = (agentId) => document.querySelector(`#rail-agents a[href="/chats/${agentId}/"] .grow`)?.textContent || "an agent";

/** A replay begins a little before the page it is for. Where the list goes on below, what it does not show yet is no news. */
const loadedAt = Number(document.body.dataset.cursor);
const isOld = (frame) => frame.id <= loadedAt && goesOn();

async function arrived(frame) {
  if (rowOf(frame.messageId) || !matches(frame) || isOld(frame)) return;
  say(`New question from ${nameOf(frame.agentId)}`);
  if (!rows().length) {
    await refresh();
    const first = rows()[0];
    if (first && !current()) open(first.dataset.id, { pane: false });
    return;
  }
  fresh.add(frame.messageId);
  pill(fresh);
}

async function changed(frame) {
  const id = frame.messageId;
  cache.delete(id);
  if (fresh.delete(id)) pill(fresh);
  if (current() === id) renew(id);
  const row = rowOf(id);
  if (!row || row.dataset.status !== "pending") return;
  const renewed = await renewRow(id);
  if (renewed && !decidedHere(id)) {
    const outcome = renewed.querySelector("[data-outcome]")?.textContent;
    say(`${renewed.querySelector("strong").textContent}: ${outcome}`);
  }
}

function heard({ detail: frame }) {
  if (frame.type === "message:created") arrived(frame);
  else if (frame.type === "message:deleted") {
    cache.delete(frame.messageId);
    if (fresh.delete(frame.messageId)) pill(fresh);
    if (rowOf(frame.messageId) || current() === frame.messageId) gone(frame.messageId);
  } else if (/^review:/.test(frame.type)) changed(frame);
  else if (/^file:/.test(frame.type)) cache.delete(frame.messageId);
  else if (frame.type === "message:delivery" && current() === frame.messageId) renew(frame.messageId, { delivery: true });
}

export function start() {
  // The search answers while one types; leaving the field is no reason to ask again.
  document.addEventListener("change", (event) => event.target.id === "search" && event.stopPropagation(), true);
  onMount((root) => {
    if (!root.querySelector?.("#rows") && root.id !== "rows") return;
    fresh.clear();
    pill(fresh);
    listed();
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest("#rows > .item");
    if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(row.dataset.id, { focus: matchMedia("(max-width: 900px)").matches });
    $("rows").focus({ preventScroll: true });
  });
  document.addEventListener("pointerover", (event) => {
    const row = event.target.closest?.("#rows > .item");
    if (row && isConnected()) load(row.dataset.id);
  });
  window.addEventListener("popstate", () => {
    const [, id] = location.pathname.match(/^\/inbox\/([0-9a-f-]{36})\/$/) || [];
    if (id) open(id, { address: false });
    else document.body.dataset.pane = "list";
  });
  document.addEventListener("placet:decided", advance);
  document.addEventListener("placet:lost", ({ detail }) => renewRow(detail.id));
  document.addEventListener("placet:event", heard);
  document.addEventListener("placet:due", ({ detail }) => changed(detail));
  document.addEventListener("placet:stale", () => {
    cache.clear();
    refresh();
    if (current()) renew(current());
  });
  if (current()) {
    wanted = current();
    setTimeout(() => neighbours(current()).forEach(load), 150);
  }
  if (location.hash === "#search") $("search").focus();
  if (document.activeElement === document.body) $("rows").focus({ preventScroll: true });
}
