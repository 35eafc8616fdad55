// One conversation: its end, its past, and what is being written into it.

import { say, toast } from "./announce.js";
import { ask, debounced, element, mounted, parse } from "./net.js";
import * as drafts from "./drafts.js";
import * as mentions from "./mentions.js";
import { decidedHere, renew, withdraw } from "./respond.js";
import * as uploads from "./uploads.js";

const $ = (id) => document.getElementById(id);
const NEAR = 120;
const pane = $("detail");
const agent = pane?.dataset.chatWith;
const talk = $("talk");
const messages = $("messages");
const phone = matchMedia("(max-width: 900px), (pointer: coarse)");
const atEnd = () => talk.scrollHeight - talk.scrollTop - talk.clientHeight < NEAR;
const toEnd = () => (talk.scrollTop = talk.scrollHeight);
const bubbles = () => [...messages.querySelectorAll(".msg")];

// --- the list beside it

const renewLines = debounced(async () => {
  const answer = await ask(`/chats/lines/?current=${agent || ""}`);
  if (!answer.ok) return;
  const channels = $("channels");
  const focused = channels.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const scroll = channels.scrollTop;
  channels.replaceChildren(...parse(answer.html).childNodes);
  channels.scrollTop = scroll;
  if (focused) channels.querySelector(`a[href="${focused}"]`)?.focus({ preventScroll: true });
  narrow();
}, 250);

function narrow() {
  const words = $("search")?.value.trim().toLowerCase() || "";
  for (const line of document.querySelectorAll("#channels > .channel")) {
    line.hidden = Boolean(words) && !line.querySelector("strong").textContent.toLowerCase().includes(words);
  }
}

// --- the past

async function older(link) {
  past.unobserve(link);
  const answer = await ask(link.href);
  if (!answer.ok || !link.isConnected) return;
  const height = talk.scrollHeight;
  const top = talk.scrollTop;
  const found = parse(answer.html);
  const nodes = [...found.children];
  link.replaceWith(found);
  sortDays();
  // What the eye rests on stays where it is.
  talk.scrollTop = top + talk.scrollHeight - height;
  nodes.forEach(mounted);
  watch();
}

function sortDays() {
  let shown;
  for (const node of [...messages.children]) {
    if (!node.matches(".day[data-day]")) continue;
    if (node.dataset.day === shown) node.remove();
    else shown = node.dataset.day;
  }
}

const past = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => older(entry.target)),
  { rootMargin: "400px" },
);
const watch = () => $("older") && past.observe($("older"));

// --- the present

/** A message in a few words: what it says, or else the files it brings. */
function gist(bubble) {
  const names = [...bubble.querySelectorAll("[data-file]")].map((node) => node.querySelector("img[alt]:not([alt=''])")?.alt || node.querySelector("bdi")?.textContent);
  return (bubble.querySelector(".prose")?.textContent.trim() || names.join(", ")).slice(0, 80);
}

const isOfThePast = (id) => Boolean($("older")) && id < (bubbles()[0]?.dataset.id || "");

function append(bubble) {
  messages.querySelector(".calm")?.remove();
  // Told late, or told again: ids are in the order of time.
  const next = bubbles().find((one) => one.dataset.id > bubble.dataset.id);
  if (next) {
    next.before(bubble);
    return mounted(bubble);
  }
  const last = [...messages.querySelectorAll(".day[data-day]")].at(-1);
  const day = bubble.dataset.day;
  if (day && last?.dataset.day !== day) {
    const line = Object.assign(document.createElement("div"), { className: "day", textContent: day });
    line.dataset.day = day;
    messages.append(line);
  }
  messages.append(bubble);
  mounted(bubble);
}

let inOrder = Promise.resolve();

/** Fetched at once, and put there one after the other: a later message that came faster would be moved by an earlier one. */
function arrived(id) {
  if ($(`m-${id}`) || isOfThePast(id) || !("latest" in pane.dataset)) return;
  const asked = ask(`/messages/${id}/`).catch(() => ({ ok: false }));
  const next = async () => place(id, await asked);
  inOrder = inOrder.then(next, next);
}

