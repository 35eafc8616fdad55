// The deliveries and one of them. What waits is looked at again when it is due; the list never moves under the hand.

import { say, toast } from "./announce.js";
import { all, ask, debounced, element, mounted, onMount, parse } from "./net.js";
import { goesOn, paged, pill } from "./rows.js";

const $ = (id) => document.getElementById(id);
const rows = () => [...document.querySelectorAll("#rows > .item")];
const rowOf = (id) => $(`row-${id}`);
const current = () => $("detail")?.dataset.id;
const query = () => $("list").dataset.query;
const narrow = matchMedia("(max-width: 900px)");
const fresh = new Set();
let wanted;

// --- opening

function mark(id) {
  for (const row of rows()) row.setAttribute("aria-selected", String(row.dataset.id === id));
  const row = rowOf(id);
  if (!row) return $("rows").removeAttribute("aria-activedescendant");
  $("rows").setAttribute("aria-activedescendant", row.id);
  row.scrollIntoView({ block: "nearest" });
}

async function open(id, { pane = true, focus = false, address = true } = {}) {
  wanted = id;
  mark(id);
  const answer = await ask(`/deliveries/${id}/${query()}`);
  if (wanted !== id) return;
  if (!answer.ok) return answer.status && gone(id);
  show(element(answer.html), focus || document.activeElement === document.body);
  if (address) go(id, pane);
  if (pane) document.body.dataset.pane = "detail";
  mark(id);
}

/** As in the inbox: one step of history from the list to an item, none from item to item. */
function go(id, pane) {
  const from = document.body.dataset.pane === "list";
  const url = `/deliveries/${id}/${query()}`;
  if (from && pane) history.pushState({ fromList: true }, "", url);
  else history.replaceState(history.state, "", from ? location.href : url);
}

function gone(id) {
  rowOf(id)?.classList.add("gone");
  say("This delivery is no longer kept");
}

/** Another delivery: what was folded stays folded. */
function show(detail, focus) {
  const old = $("detail");
  const had = focus || old.contains(document.activeElement);
  keepFolds(old, detail);
  old.replaceWith(detail);
  mounted(detail);
  if (had) detail.focus({ preventScroll: true });
}

function keepFolds(old, newer) {
  const folds = new Map(all(old, "[data-fold]").map((fold) => [fold.dataset.fold, fold.open]));
  for (const fold of newer.querySelectorAll("[data-fold]")) fold.open = folds.get(fold.dataset.fold) ?? fold.open;
}

// Every form has a token of its own.
const bare = (node) => node.outerHTML.replace(/value="\w{64}"/g, "");

/** The same one a little later: only what has changed is replaced, so that nobody loses their place. */
function update(detail) {
  const old = $("detail");
  const before = old.getAttribute("aria-label");
  old.setAttribute("aria-label", detail.getAttribute("aria-label"));
  for (const newer of [...detail.querySelectorAll("[data-piece]")]) {
    const piece = old.querySelector(`[data-piece="${newer.dataset.piece}"]`);
    keepFolds(piece, newer);
    if (bare(piece) === bare(newer)) continue;
    const had = piece.contains(document.activeElement);
    piece.replaceWith(newer);
    if (had) (newer.querySelector("button:enabled") || old).focus({ preventScroll: true });
  }
  again(old, detail.dataset.again);
  return before !== old.getAttribute("aria-label");
}

export function step(by) {
  const shown = rows().filter((row) => !row.classList.contains("gone"));
  const at = shown.findIndex((row) => row.dataset.id === (wanted || current()));
  const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
  if (!next) return;
  if (next.dataset.id !== current() || next.dataset.id !== wanted) open(next.dataset.id);
  if (document.activeElement?.closest("#detail") === null) $("rows").focus({ preventScroll: true });
}

export function enter() {
  if (!current()) return false;
  if (document.body.dataset.pane === "list") go(current(), true);
  document.body.dataset.pane = "detail";
  $("detail").focus({ preventScroll: true });
}

export function back() {
  if (document.body.dataset.pane === "detail" && narrow.matches) {
    if (history.state?.fromList) return history.back();
    history.replaceState(null, "", `/deliveries/${query()}`);
    document.body.dataset.pane = "list";
  }
  $("rows").focus({ preventScroll: true });
}

// --- the list

/** The results as they are now; null when they cannot be had, or when the hand has meanwhile asked for others. */
async function results() {
  const asked = query();
  const limit = Math.min(200, Math.max(50, rows().length));
  const answer = await ask(`/deliveries/${asked || "?"}&limit=${limit}`);
  return answer.ok && query() === asked ? parse(answer.html).querySelector("#results") : null;
}

