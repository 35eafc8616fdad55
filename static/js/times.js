// Countdowns, in the server's time; and the person's time zone, for the server.

const skew = Number(document.body.dataset.now) * 1000 - Date.now();
const shown = (seconds) => {
  if (seconds < 600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return `${Math.floor(seconds / 60)} min`;
};

function tick() {
  const now = Date.now() + (Math.abs(skew) > 5000 ? skew : 0);
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Math.max(0, Math.floor((Date.parse(time.dateTime) - now) / 1000));
    // Above an hour a new figure is rare: the next fragment brings it. What nobody sees need not tick.
    if (left > 3600 || !time.checkVisibility()) continue;
    const text = shown(left);
    if (time.firstChild.data !== text) time.firstChild.data = text;
    time.classList.toggle("soon", left < 600);
    if (left === 0 && !time.dataset.due) due(time);
  }
}

const over = new Set();

/** The server will say so too; whoever looks at a clock that stands at zero should not wait for it. */
function due(time) {
  time.dataset.due = "";
  const id = time.closest("[data-id]")?.dataset.id;
  if (id && !over.has(id)) setTimeout(() => document.dispatchEvent(new CustomEvent("placet:due", { detail: { messageId: id } })), 1100);
  over.add(id);
}

function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.cookie.includes(`placet_zone=${zone}`)) return;
  document.cookie = `placet_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  const first = !sessionStorage.getItem("placet:zone");
  sessionStorage.setItem("placet:zone", zone);
  // Once, and only where it matters: this page was drawn in UTC.
  if (first && document.cookie.includes("placet_zone=") && new Date().getTimezoneOffset() !== 0) location.reload();
}

tellZone();
setInterval(() => document.visibilityState === "visible" && tick(), 1000);
document.addEventListener("visibilitychange", tick);
