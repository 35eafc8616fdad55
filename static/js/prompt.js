// What a person writes on the page of a run goes to that run.

import { toast } from "./announce.js";
import * as drafts from "./drafts.js";
import { ask } from "./net.js";
import { renew } from "./runs.js";

const page = document.querySelector("[data-run-page]");
const phone = matchMedia("(max-width: 900px), (pointer: coarse)");
const newId = () => crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
let last = {};

/** The same words again after a failure are the same message: they can never be said twice. */
const idOf = (text) => (last.text === text ? last : (last = { text, id: newId() })).id;

async function write(form) {
  const field = form.elements.text;
  const text = field.value.trim();
  if (!text || form.ariaBusy) return;
  form.ariaBusy = "true";
  try {
    await send(form, text);
    last = {};
    // What was typed in the meantime is the next one.
    if (field.value.trim() === text) {
      field.value = "";
      drafts.clear(form);
    }
    await shown();
  } catch (error) {
    if (error.message !== "signed out") toast(error.refusal || "Not sent. It is kept here: send it once more.", { icon: "alert" });
    if (error.refusal) renew();
  } finally {
    form.ariaBusy = null;
  }
}

async function send(form, text) {
  const body = new FormData(form);
  body.set("text", text);
  body.set("client_id", idOf(text));
  const answer = await ask(form.action, { body });
  if (answer.ok) return;
  const whys = { 400: answer.html, 404: "Not sent: this run cannot be written to any more.", 409: answer.html };
  throw Object.assign(new Error("refused"), { refusal: whys[answer.status] });
}

/** At the end of the history, where it now stands. */
async function shown() {
  if (location.search) return location.assign(location.pathname);
  await renew();
  page.scrollTop = page.scrollHeight;
}

page?.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-prompt]")) return;
  event.preventDefault();
  write(event.target);
});
page?.addEventListener("keydown", (event) => {
  const form = event.target.closest("[data-prompt]");
  if (!form || event.target !== form.elements.text || event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey) return;
  if (phone.matches && !event.metaKey && !event.ctrlKey) return;
  event.preventDefault();
  if (!event.repeat) write(form);
});
