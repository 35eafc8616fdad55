// A link to one file, for an hour, and its end.

import { say, toast } from "./announce.js";
import { call } from "./net.js";

const $ = (id) => document.getElementById(id);
let file;

export async function open(id, name) {
  file = id;
  $("share-name").textContent = name;
  if (!(await renew())) return;
  $("share").showModal();
}

async function renew() {
  const answer = await call(`/api/files/${file}/share`).catch(() => ({}));
  if (!answer.ok) {
    toast("No link: the file is gone, or there is no connection.", { icon: "alert" });
    return false;
  }
  $("share-url").textContent = answer.data.url;
  const until = new Date(Date.now() + answer.data.expiresIn * 1000);
  $("share-until").textContent = until.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  show(true);
  return true;
}

function show(there) {
  $("share-link").hidden = !there;
  $("share-none").hidden = there;
  $("share").querySelector("[data-renew]").hidden = there;
}

async function revoke() {
  const answer = await call(`/api/files/${file}/share`, { method: "DELETE" }).catch(() => ({}));
  if (!answer.ok) return toast("Not revoked: try once more in a moment.", { icon: "alert" });
  show(false);
  say("Every link to this file has ended");
  $("share").querySelector("[data-renew]").focus();
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("#share [data-revoke]")) revoke();
  if (event.target.closest("#share [data-renew]") && (await renew())) $("share").querySelector("[data-copy]").focus();
  if (event.target === $("share")) $("share").close();
});
