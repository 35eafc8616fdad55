// The Status page: a row is fetched anew when its agent says how it is, the figures above when something was asked or responded.

import { debounced } from "./net.js";

const EVERY = 60_000;
const renew = (id) => {
  const spot = document.getElementById(id);
  if (spot) window.htmx.trigger(spot, "renew");
};
const renewTiles = debounced(() => renew("status-tiles"), 300);
const renewBoard = debounced(() => renew("status-board"), 300);

document.addEventListener("placet:event", ({ detail: frame }) => {
  if (frame.type === "agent:status") renew(`agent-${frame.agentId}`);
  if (frame.type === "agent:status" || /^(message:created|review:)/.test(frame.type)) renewTiles();
  if (/^agent:(created|updated|deleted)$/.test(frame.type)) renewBoard();
});
document.addEventListener("placet:stale", renewBoard);

// Time passes without events: the bars move on, and "4 min ago" becomes 5.
setInterval(() => document.visibilityState === "visible" && renew("status-board"), EVERY);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && renewBoard());
