// Small comforts of the response forms: counters, previews, the figure beside a slider.

import { all, ask, onMount } from "./net.js";

function count(counter) {
  const field = document.getElementById(counter.dataset.counterFor);
  if (!field) return;
  const { min, max } = counter.dataset;
  const length = [...field.value].length;
  const parts = [max ? `${length} / ${max}` : `${length}`];
  if (min) parts.push(`at least ${min}`);
  counter.textContent = parts.join(" · ");
  const wrong = (max && length > Number(max)) || (min && length > 0 && length < Number(min));
  counter.dataset.state = wrong ? "wrong" : "fine";
}

const figure = (output) => {
  const field = document.getElementById(output.htmlFor.value);
  if (field) output.value = field.value;
};

async function preview(button) {
  const pane = document.getElementById(button.getAttribute("aria-controls"));
  const field = document.getElementById(button.dataset.previewFor);
  const show = pane.hidden;
  button.setAttribute("aria-expanded", String(show));
  button.textContent = show ? "Edit" : "Preview";
  if (show) {
    const body = new FormData();
    body.set("text", field.value);
    pane.innerHTML = (await ask("/preview/", { body })).html;
  }
  pane.hidden = !show;
  field.hidden = show;
  if (!show) field.focus();
}

document.addEventListener("input", ({ target }) => {
  if (!target.id) return;
  const id = CSS.escape(target.id);
  document.querySelectorAll(`[data-counter-for="${id}"]`).forEach(count);
  document.querySelectorAll(`output[for="${id}"]`).forEach(figure);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-preview-for]");
  if (button) preview(button);
});
onMount((root) => {
  all(root, "[data-counter-for]").forEach(count);
  all(root, "output[for]").forEach(figure);
});
