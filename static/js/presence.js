// Who is at work, beside the names of agents. The server draws it into the rail; whatever else shows a name takes it from there.

import { renewRail } from "./live.js";
import { all } from "./net.js";
import { clock } from "./runs.js";

const MOST = 2000;
// What each run was when it was last heard of, and whether its agent had shown itself: a thought more changes nothing that is shown.
const known = new Map();
let timer;

const rail = () => document.getElementById("rail-agents");

/** What is shown of agents in `root`, as the rail has it. */
export function fill(root) {
  const marks = new Map(all(rail(), "[data-beside]").map((mark) => [mark.dataset.beside, mark]));
  for (const place of all(root, "[data-beside]")) {
    const mark = marks.get(place.dataset.beside);
    if (mark && mark !== place && mark.innerHTML !== place.innerHTML) place.innerHTML = mark.innerHTML;
  }
}

/** That an agent does not show itself is no event: it is looked at again when it would be so. */
function doubts() {
  clearTimeout(timer);
  const due = all(rail(), "[data-doubted]").map((mark) => Date.parse(mark.dataset.doubted));
  if (due.length) timer = setTimeout(changed, Math.max(500, Math.min(...due) - clock() + 500));
}

/** `frame`: what says so; without one the clock. */
function changed(frame) {
  renewRail();
  document.dispatchEvent(new CustomEvent("placet:presence", { detail: frame }));
}

function heard({ detail: frame }) {
  if (!/^run:(created|activity|updated)$/.test(frame.type)) return;
  const status = frame.status || "created";
  const before = known.get(frame.runId);
  // A prompt changes the state and is no sign of the agent; what it does first, or a link before that, is one and need not change the state.
  const acts = frame.type === "run:activity" && frame.activityType !== "prompt";
  const isSign = !before?.acts && (acts || frame.type === "run:updated");
  if (before?.status === status && !isSign) return;
  if (known.size > MOST) known.clear();
  known.set(frame.runId, { status, acts: acts || Boolean(before?.acts) });
  changed(frame);
}

export function start() {
  document.addEventListener("placet:event", heard);
  document.addEventListener("placet:rail", () => {
    fill(document.body);
    doubts();
  });
  fill(document.body);
  doubts();
}
