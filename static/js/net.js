// The server renders; this asks it for a piece of a page and puts the piece in its place.

export const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

export async function ask(url, { body, signal, keepalive } = {}) {
  const headers = { "HX-Request": "true" };
  if (body) headers["X-CSRFToken"] = token();
  const response = await fetch(url, { method: body ? "POST" : "GET", body, signal, headers, keepalive }).catch((error) => {
    if (body) throw error;
    return null;
  });
  // A fragment that could not be read comes with the next event or the reconnection; what was to be sent must be told.
  if (!response) return { status: 0, ok: false, headers: new Headers(), html: "" };
  // Signed out, or sent elsewhere (a new password is due): the whole page has to go there.
  if (response.status === 401 || response.redirected) {
    location.reload();
    throw new Error("signed out");
  }
  return { status: response.status, ok: response.ok, headers: response.headers, html: await response.text() };
}

/** JSON, for what is no piece of a page. */
export async function call(url, { method = "GET", data } = {}) {
  const headers = { "X-CSRFToken": token() };
  if (data) headers["Content-Type"] = "application/json";
  const response = await fetch(url, { method, headers, body: data && JSON.stringify(data) });
  if (response.status === 401) {
    location.reload();
    throw new Error("signed out");
  }
  return { ok: response.ok, status: response.status, data: await response.json().catch(() => null) };
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content;
}

export const element = (html) => parse(html).firstElementChild;

export function mounted(root) {
  window.htmx?.process(root);
  document.dispatchEvent(new CustomEvent("placet:mount", { detail: root }));
}

/** Calls `fn` for what is on the page now and for whatever is put there later. */
export function onMount(fn) {
  document.addEventListener("placet:mount", (event) => fn(event.detail));
  document.addEventListener("htmx:afterSettle", (event) => fn(event.detail.elt));
  fn(document.body);
}

/** `root` itself included. */
export function all(root, selector) {
  const inside = [...root.querySelectorAll(selector)];
  return root.matches?.(selector) ? [root, ...inside] : inside;
}

/** The last call wins, `ms` after it came; a steady stream still gets through every four times that. */
export function debounced(fn, ms) {
  let timer, since;
  return (...args) => {
    clearTimeout(timer);
    since ??= performance.now();
    const wait = performance.now() - since > ms * 4 ? 0 : ms;
    timer = setTimeout(() => {
      since = undefined;
      fn(...args);
    }, wait);
  };
}
