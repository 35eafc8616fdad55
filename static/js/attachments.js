// The files of a message. Their room is reserved from the start, so that what is renewed here moves nothing.

import { all, ask, element, onMount } from "./net.js";

// Told before the message was on the page: what was fetched a moment earlier does not know it yet.
const made = new Set();
const due = new Set();
let timer;

const pending = (root) => all(root, '[data-file][data-state="pending"]');

function renewOf(nodes) {
  for (const node of nodes) {
    const id = node.closest("[data-files]")?.dataset.files;
    if (id) due.add(id);
  }
  // Several files of one message are fetched together.
  if (due.size) timer ??= setTimeout(renew, 150);
}

async function renew() {
  timer = undefined;
  const ids = [...due];
  due.clear();
  await Promise.all(ids.map(renewMessage));
}

async function renewMessage(id) {
  const answer = await ask(`/messages/${id}/files/`);
  const fresh = answer.ok && element(answer.html);
  if (!fresh) return;
  for (const old of document.querySelectorAll(`[data-files="${id}"] [data-file][data-state="pending"]`)) {
    const node = fresh.querySelector(`[data-file="${old.dataset.file}"]:not([data-state="pending"])`);
    if (node) swap(old, node.cloneNode(true));
  }
}

function swap(old, node) {
  const had = old.contains(document.activeElement);
  old.replaceWith(node);
  if (had) node.focus({ preventScroll: true });
}

document.addEventListener("placet:event", ({ detail: frame }) => {
  if (frame.type === "file:previewed") {
    made.add(frame.fileId);
    renewOf(document.querySelectorAll(`[data-files] [data-file="${frame.fileId}"][data-state="pending"]`));
  }
  if (frame.type === "file:deleted") {
    document.querySelectorAll(`[data-files] [data-file="${frame.fileId}"]`).forEach((node) => node.classList.add("gone"));
  }
});
document.addEventListener("placet:stale", () => renewOf(pending(document.body)));
onMount((root) => renewOf(pending(root).filter((node) => made.has(node.dataset.file))));
