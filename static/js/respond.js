// Sending a response, once. What comes after a decision (the next item) is told to the page as `placet:decided`.

import { say, toast } from "./announce.js";
import { settled } from "./annotate-store.js";
import * as drafts from "./drafts.js";
import { ask, element, mounted } from "./net.js";

// Long enough for a held or doubled key to run out, too short to be noticed by the next decision.
const SETTLE_MS = 280;
let lockedUntil = 0;
const inFlight = new Set();
const mine = new Set();

export const locked = () => performance.now() < lockedUntil;
export const decidedHere = (id) => mine.has(id) || inFlight.has(id);
export const lock = () => (lockedUntil = performance.now() + SETTLE_MS);

export const cardOf = (id) => document.getElementById(`card-${id}`);

/** Swaps a card without losing the focus. */
export function place(old, fresh) {
  const had = old.contains(document.activeElement);
  old.replaceWith(fresh);
  mounted(fresh);
  if (had) fresh.focus({ preventScroll: true });
}

/** The world says this review changed. A form that is still open is never touched; a settled card only changes its ticks. */
export async function renew(id, { delivery = false } = {}) {
  const shown = cardOf(id);
  if (!shown || inFlight.has(id) || (shown.dataset.state !== "pending" && !delivery)) return;
  const answer = await ask(`/inbox/${id}/card/`);
  const old = cardOf(id);
  if (!old || !answer.ok || inFlight.has(id)) return;
  const fresh = element(answer.html);
  if (old.dataset.state === "pending" && fresh.dataset.state === "pending") return;
  place(old, fresh);
  return fresh;
}

/** The message is gone: nothing can be sent any more, and what was typed stays to be copied. */
export function withdraw(id) {
  const old = cardOf(id);
  if (!old || old.dataset.state !== "pending") return;
  const fresh = element('<section class="card settled" data-state="deleted" tabindex="-1" aria-label="The response"><div class="column"><p class="problem"><svg class="icon" aria-hidden="true"><use href="#i-alert"/></svg><span>This message was deleted.</span></p></div></section>');
  fresh.id = old.id;
  fresh.dataset.card = id;
  place(old, fresh);
}

async function send(form, submitter) {
  const id = form.dataset.respond;
  const body = new FormData(form, submitter);
  inFlight.add(id);
  cardOf(id).setAttribute("aria-busy", "true");
  try {
    // What was just drawn on a picture goes with the response.
    await settled();
    answered(id, form, await ask(form.action, { body }));
  } catch (error) {
    if (error.message !== "signed out") toast("Not sent: no connection. Your response is still here.", { icon: "alert" });
  } finally {
    inFlight.delete(id);
    cardOf(id)?.removeAttribute("aria-busy");
  }
}

const problemIn = (card) => card.querySelector(".problem")?.textContent.trim() || "Not sent";

function answered(id, form, answer) {
  const fresh = element(answer.html);
  const card = cardOf(id);
  if (!fresh?.matches("[data-card]")) {
    toast("Not sent: the server refused. Reload the page and try again.", { icon: "alert" });
    return;
  }
  if (answer.ok) {
    mine.add(id);
    drafts.clear(form);
    lock();
    toast(`Sent: ${fresh.querySelector(".verdict strong")?.textContent || "your response"}`, { href: `/inbox/${id}/`, link: "View" });
    if (card) place(card, fresh);
    const detail = { id, next: answer.headers.get("X-Placet-Next") };
    document.dispatchEvent(new CustomEvent("placet:decided", { detail }));
    return;
  }
  // Who has gone on meanwhile is told where it can be read; the draft waits there.
  if (!card) toast(problemIn(fresh), { icon: "alert", href: `/inbox/${id}/`, link: "View", ms: 8000 });
  else refused(card, fresh);
  if (fresh.dataset.state !== "pending") document.dispatchEvent(new CustomEvent("placet:lost", { detail: { id } }));
}

function refused(card, fresh) {
  place(card, fresh);
  fresh.querySelector('[aria-invalid="true"]:not(fieldset), [aria-invalid="true"] input')?.focus();
  say(problemIn(fresh));
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-respond]");
  if (!form) return;
  event.preventDefault();
  if (!locked() && !inFlight.has(form.dataset.respond)) send(form, event.submitter);
});
