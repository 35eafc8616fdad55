// The runs of one agent. Lines change where they stand; new ones wait until the hand asks for them.

import { say } from "./announce.js";
import { ask, debounced, mounted, parse } from "./net.js";
import { back as leave, tick } from "./runs.js";

const whose = document.querySelector("[data-runs-of]")?.dataset.runsOf;
const $ = (id) => document.getElementById(id);
const lines = (root = $("runs")) => [...root.querySelectorAll(".run-lines > li")];
const wordOf = (line) => line.querySelector("[data-run-state]").textContent;

async function fetched() {
  const answer = await ask(location.href);
  return answer.ok ? parse(answer.html).getElementById("runs") : null;
}

function replace(line, fresh) {
  const had = line.contains(document.activeElement);
  if (wordOf(line) !== wordOf(fresh)) say(`${fresh.querySelector("strong").textContent}: ${wordOf(fresh)}`);
  line.replaceWith(fresh);
  if (had) fresh.querySelector("a").focus({ preventScroll: true });
}

function pill(count) {
  const button = $("fresh");
  if (button.hidden && count) say(count === 1 ? "A new run" : `${count} new runs`);
  button.hidden = !count;
  button.firstElementChild.textContent = `${count} new`;
}

/** All of it: nothing stands there yet that could move, or the hand has asked. */
function place(found) {
  $("runs").replaceWith(found);
  mounted(found);
}

async function renew() {
  const found = await fetched();
  if (!found) return;
  if (!lines().length) return place(found);
  const known = new Map(lines().map((line) => [line.id, line]));
  const unknown = lines(found).filter((line) => !known.has(line.id));
  for (const fresh of lines(found)) if (known.has(fresh.id)) replace(known.get(fresh.id), fresh);
  if ("latest" in $("runs").dataset) pill(unknown.length);
  tick();
}

const soon = debounced(renew, 150);
/** Of this agent, or in its conversation; without a frame of whoever has not shown itself. */
const concerns = (frame) => (frame ? [frame.agentId, frame.conversationId].includes(whose) : document.querySelector("[data-doubt]") !== null);

export async function showFresh() {
  if ($("fresh").hidden) return;
  const found = await fetched();
  if (!found) return;
  place(found);
  $("main").scrollTop = 0;
  lines()[0]?.querySelector("a").focus({ preventScroll: true });
}

export function step(by) {
  const stops = [...document.querySelectorAll("#runs .inner a")];
  const at = stops.indexOf(document.activeElement);
  stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : at + by]?.focus();
}

export const back = leave;
// A link opens by Enter; here by O as well, like everything that is listed.
export const keys = { o: () => (document.activeElement.matches("#runs .inner a") ? document.activeElement.click() : false) };
export const isHere = () => Boolean(whose);

export function start() {
  document.addEventListener("placet:presence", ({ detail }) => concerns(detail) && soon());
  document.addEventListener("placet:event", ({ detail }) => detail.type === "run:updated" && concerns(detail) && soon());
  document.addEventListener("placet:stale", soon);
  setInterval(() => document.visibilityState === "visible" && tick(), 1000);
  tick();
}