function place(id, answer) {
  if (!answer.ok || $(`m-${id}`)) return;
  const bubble = element(answer.html);
  const mine = bubble.dataset.clientId && messages.querySelector(`[data-client-id="${CSS.escape(bubble.dataset.clientId)}"]`);
  if (mine) {
    mine.replaceWith(bubble);
    return;
  }
  const stay = !atEnd();
  append(bubble);
  say(`${bubble.querySelector("strong").textContent}: ${gist(bubble)}`);
  if (stay) $("below").hidden = false;
  else toEnd();
  markRead();
}

async function renewTicks(id) {
  const old = $(`m-${id}`);
  if (!old) return;
  const answer = await ask(`/messages/${id}/`);
  const ticks = answer.ok && element(answer.html).querySelectorAll("[data-ticks]");
  old.querySelectorAll("[data-ticks]").forEach((node, n) => {
    const had = node.contains(document.activeElement);
    if (ticks?.[n]) node.replaceWith(ticks[n]);
    if (had) old.focus({ preventScroll: true });
  });
}

const renewWaits = debounced(async () => {
  const answer = await ask(`/chats/${agent}/waits/`);
  if (answer.ok) $("waits").innerHTML = answer.html;
}, 200);

let told;
const markRead = debounced(() => {
  if (document.visibilityState !== "visible" || !("latest" in pane.dataset) || !atEnd()) return;
  if (getComputedStyle(pane).display === "none") return;
  const last = bubbles().filter((bubble) => bubble.dataset.id).at(-1)?.dataset.id;
  if (!last || last === told) return;
  told = last;
  const body = new FormData();
  body.set("message", last);
  ask(`/chats/${agent}/read/`, { body }).catch(() => (told = undefined));
}, 300);

// --- writing

const QUEUE = `${drafts.UNSENT}${agent}`;
const queued = () => {
  try {
    return JSON.parse(localStorage.getItem(QUEUE)) || [];
  } catch {
    return [];
  }
};
const store = (items) => (items.length ? localStorage.setItem(QUEUE, JSON.stringify(items)) : localStorage.removeItem(QUEUE));
const forget = (id) => store(queued().filter((item) => item.id !== id));

function draw(item) {
  const bubble = $("bubble-template").content.firstElementChild.cloneNode(true);
  bubble.dataset.clientId = item.id;
  const prose = bubble.querySelector(".prose");
  if (item.text) prose.firstElementChild.textContent = item.text;
  else prose.remove();
  drawFiles(bubble.querySelector(".files"), item.files || []);
  bubble.querySelector("[data-resend]").addEventListener("click", () => deliver(item));
  bubble.querySelector("[data-discard]").addEventListener("click", () => {
    forget(item.id);
    bubble.remove();
  });
  append(bubble);
  return bubble;
}

function drawFiles(box, files) {
  for (const file of files) {
    const card = box.querySelector("template").content.firstElementChild.cloneNode(true);
    card.querySelector("use").setAttribute("href", `#i-${uploads.iconOf(file.type)}`);
    card.querySelector("bdi").textContent = file.name;
    card.querySelector(".muted").textContent = uploads.inWords(file.size);
    box.append(card);
  }
  box.hidden = !files.length;
}

const ownBubble = (id) => messages.querySelector(`[data-client-id="${CSS.escape(id)}"]`);

/** The same clientId again is the same message: resending can never say a thing twice. */
async function deliver(item) {
  const { id, text, files = [] } = item;
  const bubble = ownBubble(id) || draw(item);
  bubble.classList.add("sending");
  bubble.querySelector(".unsent").hidden = true;
  const body = new FormData();
  body.set("text", text);
  body.set("client_id", id);
  files.forEach((file) => body.append("attachmentIds", file.id));
  try {
    const answer = await ask(`/chats/${agent}/write/`, { body });
    if (!answer.ok) throw new Error(answer.status === 400 ? answer.html : "refused");
    forget(id);
    const sent = element(answer.html);
    const stay = !atEnd();
    $(sent.id)?.remove();
    (ownBubble(id) || bubble).replaceWith(sent);
    mounted(sent);
    if (!stay) toEnd();
    const lost = files.length - sent.querySelectorAll("[data-file]").length;
    if (lost > 0) toast(`${lost === 1 ? "A file was" : `${lost} files were`} not there any more. Attach again what is missing.`, { icon: "alert", ms: 8000 });
  } catch (error) {
    const here = ownBubble(id) || bubble;
    here.classList.remove("sending");
    if (here.querySelector(".unsent")) here.querySelector(".unsent").hidden = false;
    if (error.message !== "signed out") toast("Not sent. It is kept here until you resend it.", { icon: "alert" });
  }
}

