// Files on their way into a message: picked, dropped or pasted; a chip for each, until the message is sent.

import { say, toast } from "./announce.js";
import * as drafts from "./drafts.js";
import { ask, call, parse, token } from "./net.js";

const AT_ONCE = 3;
// The server collects after a day what nobody has sent.
const KEPT_MS = 23 * 3600e3;
const NO_CONNECTION = "No connection";
const ICONS = { image: "picture", video: "film", audio: "sound" };

let form, agent, tray, wakes = [];
let items = [];

const draft = () => `files:${agent}`;
const remember = () => {
  const files = items.filter((item) => item.id).map(({ id, name, size, type, at }) => ({ id, name, size, type, at }));
  drafts.remember(draft(), files.length ? { files } : {});
};

export const isEmpty = () => !items.length;
export const hasFailed = () => items.some((item) => item.state === "failed");
const isUnderWay = () => items.some((item) => item.state === "waiting" || item.state === "sending");

/** Once nothing is on its way any more, well or not. */
export function done() {
  return isUnderWay() ? new Promise((resolve) => wakes.push(resolve)) : Promise.resolve();
}

/** What has been stored, for a message that is now sent. */
export function take() {
  const taken = items.filter((item) => item.id).map(({ id, name, size, type }) => ({ id, name, size, type }));
  items.forEach((item) => item.chip.remove());
  items = [];
  changed();
  return taken;
}

function changed() {
  tray.hidden = !items.length;
  remember();
  if (isUnderWay()) return;
  wakes.forEach((wake) => wake());
  wakes = [];
}

// --- a chip

export const iconOf = (type) => ICONS[(type || "").split("/")[0]] || "page";

export function inWords(size) {
  if (size < 1024) return `${size} byte${size === 1 ? "" : "s"}`;
  const [unit, scale] = size < 2 ** 20 ? ["KB", 1024] : size < 2 ** 30 ? ["MB", 2 ** 20] : ["GB", 2 ** 30];
  return `${(size / scale).toFixed(1)} ${unit}`;
}

function draw(item) {
  const chip = (item.chip = document.getElementById("chip-template").content.firstElementChild.cloneNode(true));
  chip.querySelector("use").setAttribute("href", `#i-${iconOf(item.type)}`);
  chip.querySelector("bdi").textContent = item.name;
  chip.querySelector("progress").setAttribute("aria-label", `Upload of ${item.name}`);
  chip.querySelector("[data-remove]").setAttribute("aria-label", `Remove ${item.name}`);
  chip.querySelector("[data-again]").setAttribute("aria-label", `Retry ${item.name}`);
  chip.item = item;
  tray.append(chip);
}

function show(item) {
  const { chip, state } = item;
  chip.dataset.state = state;
  chip.querySelector("progress").hidden = state === "stored" || state === "failed";
  chip.querySelector("[data-again]").hidden = !(state === "failed" && item.file && item.canRetry);
  chip.querySelector(".how").textContent = state === "failed" ? item.why : inWords(item.size);
}

function turn(item, state, more = {}) {
  Object.assign(item, more, { state });
  show(item);
  changed();
}

// --- on their way

export function add(files) {
  const most = Number(form.dataset.mostFiles);
  for (const file of files) {
    if (items.length >= most) {
      toast(`At most ${most} files go into one message.`, { icon: "alert" });
      break;
    }
    const item = { file, name: file.name || "file", size: file.size, type: file.type, state: "waiting" };
    items.push(item);
    draw(item);
    if (file.size > Number(form.dataset.mostBytes)) fail(item, `Too large: at most ${inWords(Number(form.dataset.mostBytes))}`, false);
    else turn(item, "waiting");
  }
  pump();
}

function pump() {
  let free = AT_ONCE - items.filter((item) => item.state === "sending").length;
  for (const item of items.filter((each) => each.state === "waiting")) {
    if (free-- <= 0) return;
    send(item);
  }
}

function send(item) {
  const xhr = (item.xhr = new XMLHttpRequest());
  const body = new FormData();
  body.set("channelId", agent);
  body.set("file", item.file, item.name);
  xhr.open("POST", "/api/files/store");
  xhr.setRequestHeader("X-CSRFToken", token());
  xhr.responseType = "json";
  xhr.upload.addEventListener("progress", (event) => progress(item, event));
  xhr.addEventListener("load", () => answered(item, xhr));
  xhr.addEventListener("error", () => fail(item, NO_CONNECTION));
  turn(item, "sending");
  xhr.send(body);
}

function progress(item, { loaded, total }) {
  if (!total) return;
  const bar = item.chip.querySelector("progress");
  bar.max = total;
  bar.value = loaded;
}

function answered(item, { status, response }) {
  if (status === 201 && response) {
    turn(item, "stored", { id: response.id, name: response.filename, size: response.size, file: undefined, at: Date.now() });
    item.chip.querySelector("bdi").textContent = item.name;
    say(`${item.name} is ready to be sent`);
  } else if (status === 401) {
    return location.reload();
  } else {
    fail(item, ...reason(status, response));
  }
  pump();
}

