// Every action has one key. None of them works while somebody is typing, but submit and step back.

import { all, onMount } from "./net.js";
import * as palette from "./palette.js";
import * as handover from "./handover.js";
import { locked } from "./respond.js";
import { toStop } from "./runs.js";

const mac = /Mac|iP(hone|ad|od)/.test(navigator.platform);
const singles = () => document.body.dataset.shortcuts !== "off";
const sheet = document.getElementById("keys");
const TYPED = new Set(["text", "search", "email", "url", "number", "password", "date", "time", "datetime-local", "tel", "month", "week"]);
let page = {};
let leader = -Infinity;

const typing = (node) =>
  node.isContentEditable || node.tagName === "TEXTAREA" || node.tagName === "SELECT" || (node.tagName === "INPUT" && TYPED.has(node.type));

/** The card the keys speak of: the one in the detail; in a conversation the one of the message that has the focus. */
const card = () => {
  const within = document.activeElement?.closest("[data-card], .msg");
  if (within) return within.matches("[data-card]") ? within : within.querySelector("[data-card]");
  return document.querySelector("#detail > [data-card]");
};
const inCard = (selector) => card()?.querySelector(selector);

function press(selector) {
  const target = inCard(selector);
  if (!target || locked()) return;
  if (target.type === "radio" || target.type === "checkbox") target.focus();
  target.click();
}

function comment() {
  const field = inCard('[name="comment"]') || inCard('[name="feedback"]');
  if (!field) return;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}

function unanswered(by) {
  const form = inCard("form");
  if (!form) return;
  const groups = new Set();
  const open = [...form.elements].filter((field) => {
    if (!field.willValidate || !field.required || field.validity.valid) return false;
    if (field.type === "radio" && groups.has(field.name)) return false;
    groups.add(field.name);
    return true;
  });
  const at = open.indexOf(document.activeElement);
  const next = open[at < 0 ? (by > 0 ? 0 : open.length - 1) : (at + by + open.length) % open.length];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function submit(from) {
  const within = from.closest?.("form[data-respond]");
  const form = within || inCard("form[data-respond]");
  // From outside only a form is sent; a decision wants its own key.
  const button = form?.querySelector(within ? "[data-submit], [data-primary]" : "[data-submit]");
  if (button && !locked()) form.requestSubmit(button);
}

function enter() {
  if (document.activeElement?.closest("a, button, summary, input, [role=option]")) return false;
  if (page.enter) return page.enter();
  const target = card();
  if (!target) return false;
  document.body.dataset.pane = "detail";
  // The card, not its first field: the deciding keys work at once, and Tab or N leads into the fields.
  target.focus();
}

/** One level back: out of a field, out of the card, out of the item. */
function escape(target) {
  if (typing(target)) {
    const home = target.closest("[data-card]") || (target.closest("#list") && document.getElementById("rows")) || document.getElementById("detail") || document.getElementById("rows") || document.getElementById("main");
    target.blur();
    home?.focus({ preventScroll: true });
    return;
  }
  page.back?.();
}

export const actions = {
  next: () => page.step?.(1),
  previous: () => page.step?.(-1),
  back: () => page.back?.(),
  fresh: () => page.showFresh?.(),
  below: () => page.below?.(),
  keys: () => sheet.showModal(),
  palette: () => palette.open(document.querySelector("#detail > [data-card]") || card()),
  search: () => {
    const field = document.getElementById("search");
    if (!field) return location.assign("/inbox/#search");
    document.body.dataset.pane = "list";
    field.focus();
    field.select();
  },
  signOut: () => document.querySelector('.whoami form')?.requestSubmit(),
  chat: () => document.querySelector("[data-chat]")?.click(),
};

const KEYS = {
  j: actions.next, ArrowDown: actions.next, k: actions.previous, ArrowUp: actions.previous,
  Enter: enter, o: enter, u: actions.back, a: () => press("[data-primary]"), r: () => press("[data-danger]"), c: comment,
  n: () => unanswered(1), p: () => unanswered(-1), "/": actions.search, "?": actions.keys, ".": actions.fresh, t: actions.chat,
  s: toStop, h: handover.begin,
};
const PLACES = { i: "/inbox/", c: "/chats/", f: "/files/", s: "/status/", d: "/deliveries/", ",": "/settings/" };
const DECIDING = /^[1-9ar]$/;

function single(event) {
  const { key } = event;
  if (performance.now() - leader < 1200 && PLACES[key]) {
    location.assign(PLACES[key]);
    return true;
  }
  leader = key === "g" ? performance.now() : -Infinity;
  if (key === "g") return true;
  // A held key may walk the list; it may never decide.
  if (event.repeat && (DECIDING.test(key) || !/^(j|k|Arrow)/.test(key))) return true;
  if (/^[1-9]$/.test(key)) {
    press(`[data-option="${key}"]`);
    return true;
  }
  const name = key.length === 1 ? key.toLowerCase() : key;
  const known = page.keys?.[name] || KEYS[name];
  return known ? known() !== false : false;
}

function down(event) {
  const { key, target } = event;
  if (event.isComposing || event.defaultPrevented) return;
  const mod = mac ? event.metaKey : event.ctrlKey;
  if (mod && key.toLowerCase() === "k") {
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) actions.palette();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if ((event.metaKey || event.ctrlKey) && key === "Enter" && !target.closest("[data-composer]")) {
    event.preventDefault();
    if (!event.repeat) submit(target);
    return;
  }
  if (key === "Escape") return escape(target);
  if (event.metaKey || event.ctrlKey || event.altKey || typing(target)) return;
  // Switched off are letters and signs, which somebody may say by accident; arrows and Enter work on.
  if (!singles() && key.length === 1) return;
  // Arrows belong to radio buttons and sliders while those have the focus.
  if (key.startsWith("Arrow") && target.matches("input")) return;
  if (single(event)) event.preventDefault();
}

export function start(of) {
  page = of;
  palette.start((name) => actions[name]?.());
  document.addEventListener("keydown", down);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    event.preventDefault();
    actions[button.dataset.do]?.();
  });
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  if (mac) onMount((root) => all(root, "[data-mod]").forEach((key) => (key.textContent = "⌘")));
}


