// "Hand over…": the page of that name, as a dialog over the conversation.

import { say, toast } from "./announce.js";
import * as drafts from "./drafts.js";
import { ask, mounted } from "./net.js";

const dialog = document.getElementById("hand-over");
const link = () => document.querySelector("[data-hand-over]");
const form = () => dialog.querySelector("form");

export function begin() {
  link()?.click();
  return Boolean(link());
}

function fill(html) {
  dialog.innerHTML = html;
  mounted(dialog);
}

/** Anew each time: whoever was let in meanwhile is offered. */
async function open(href) {
  const answer = await ask(href);
  if (!answer.ok) return toast("Not opened: try once more in a moment.", { icon: "alert" });
  if (dialog.open) return;
  fill(answer.html);
  dialog.showModal();
}

async function send() {
  const sent = form();
  if (sent.ariaBusy) return;
  sent.ariaBusy = "true";
  try {
    const answer = await ask(sent.action, { body: new FormData(sent) });
    if (answer.status === 400) return refused(answer.html);
    if (!answer.ok) throw new Error("refused");
    done(sent);
  } catch (error) {
    if (error.message !== "signed out") toast("Not handed over: try once more in a moment.", { icon: "alert" });
  } finally {
    sent.ariaBusy = null;
  }
}

function refused(html) {
  fill(html);
  (form()?.querySelector(":checked") || form()?.elements.agent?.[0] || dialog.querySelector("a, button"))?.focus();
}

function done(sent) {
  const name = sent.querySelector(":checked").closest("label").querySelector("strong").textContent;
  drafts.clear(sent, { gone: true });
  dialog.close();
  // What was said stands at the end; the message and the run arrive as all others do.
  if (!("latest" in document.getElementById("detail").dataset)) return location.assign(link().href.replace(/hand-over\/$/, ""));
  say(`Handed over to ${name}`);
}

if (dialog) {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-hand-over]");
    if (!opener || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(opener.href);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog && !event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
  // Whoever came by a key came from nowhere.
  dialog.addEventListener("close", () => {
    const at = document.activeElement;
    if (at === document.body || dialog.contains(at)) link().focus({ preventScroll: true });
  });
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
}

// On the page of that name as well: there the browser sends it, and what is refused comes back with its words.
document.addEventListener("submit", (event) => {
  if (event.target.matches(".handing-form") && !event.defaultPrevented) drafts.clear(event.target);
});
document.addEventListener("keydown", (event) => {
  const within = event.target.closest?.(".handing-form");
  if (!within || event.key !== "Enter" || event.isComposing || event.repeat || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  within.requestSubmit();
});
