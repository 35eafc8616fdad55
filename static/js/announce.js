// What changed, for those who listen (a polite live region) and for those who look (a toast).

const line = document.getElementById("live");
const toasts = document.getElementById("toasts");
let queue = [];
let timer;

export function say(text) {
  queue.push(text);
  clearTimeout(timer);
  // Several at once are one sentence: a screen reader would only speak the last.
  timer = setTimeout(() => {
    const sentences = queue.map((each) => each.trim().replace(/\.$/, ""));
    line.textContent = queue.length > 3 ? `${queue.length} changes in the inbox` : sentences.join(". ");
    queue = [];
  }, 120);
}

export function toast(text, { icon = "check", href, link, ms = 4000 } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${icon}"/></svg><span class="ellipsis"></span>`;
  box.querySelector("span").textContent = text;
  if (href) {
    const a = Object.assign(document.createElement("a"), { href, textContent: link });
    box.append(a);
  }
  toasts.replaceChildren(box);
  say(text);
  setTimeout(() => box.remove(), ms);
}
