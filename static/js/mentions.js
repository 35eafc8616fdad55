// Whom a message calls: "@" at the beginning of a word offers those who would hear it. The field keeps the focus; the list only says where one is in it.

import { say } from "./announce.js";
import { ask, parse } from "./net.js";

const list = document.getElementById("mentions");
// As the server reads it: nobody is called in the middle of a word or an address. No name is longer than this.
const CALL = /(^|[^\p{L}\p{N}_@])@([^@\n]*)$/u;
const LONGEST = 200;
const plain = (text) => text.toLowerCase().replace(/[\s_-]+/g, " ");
const nameOf = (option) => plain(option.dataset.call.slice(1));
const options = () => [...list.children];
const chosen = () => list.querySelector('[aria-selected="true"]');
let field;
let callees = [];
// The "@" the list was asked for, and the one that wants it no more: taken, or put away.
let asked, quiet;
let composing = false;

/** Where the call that is being written begins, and what of it there is. */
function written() {
  const end = field.selectionStart;
  if (end !== field.selectionEnd) return null;
  const begin = Math.max(0, end - LONGEST);
  const found = CALL.exec(field.value.slice(begin, end));
  return found && { at: begin + found.index + found[1].length, end, words: plain(found[2]) };
}

/** By the beginning of any of its words. What is written out has nothing left to complete. */
function fitting(words) {
  const found = callees.filter((option) => ` ${nameOf(option)}`.includes(` ${words}`));
  return found.length === 1 && nameOf(found[0]) === words ? [] : found;
}

function look() {
  if (composing) return;
  const call = written();
  if (!call) return close();
  if (asked !== call.at) load(call.at);
  if (quiet?.at === call.at && field.value.startsWith(quiet.call, call.at)) return hide();
  show(fitting(call.words));
}

/** Anew for each "@": whoever was let in meanwhile is offered. */
async function load(at) {
  asked = at;
  const answer = await ask(`/chats/${field.form.dataset.composer}/mentions/`).catch(() => ({ ok: false }));
  if (!answer.ok) return;
  callees = [...parse(answer.html).querySelectorAll('[role="option"]')];
  if (asked === at && document.activeElement === field) look();
}

function show(found) {
  if (!found.length) return hide();
  const before = chosen()?.id;
  list.replaceChildren(...found);
  if (list.hidden) say(found.length === 1 ? "1 agent to mention" : `${found.length} agents to mention`);
  list.hidden = false;
  const state = { role: "combobox", "aria-expanded": "true", "aria-controls": list.id, "aria-autocomplete": "list", "aria-haspopup": "listbox" };
  for (const [name, value] of Object.entries(state)) field.setAttribute(name, value);
  choose(found.find((option) => option.id === before) || found[0]);
}

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

/** Without a list it is a field like any other. */
function hide() {
  if (list.hidden) return;
  list.hidden = true;
  for (const name of ["role", "aria-expanded", "aria-controls", "aria-autocomplete", "aria-haspopup", "aria-activedescendant"]) field.removeAttribute(name);
}

export function close() {
  hide();
  asked = quiet = undefined;
}

function take(option) {
  const call = written();
  if (!call) return close();
  const text = option.dataset.call;
  const hasSpace = field.value[call.end] === " ";
  quiet = { at: call.at, call: text };
  hide();
  field.focus({ preventScroll: true });
  field.setSelectionRange(call.at, call.end + hasSpace);
  // Old, but it alone can be undone by hand.
  if (document.execCommand("insertText", false, `${text} `)) return;
  field.setRangeText(`${text} `, call.at, call.end + hasSpace, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function pressed(event) {
  const { key } = event;
  if (list.hidden || composing || event.isComposing || event.keyCode === 229 || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  const shown = options();
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (by) choose(shown[(shown.indexOf(chosen()) + by + shown.length) % shown.length]);
  else if (key === "Enter" || key === "Tab") take(chosen());
  else if (key === "Escape") {
    quiet = { at: written()?.at, call: "" };
    hide();
  } else return;
  // Nothing is sent, and nobody leaves the field.
  event.preventDefault();
  event.stopPropagation();
}

export function start(composer) {
  field = composer.elements.text;
  field.addEventListener("input", look);
  field.addEventListener("compositionstart", () => (composing = true));
  field.addEventListener("compositionend", () => {
    composing = false;
    look();
  });
  field.addEventListener("keydown", pressed);
  field.addEventListener("blur", hide);
  document.addEventListener("selectionchange", () => list.hidden || look());
  // The focus stays where one writes.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) take(option);
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && event.pointerType === "mouse" && option !== chosen()) choose(option);
  });
}
