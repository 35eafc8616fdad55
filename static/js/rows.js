// A long list of rows: it comes in pages, says where one is in it, and counts what is new instead of moving under the hand.

import { ask, parse } from "./net.js";

const $ = (id) => document.getElementById(id);
const link = () => document.querySelector("#rows > .more");

/** Whether the list goes on below what has been fetched. */
export const goesOn = () => link() !== null;

/** How many are new, on the pill above the list. */
export function pill(fresh) {
  $("fresh").hidden = !fresh.size;
  $("fresh").firstElementChild.textContent = `${fresh.size} new`;
}

/** To be called whenever rows have come or been replaced; `dressed` then hears of all of them. Pages are fetched before their place is seen. */
export function paged(rows, dressed) {
  const near = (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => more(entry.target));
  const watcher = new IntersectionObserver(near, { rootMargin: "600px" });

  function listed() {
    const shown = rows();
    shown.forEach((row, at) => {
      // Without scripts they are plain links.
      row.tabIndex = -1;
      row.setAttribute("aria-posinset", at + 1);
      row.setAttribute("aria-setsize", goesOn() ? -1 : shown.length);
    });
    dressed(shown);
    if (goesOn()) watcher.observe(link());
  }

  async function more(next) {
    watcher.unobserve(next);
    const answer = await ask(next.href);
    if (!answer.ok || !next.isConnected) return;
    next.replaceWith(...[...parse(answer.html).children].filter((node) => !node.id || !$(node.id)));
    listed();
  }

  return listed;
}