/** In words for people; and whether to try again makes sense. */
function reason(status, response) {
  const said = response?.errors?.[0]?.message || "";
  if (status === 413) return [said.includes("together") ? "No room: this agent's files are full" : "Too large for this server", false];
  if (status === 403 || status === 404) return ["Not possible in this conversation any more", false];
  if (status === 429) return ["Too many uploads at once", true];
  return [status >= 500 || !status ? "The server had a problem" : "The server refused it", status >= 500 || !status];
}

function fail(item, why, canRetry = true) {
  // Removed meanwhile: nobody waits for it.
  if (!items.includes(item)) return;
  turn(item, "failed", { why, canRetry });
  say(`${item.name}: ${why}`);
  pump();
}

function again(item) {
  turn(item, "waiting");
  item.chip.focus();
  pump();
}

function remove(item) {
  const next = item.chip.nextElementSibling || item.chip.previousElementSibling || form.elements.text;
  items = items.filter((each) => each !== item);
  item.xhr?.abort();
  item.chip.remove();
  // What has been stored goes; should that fail, it is collected within a day.
  if (item.id) call(`/api/files/${item.id}`, { method: "DELETE" }).catch(() => {});
  changed();
  say(`${item.name} was removed`);
  next.focus();
  pump();
}

// --- where they come from

/** Folders come along as files that cannot be read. */
function dropped(transfer) {
  const entries = [...transfer.items].filter((each) => each.kind === "file");
  const folders = entries.filter((each) => each.webkitGetAsEntry?.()?.isDirectory);
  if (folders.length) toast("A folder cannot be attached: zip it first.", { icon: "alert" });
  return entries.filter((each) => !folders.includes(each)).map((each) => each.getAsFile()).filter(Boolean);
}

const brings = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
const isOpen = () => document.querySelector("dialog[open]");

function watchDrops(pane, sign) {
  const showSign = (on) => (sign.hidden = !on);
  window.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    // Elsewhere the browser would leave the page to open the file.
    event.preventDefault();
    const here = pane.contains(event.target) && !isOpen();
    event.dataTransfer.dropEffect = here ? "copy" : "none";
    showSign(here);
  });
  window.addEventListener("dragleave", (event) => event.relatedTarget === null && showSign(false));
  window.addEventListener("drop", (event) => {
    showSign(false);
    if (!brings(event)) return;
    event.preventDefault();
    if (!pane.contains(event.target) || isOpen()) return;
    add(dropped(event.dataTransfer));
    form.elements.text.focus();
  });
}

function pasted(event) {
  const files = [...(event.clipboardData?.files || [])];
  const elsewhere = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (!files.length || isOpen() || (elsewhere && elsewhere !== form.elements.text)) return;
  // Cells of a table come as text and as a picture of it: who writes means the text.
  if (elsewhere && event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  add(files);
}

function keyed(event) {
  const chip = event.target.closest(".chip");
  if (!chip || event.ctrlKey || event.metaKey || event.altKey) return;
  const aside = { ArrowLeft: chip.previousElementSibling, ArrowRight: chip.nextElementSibling || form.elements.text }[event.key];
  if (event.key === "Delete" || event.key === "Backspace") remove(chip.item);
  else if (event.key === "Enter" && event.target === chip && !chip.querySelector("[data-again]").hidden) again(chip.item);
  else if (aside) aside.focus();
  else return;
  event.preventDefault();
}

/** What had been stored before a reload, if it is still there and nobody has sent it since. */
async function restore() {
  const kept = (drafts.recall(draft()).files || []).filter((file) => Date.now() - file.at < KEPT_MS);
  if (!kept.length) return;
  for (const file of kept) {
    const item = { ...file, state: "stored" };
    items.push(item);
    draw(item);
    show(item);
  }
  tray.hidden = false;
  const answer = await ask(`/files/tiles/?${new URLSearchParams(kept.map((file) => ["id", file.id]))}`);
  if (!answer.ok) return;
  const there = new Set([...parse(answer.html).querySelectorAll("[data-loose]")].map((node) => node.dataset.id));
  for (const item of items.filter((each) => each.id && kept.some((file) => file.id === each.id) && !there.has(each.id))) {
    items = items.filter((each) => each !== item);
    item.chip.remove();
  }
  changed();
}

export function start(composer, pane) {
  form = composer;
  agent = form.dataset.composer;
  tray = document.getElementById("chips");
  const picker = form.querySelector('input[type="file"]');
  picker.addEventListener("change", () => {
    add([...picker.files]);
    picker.value = "";
    form.elements.text.focus();
  });
  tray.addEventListener("keydown", keyed);
  tray.addEventListener("click", (event) => {
    const item = event.target.closest(".chip")?.item;
    if (item && event.target.closest("[data-remove]")) remove(item);
    if (item && event.target.closest("[data-again]")) again(item);
  });
  form.elements.text.addEventListener("keydown", (event) => {
    if (event.key !== "Backspace" || event.target.value || !items.length || event.repeat) return;
    event.preventDefault();
    items.at(-1).chip.focus();
  });
  document.addEventListener("paste", pasted);
  // What is up is in the draft; what is on its way would be lost.
  window.addEventListener("beforeunload", (event) => isUnderWay() && event.preventDefault());
  watchDrops(pane, document.getElementById("drop"));
  restore();
}
