// Runs: what agents do while one watches. The server draws; this fetches it anew when something happened, and keeps what the eye and the hand are on.

import { say, toast } from "./announce.js";
import * as drafts from "./drafts.js";
import { ask, debounced, mounted, parse } from "./net.js";

const $ = (id) => document.getElementById(id);
const foot = () => $("at-work");
const whole = () => document.querySelector("[data-run-page]");

// --- what is kept while a piece of the page is replaced

const keyOf = (node) => `${node.closest("[data-run]").dataset.run} ${node.dataset.fold}`;

function handOf(old) {
  const at = document.activeElement;
  if (!old.contains(at)) return null;
  const run = at.closest("[data-run]")?.dataset.run;
  const fold = at.closest("summary")?.parentElement.dataset.fold;
  if (fold) return { run, find: `[data-fold="${fold}"] > summary` };
  if (at.matches("[data-key]")) return { run, find: `[data-key="${at.dataset.key}"]` };
  return { run, find: at.id ? `#${at.id}` : at.getAttribute("href") ? `a[href="${CSS.escape(at.getAttribute("href"))}"]` : null };
}

function replace(old, fresh) {
  const folds = new Map([...old.querySelectorAll("[data-fold]")].map((fold) => [keyOf(fold), fold]));
  const hand = handOf(old);
  const tops = new Map([...folds].map(([key, fold]) => [key, fold.querySelector(".steps, .plan")?.scrollTop || 0]));
  old.replaceWith(fresh);
  for (const fold of fresh.querySelectorAll("[data-fold]")) {
    const before = folds.get(keyOf(fold));
    if (!before) continue;
    fold.open = before.open;
    const list = fold.querySelector(".steps, .plan");
    if (list) list.scrollTop = tops.get(keyOf(fold));
  }
  if (hand) {
    const home = !hand.run || fresh.matches(`[data-run="${hand.run}"]`) ? fresh : fresh.querySelector(`[data-run="${hand.run}"]`);
    const target = (hand.find && home?.querySelector(hand.find)) || document.querySelector("[data-composer] textarea") || $("main");
    target?.focus({ preventScroll: true });
  }
  mounted(fresh);
  doubts();
  tick();
}

const statesOf = (root) => new Map([...root.querySelectorAll("[data-run-state]")].map((word) => [word.closest("[data-run]").dataset.run, word.textContent]));

/** A state is news for who listens; each thought would be a flood. */
function announce(before, fresh) {
  for (const [run, word] of statesOf(fresh)) {
    if (before.get(run) !== word) say(`${fresh.querySelector(`[data-run="${run}"]`)?.ariaLabel || "Run"}: ${word}`);
  }
}

// --- what the world says

let asked = 0;

export async function renew() {
  const old = foot() || $("run");
  if (!old) return;
  const mine = ++asked;
  const answer = await ask(foot() ? `/chats/${old.dataset.atWork}/runs/` : `/runs/${whole().dataset.runPage}/${location.search}`);
  const now = foot() || $("run");
  // An answer that was overtaken is older than what is shown.
  if (!answer.ok || mine !== asked || !now) return;
  const found = parse(answer.html);
  const fresh = found.firstElementChild;
  const before = statesOf(now.parentElement);
  const talk = $("talk") || whole();
  const atEnd = talk && talk.scrollHeight - talk.scrollTop - talk.clientHeight < 120;
  replace(now, fresh);
  prompting(found.getElementById("prompting"));
  // The panel grows upwards: who read the end still does.
  if (atEnd) talk.scrollTop = talk.scrollHeight;
  announce(before, fresh.parentElement);
}

const soon = debounced(renew, 60);

function heard({ detail: frame }) {
  if (!/^run:/.test(frame.type)) return;
  if (whole()) return frame.runId === whole().dataset.runPage && soon();
  if (!foot()) return;
  // A guest's run carries the guest's name, and says where it is.
  if ((frame.conversationId || frame.agentId) === foot().dataset.atWork) soon();
}