let waiting = false;

/** Files that are still on their way are waited for, and the text goes with them. */
async function write(form) {
  const field = form.elements.text;
  if (waiting || (!field.value.trim() && uploads.isEmpty())) return;
  waiting = true;
  const told = setTimeout(() => ($("later").textContent = "Sent as soon as the upload is done"), 150);
  await uploads.done();
  clearTimeout(told);
  $("later").textContent = "";
  waiting = false;
  if (uploads.hasFailed()) return toast("Not sent: retry or remove what was not uploaded.", { icon: "alert" });
  const text = field.value.trim();
  const files = uploads.take();
  if (!text && !files.length) return;
  const item = { id: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`, text, files, at: Date.now() };
  store([...queued(), item]);
  field.value = "";
  mentions.close();
  drafts.clear(form);
  draw(item);
  toEnd();
  deliver(item);
}

// --- the world

async function settled(id) {
  const card = await renew(id);
  if (card && !decidedHere(id)) say(`${card.querySelector(".verdict strong")?.textContent}: ${gist(card.closest(".msg"))}`);
}

function heard({ detail: frame }) {
  if (/^(message|review|channel|agent):/.test(frame.type) && frame.type !== "message:delivery") renewLines();
  if (!agent || frame.agentId !== agent) return;
  if (frame.type === "message:created") arrived(frame.messageId);
  if (frame.type === "message:delivery") renewTicks(frame.messageId);
  if (frame.type === "message:deleted") {
    $(`m-${frame.messageId}`)?.classList.add("gone");
    withdraw(frame.messageId);
  }
  if (/^review:/.test(frame.type)) settled(frame.messageId);
  if (/^review:/.test(frame.type) || frame.reviewType || frame.type === "message:deleted") renewWaits();
}

/** Where no conversation is open, from one to the next in the list. */
function stepInList(by) {
  const lines = [...document.querySelectorAll("#channels > .channel:not([hidden])")];
  const at = lines.indexOf(document.activeElement);
  lines[at < 0 ? (by > 0 ? 0 : lines.length - 1) : at + by]?.focus();
}

export function step(by) {
  if (!agent) return stepInList(by);
  const shown = bubbles();
  const at = shown.indexOf(document.activeElement.closest?.(".msg"));
  const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

export function back() {
  if (phone.matches && agent) return location.assign("/chats/");
  const here = document.querySelector("#channels > [aria-current]") || document.querySelector("#channels > .channel");
  here?.focus();
}

export function below() {
  toEnd();
  $("below").hidden = true;
  markRead();
}

export function start() {
  $("search")?.addEventListener("input", narrow);
  document.addEventListener("placet:event", heard);
  document.addEventListener("placet:stale", () => (agent ? location.reload() : renewLines()));
  if (!agent) return;
  document.addEventListener("placet:due", ({ detail }) => renew(detail.messageId).then(renewWaits));
  const aim = location.hash.length > 1 ? document.querySelector(location.hash) : $("unread");
  if (aim) aim.scrollIntoView({ block: location.hash ? "start" : "center" });
  else toEnd();
  if (aim?.matches(".msg")) aim.focus({ preventScroll: true });
  requestAnimationFrame(watch);
  queued().forEach((item) => {
    if (ownBubble(item.id)) return forget(item.id);
    draw(item);
    deliver(item);
  });
  talk.addEventListener("scroll", () => {
    if (!atEnd()) return;
    $("below").hidden = true;
    markRead();
  });
  document.addEventListener("visibilitychange", markRead);
  document.addEventListener("click", (event) => {
    const jump = event.target.closest("[data-jump]");
    const bubble = jump && $(jump.dataset.jump);
    if (!bubble) return;
    event.preventDefault();
    bubble.scrollIntoView({ block: "start" });
    bubble.focus({ preventScroll: true });
  });
  const composer = document.querySelector("[data-composer]");
  uploads.start(composer, pane);
  mentions.start(composer);
  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    write(composer);
  });
  composer.addEventListener("keydown", (event) => {
    if (event.target !== composer.elements.text || event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey) return;
    if (phone.matches && !event.metaKey && !event.ctrlKey) return;
    event.preventDefault();
    if (!event.repeat) write(composer);
  });
  document.addEventListener("placet:decided", renewWaits);
  markRead();
}

