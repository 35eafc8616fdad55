// Once more, from a message's ticks. That it is on its way, and how it went, every open page is told.

import { say, toast } from "./announce.js";
import { ask } from "./net.js";

async function retry(form) {
  // Not disabled: a button that is loses the focus.
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  try {
    const answer = await ask(form.action, { body: new FormData(form) });
    if (!answer.ok) throw new Error("refused");
    say("Sending it again");
  } catch (error) {
    form.ariaBusy = null;
    if (error.message !== "signed out") toast("Not sent again: try once more in a moment.", { icon: "alert" });
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-retry]")) return;
  event.preventDefault();
  retry(event.target);
});