// The server's time, wherever this clock may stand.
const skew = Number(document.body.dataset.now) * 1000 - Date.now();
export const clock = () => Date.now() + (Math.abs(skew) > 5000 ? skew : 0);
let timers = [];

/** That an agent has not shown itself is no event: the page looks when it would be so. */
function doubts() {
  timers.forEach(clearTimeout);
  timers = [...document.querySelectorAll("[data-doubt]")].map((run) => setTimeout(soon, Math.max(500, Date.parse(run.dataset.doubt) - clock() + 500)));
}

const span = (seconds) =>
  seconds < 3600
    ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
    : `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")}`;

export function tick() {
  const now = clock();
  for (const time of document.querySelectorAll("time[data-since]")) {
    const text = span(Math.max(0, Math.floor((now - Date.parse(time.dateTime)) / 1000)));
    if (time.textContent !== text) time.textContent = text;
  }
}

// --- what the person does

async function stop(form) {
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  try {
    const answer = await ask(form.action, { body: new FormData(form) });
    if (!answer.ok && answer.status !== 409) throw new Error("refused");
    if (answer.status === 409) toast(answer.html, { icon: "alert" });
    await renew();
  } catch (error) {
    if (error.message !== "signed out") toast("Not stopped: try once more in a moment.", { icon: "alert" });
  } finally {
    form.ariaBusy = null;
  }
}

async function unfold(fold) {
  const here = fold.querySelector("[data-steps-here]");
  if (!fold.open || here.childElementCount) return;
  const answer = await ask(fold.dataset.steps);
  if (!answer.ok) return;
  here.innerHTML = answer.html;
  mounted(here);
}

/** One key leads to the button and a second presses it: nobody stops an agent by a slip. */
export function toStop() {
  const button = document.querySelector('[data-key="stop"]');
  button?.focus();
  return Boolean(button);
}

function kept(text) {
  const box = $("kept-template").content.firstElementChild.cloneNode(true);
  box.append(Object.assign(document.createElement("pre"), { textContent: text, tabIndex: 0 }));
  const place = Object.assign(document.createElement("div"), { className: "composer" });
  place.append(box);
  return place;
}

/** Where one writes to the run: what is being written stays; where it is not heard any more, it goes along to the run that hears it. */
function prompting(fresh) {
  const old = $("prompting");
  if (!fresh || !old) return;
  const hints = [old, fresh].map((one) => one.querySelector("#prompt-hint"));
  if (hints[0] && hints[1]) return hints[0].textContent === hints[1].textContent || hints[0].replaceWith(hints[1]);
  if (old.innerHTML === fresh.innerHTML) return;
  const had = old.contains(document.activeElement);
  const form = old.querySelector("form");
  const other = fresh.querySelector("[data-other]");
  const text = form?.elements.text.value.trim();
  if (other && text) {
    drafts.remember(`run:${other.dataset.other}`, { text: form.elements.text.value });
    drafts.clear(form, { gone: true });
  }
  if (!other && !fresh.querySelector("form")) {
    // Nobody hears it: what was being written is shown to be copied, and stays.
    if (old.querySelector("[data-kept]")) return;
    if (text) fresh.append(kept(form.elements.text.value));
  }
  old.replaceWith(fresh);
  mounted(fresh);
  if (had) $("main").focus({ preventScroll: true });
}

export function toPrompt() {
  const field = document.querySelector("[data-prompt] textarea");
  field?.focus();
  return Boolean(field);
}

export const keys = { c: toPrompt };

export function back() {
  const home = document.querySelector('.run-page [data-do="back"]');
  if (home) location.assign(home.href);
}

export function step(by) {
  const stops = [...document.querySelectorAll(".run-page .turn, .run-page summary")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

export function live() {
  if (!foot() && !whole()) return;
  document.addEventListener("placet:event", heard);
  document.addEventListener("placet:stale", soon);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-stop]")) return;
    event.preventDefault();
    stop(event.target);
  });
  // Toggles do not bubble.
  document.addEventListener("toggle", (event) => event.target.matches("[data-steps]") && unfold(event.target), true);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());
  setInterval(() => document.visibilityState === "visible" && tick(), 1000);
  doubts();
  tick();
}
