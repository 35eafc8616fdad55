// What was switched off without anybody asking is told above every page until somebody has answered.

import { say } from "./announce.js";
import { ask, debounced, element } from "./net.js";

const spot = document.getElementById("told");
// Nothing was off at this place in the order of events: as long as nothing has happened since, there is nothing to ask.
const quiet = `placet:told:${document.body.dataset.user}`;

async function look({ aloud = false } = {}) {
  const answer = await ask(spot.dataset.told);
  if (!answer.ok) return;
  const fresh = element(answer.html);
  const before = spot.textContent;
  const isQuiet = !fresh.childElementCount;
  spot.replaceChildren(...fresh.childNodes);
  spot.hidden = isQuiet;
  if (isQuiet) sessionStorage.setItem(quiet, fresh.dataset.cursor);
  else sessionStorage.removeItem(quiet);
  if (aloud && !isQuiet && before !== spot.textContent) say(spot.textContent.trim());
}

const renew = debounced(() => look({ aloud: true }), 300);

export function start() {
  if (!spot) return;
  if (sessionStorage.getItem(quiet) !== document.body.dataset.cursor) look();
  document.addEventListener("placet:event", ({ detail: frame }) => /^endpoint:|^agent:(updated|deleted)$/.test(frame.type) && renew());
  document.addEventListener("placet:stale", renew);
}
