// Everything by name, each with its key: people graduate from here.

const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("ul");
const options = () => [...list.querySelectorAll('[role="option"]:not([hidden])')];
const chosen = () => list.querySelector('[aria-selected="true"]');
let run = () => {};
let opener;

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return input.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option.id);
}

/** Every letter in its order, words first: "ap" finds "Approve" and "Ad copywriter". */
function fits(text, words) {
  if (text.includes(words)) return true;
  let at = -1;
  return [...words].every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}

function narrow() {
  const words = input.value.trim().toLowerCase();
  for (const option of list.querySelectorAll('[role="option"]')) {
    option.hidden = !fits(option.querySelector(".grow").textContent.toLowerCase(), words);
  }
  for (const group of list.querySelectorAll(".group")) {
    let next = group.nextElementSibling;
    while (next && next.hidden) next = next.nextElementSibling;
    group.hidden = !next || !next.matches('[role="option"]');
  }
  list.querySelector(".none").hidden = options().length > 0;
  choose(options()[0]);
}

/** What the page itself offers, and before that the open card. */
const offers = (card) => [...(card ? card.querySelectorAll("form button[type=submit]") : []), ...document.querySelectorAll("[data-offered]")];
const iconOf = (button) => button.dataset.offered || (button.matches(".danger, [data-dismiss]") ? "cross" : "check");

/** What is here stands first. */
function offer(card) {
  list.querySelectorAll("[data-here]").forEach((node) => node.remove());
  const head = list.querySelector('[data-group="here"]');
  for (const button of offers(card).reverse()) {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.dataset.here = "";
    option.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${iconOf(button)}"/></svg><span class="grow"></span>`;
    const key = button.querySelector("kbd");
    option.querySelector(".grow").textContent = [...button.childNodes].filter((node) => node !== key).map((node) => node.textContent).join("").trim();
    if (key) option.append(key.cloneNode(true));
    option.act = () => button.click();
    head.after(option);
  }
}

function act(option) {
  if (!option) return;
  dialog.close();
  if (option.dataset.href) location.assign(option.dataset.href);
  else if (option.act) option.act();
  else run(option.dataset.run);
}

export function open(card) {
  opener = document.activeElement;
  offer(card);
  input.value = "";
  list.querySelectorAll('[role="option"]').forEach((option, n) => (option.id = `do-${n}`));
  dialog.showModal();
  narrow();
  input.focus();
}

export function start(runner) {
  run = runner;
  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    const shown = options();
    const at = shown.indexOf(chosen());
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) choose(shown[(at + by + shown.length) % shown.length]);
    else if (event.key === "Enter" && !event.repeat) act(chosen());
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => act(event.target.closest('[role="option"]')));
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && option !== chosen()) choose(option);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => opener?.isConnected && opener.focus({ preventScroll: true }));
}
