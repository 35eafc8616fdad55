// One socket. It says that something changed; the page then fetches what it shows of it.

import { all, ask, debounced, onMount, parse } from "./net.js";

const SIGNED_OUT = 4401;
const seen = new Set();
let socket, cursor, attempt = 0, timer, heard = 0, graced;
const banner = document.getElementById("offline");
const emit = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

export const isConnected = () => socket?.readyState === WebSocket.OPEN;

function connect() {
  clearTimeout(timer);
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = (socket = new WebSocket(`${scheme}//${location.host}/ws/inbox/`));
  mine.onopen = () => mine.send(JSON.stringify({ type: "hello", cursor }));
  mine.onmessage = (event) => {
    heard = Date.now();
    take(JSON.parse(event.data));
  };
  mine.onclose = (event) => {
    if (mine !== socket) return;
    if (event.code === SIGNED_OUT) return location.reload();
    // A handshake that is refused has no code: a page asked for now and then tells whether one is still signed in.
    if (attempt % 5 === 2) ask("/rail/").catch(() => {});
    again();
  };
}

function again() {
  // A blip of a second is not news; the banner comes when it lasts.
  graced ??= setTimeout(() => (banner.hidden = false), 1500);
  const wait = Math.min(30_000, 400 * 2 ** attempt++) * (0.5 + Math.random() / 2);
  timer = setTimeout(connect, wait);
}

function settled() {
  attempt = 0;
  clearTimeout(graced);
  graced = undefined;
  banner.hidden = true;
}

function take(frame) {
  if (frame.type === "pong") return;
  if (frame.type === "ready") {
    cursor = Math.max(cursor, frame.cursor);
    settled();
    if (frame.reload) emit("placet:stale");
    return;
  }
  if (seen.has(frame.id)) return;
  seen.add(frame.id);
  if (seen.size > 2000) seen.delete(seen.values().next().value);
  cursor = Math.max(cursor, frame.id);
  emit("placet:event", frame);
}

function now() {
  if (document.visibilityState === "hidden") return;
  if (socket.readyState >= WebSocket.CLOSING || Date.now() - heard > 60_000) {
    socket.onclose = null;
    socket.close();
    attempt = 0;
    connect();
  }
}

// --- what every page shows of it: counts, dots, the title

let title = document.title;

const withCount = (waiting) => (document.title = Number(waiting) ? `(${waiting}) ${title}` : title);

/** What the page is about now, where it is not loaded anew for that. */
export function retitle(text) {
  title = text;
  withCount(document.querySelector('.rail [data-count="waiting"]')?.textContent || "0");
}

function showCounts({ waiting, unread, failing }) {
  const counts = { waiting, unread, failing };
  for (const spot of document.querySelectorAll("[data-count]")) {
    const n = Number(counts[spot.dataset.count]);
    const text = spot.dataset.most && n >= Number(spot.dataset.most) ? `${spot.dataset.most}+` : String(n);
    spot.textContent = n ? [text, spot.dataset.word].filter(Boolean).join(" ") : spot.dataset.zero || "";
  }
  withCount(waiting);
}

export const renewRail = debounced(async () => {
  const answer = await ask("/rail/");
  if (!answer.ok) return;
  const fresh = parse(answer.html).firstElementChild;
  showCounts(fresh.dataset);
  const agents = document.getElementById("rail-agents");
  const focused = agents.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const scroll = agents.scrollTop;
  agents.replaceChildren(...fresh.childNodes);
  agents.scrollTop = scroll;
  agents.querySelector(`a[href="${location.pathname}"]`)?.setAttribute("aria-current", "page");
  if (focused) agents.querySelector(`a[href="${focused}"]`)?.focus();
  emit("placet:rail");
}, 200);

function showStatus({ agentId, status, statusMessage }) {
  for (const dot of document.querySelectorAll(`[data-dot="${agentId}"]`)) {
    dot.className = `dot ${status}`;
    dot.title = status;
    dot.firstElementChild.textContent = status;
  }
  for (const words of document.querySelectorAll(`[data-status-of="${agentId}"]`)) {
    words.textContent = statusMessage ? `${status} · ${statusMessage}` : status;
  }
}

document.addEventListener("placet:event", ({ detail: frame }) => {
  if (frame.type === "agent:status") showStatus(frame);
  if (/^(message|review|agent|channel):/.test(frame.type) && frame.type !== "message:delivery") renewRail();
});
document.addEventListener("placet:stale", renewRail);
document.addEventListener("visibilitychange", now);
window.addEventListener("online", now);
window.addEventListener("offline", () => socket.close());
// Leaving must not look like a lost connection.
window.addEventListener("pagehide", () => (socket.onclose = null));
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
setInterval(() => {
  if (!isConnected()) return;
  if (heard && Date.now() - heard > 60_000) return now();
  socket.send('{"type":"ping"}');
}, 25_000);

export function start() {
  cursor = Number(document.body.dataset.cursor);
  retitle(title);
  onMount((root) => all(root, "[data-count]").length && root !== document.body && renewRail());
  connect();
}
