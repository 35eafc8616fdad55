// What was typed stays: over a reload, over a lost connection, and over somebody else being faster.

import { all, onMount } from "./net.js";

// One browser may serve several people, one after the other: what is kept bears the name of who wrote it.
const USER = document.body.dataset.user;
const ALL = "placet:draft:";
const PREFIX = `${ALL}${USER}:`;
export const UNSENT = `placet:out:${USER}:`;
const WEEK = 7 * 86400e3;
const NEVER = new Set(["password", "hidden", "submit", "button", "file"]);
const TICKED = new Set(["checkbox", "radio"]);

const KEPT = "form[data-respond], form[data-composer], form[data-draft]";
const formOf = (node) => node.closest?.(KEPT);
const keyOf = (form) => PREFIX + (form.dataset.respond || form.dataset.draft || `chat:${form.dataset.composer}`);
// What is chosen anew each time says so itself.
const isKept = (field) => Boolean(field.name) && !NEVER.has(field.type) && !("undrafted" in field.dataset);
const fields = (form) => [...form.elements].filter((f) => isKept(f) && f.type !== "fieldset");

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key))?.values || {};
  } catch {
    return {};
  }
}

function write(key, values) {
  try {
    if (Object.keys(values).length) localStorage.setItem(key, JSON.stringify({ at: Date.now(), values }));
    else localStorage.removeItem(key);
  } catch {
    // A full or forbidden storage loses drafts, not responses.
  }
}

/** What else of a draft is worth keeping: `values` under a name of its own, or nothing. */
export const remember = (name, values) => write(PREFIX + name, values);
export const recall = (name) => read(PREFIX + name);

// A field that is taken away with its card still says "change": what was sent must not come back as a draft.
const sent = new WeakSet();

function save(event) {
  const form = formOf(event.target);
  if (!form || sent.has(form) || !isKept(event.target)) return;
  const { name, type } = event.target;
  const values = read(keyOf(form));
  if (TICKED.has(type)) {
    values[name] = fields(form).filter((f) => f.name === name && f.checked).map((f) => f.value);
  } else {
    values[name] = event.target.value;
  }
  if (values[name] === "" && event.target.defaultValue === "") delete values[name];
  write(keyOf(form), values);
}

function restore(form) {
  const values = read(keyOf(form));
  for (const field of fields(form)) {
    if (!(field.name in values)) continue;
    if (TICKED.has(field.type)) field.checked = values[field.name].includes(field.value);
    else field.value = values[field.name];
    const folded = field.closest("details");
    if (folded && field.value) folded.open = true;
  }
}

/** The card was settled by somebody else, or the clock: what was typed is shown to be copied. */
function keep(card) {
  const key = PREFIX + card.dataset.card;
  const texts = Object.values(read(key)).filter((value) => typeof value === "string" && value.trim());
  if (!texts.length) return;
  let box = card.querySelector("[data-kept]");
  if (!box) {
    box = document.getElementById("kept-template").content.firstElementChild.cloneNode(true);
    for (const text of texts) {
      const pre = Object.assign(document.createElement("pre"), { textContent: text, tabIndex: 0 });
      box.append(pre);
    }
    card.querySelector(".column").append(box);
  }
  const discard = Object.assign(document.createElement("button"), { type: "button", className: "btn small", textContent: "Discard the draft" });
  discard.addEventListener("click", () => {
    localStorage.removeItem(key);
    box.remove();
    card.focus();
  });
  box.append(discard);
}

/** `gone`: the form goes with what it said, and nothing more is written into it. */
export function clear(form, { gone = Boolean(form.dataset.respond) } = {}) {
  if (gone) sent.add(form);
  localStorage.removeItem(keyOf(form));
}

function forgetOld() {
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith(ALL))) {
    try {
      if (Date.now() - JSON.parse(localStorage.getItem(key)).at > WEEK) localStorage.removeItem(key);
    } catch {
      localStorage.removeItem(key);
    }
  }
}

function forgetMine() {
  const mine = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) || key.startsWith(UNSENT));
  mine.forEach((key) => localStorage.removeItem(key));
}

document.addEventListener("input", save);
document.addEventListener("submit", (event) => event.target.matches("[data-sign-out]") && forgetMine());
document.addEventListener("change", save);
onMount((root) => {
  all(root, KEPT).forEach(restore);
  // Another window of the same person may just have sent this very draft: give it the time to say so.
  const settled = all(root, '[data-card]:not([data-state="pending"])');
  if (settled.length) setTimeout(() => settled.filter((card) => card.isConnected).forEach(keep), 300);
});
forgetOld();