function place(found) {
  const scroll = document.querySelector(".items").scrollTop;
  const had = $("results").contains(document.activeElement);
  $("results").replaceWith(found);
  document.querySelector(".items").scrollTop = scroll;
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

/** Each row in its place; what is new is only counted, what no longer fits stays until the hand asks. */
async function renewList() {
  const now = await results();
  if (!now) return again($("results"), $("results").dataset.again);
  if (!rows().length) {
    place(now);
    if (rows().length && !current()) open(rows()[0].dataset.id, { pane: false });
    return;
  }
  const found = new Map([...now.querySelectorAll(".item")].map((row) => [row.dataset.id, row]));
  // What had failed or been delivered may have been queued long ago; what lies below the last row is not new.
  const bottom = goesOn() ? rows().at(-1).dataset.id : "";
  for (const id of found.keys()) if (!rowOf(id) && id > bottom) fresh.add(id);
  pill(fresh);
  await Promise.all(rows().map(async (row) => swap(row, found.get(row.dataset.id) || (await elsewhere(row)))));
  listed();
  again($("results"), now.dataset.again);
}

/** A row that the list no longer holds: it has settled. What had settled before lies further down, or has been forgotten. */
async function elsewhere(row) {
  if (row.dataset.status !== "pending") return null;
  const answer = await ask(`/deliveries/${row.dataset.id}/row/${query()}`);
  return answer.ok ? element(answer.html) : null;
}

function swap(row, newer) {
  if (!newer || !row.isConnected) return;
  newer.setAttribute("aria-selected", row.getAttribute("aria-selected"));
  if (newer.innerHTML === row.innerHTML) return;
  row.replaceWith(newer);
}

async function renewDetail() {
  const id = current();
  if (!id) return;
  const answer = await ask(`/deliveries/${id}/${query()}`);
  if (current() !== id) return;
  if (!answer.ok) return again($("detail"), $("detail").dataset.again);
  if (update(element(answer.html))) say($("detail").getAttribute("aria-label"));
}

async function replay(form) {
  const id = current();
  try {
    const answer = await ask(form.action, { body: new FormData(form) });
    if (!answer.ok) throw new Error(answer.html);
    if (current() === id) update(element(answer.html));
    say("It goes out again");
    renewList();
  } catch (error) {
    if (error.message !== "signed out") toast("Not sent again: try once more in a moment.", { icon: "alert" });
  }
}

// --- the world

let timer;

/** The server says in how many seconds something that is shown will have changed. */
function again(spot, seconds) {
  if (seconds) spot.dataset.again = seconds;
  else delete spot.dataset.again;
  clearTimeout(timer);
  const waits = [$("results"), $("detail")].map((each) => Number(each?.dataset.again)).filter(Boolean);
  if (waits.length) timer = setTimeout(look, Math.min(...waits) * 1000);
}

function look() {
  if (document.visibilityState === "hidden") return;
  if ($("results").dataset.again) renewList();
  if ($("detail").dataset.again) renewDetail();
}

const renew = debounced(() => {
  renewList();
  renewDetail();
}, 400);

const listed = paged(rows, () => rowOf(wanted || current())?.setAttribute("aria-selected", "true"));

export const keys = { r: () => document.querySelector("[data-piece=replay] button:enabled")?.click() };

export function start() {
  onMount((root) => {
    if (!root.querySelector?.("#rows") && root.id !== "rows") return;
    fresh.clear();
    pill(fresh);
    listed();
    again($("results"), $("results").dataset.again);
  });
  onMount((root) => all(root, "#detail").forEach((detail) => again(detail, detail.dataset.again)));
  document.addEventListener("click", (event) => {
    const row = event.target.closest("#rows > .item");
    if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(row.dataset.id, { focus: narrow.matches });
    $("rows").focus({ preventScroll: true });
  });
  window.addEventListener("popstate", () => {
    const [, id] = location.pathname.match(/^\/deliveries\/([0-9a-f-]{36})\/$/) || [];
    if (id) open(id, { address: false });
    else document.body.dataset.pane = "list";
  });
  document.addEventListener("placet:event", ({ detail: frame }) => {
    if (/^(message|review|endpoint):|^agent:status$/.test(frame.type)) renew();
  });
  document.addEventListener("placet:stale", renew);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-piece=replay]")) return;
    event.preventDefault();
    replay(event.target);
  });
  if (document.activeElement === document.body) $("rows").focus({ preventScroll: true });
}
