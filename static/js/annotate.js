// Marks over a picture: with a mouse, a pen, a finger, or the keyboard alone. They are data in the picture's own coordinates.

import { say, toast } from "./announce.js";
import { moved, node, shape, thinned, written } from "./annotate-shapes.js";
import { Store } from "./annotate-store.js";
import { call } from "./net.js";

const TOOLS = { p: "pen", a: "arrow", r: "rectangle", t: "text", v: "select" };
const MOST_UNDONE = 100;
const SAID = { saving: "Saving…", saved: "Saved", kept: "Kept in this browser until the server can be reached", refused: "Not saved" };
const singles = () => document.body.dataset.shortcuts !== "off";
const LAST = "placet:pen";

export const annotate = (viewer, zoom) => new Annotator(viewer, zoom);

class Annotator {
  constructor(viewer, zoom) {
    const told = JSON.parse(viewer.querySelector("#viewer-marks").textContent);
    Object.assign(this, { viewer, zoom, file: told.fileId, width: told.width, height: told.height, on: false, past: [], future: [] });
    this.canvas = viewer.querySelector(".viewer-canvas");
    this.tools = viewer.querySelector("[data-tools]");
    this.said = viewer.querySelector("[data-kept]");
    this.button = viewer.querySelector("[data-annotate]");
    this.codes = Object.fromEntries([...this.tools.querySelectorAll("[data-colour]")].map((one) => [one.dataset.colour, one.dataset.code]));
    const longest = Math.max(this.width, this.height);
    this.line = Math.max(1, Math.min(1000, Math.round(longest / 220)));
    this.letters = Math.max(4, Math.min(1000, Math.round(longest / 34)));
    this.aim = [this.width / 2, this.height / 2];
    this.store = new Store(told.fileId, told, { told: (how, why) => this.tell(how, why), merge: (marks) => this.arrived(marks) });
    this.drawn = told.annotatedId !== null;
    this.layer = this.laid();
    this.marks = this.store.restore();
    this.listen();
    const { tool, colour } = remembered();
    this.take(["arrow", "rectangle", "text"].includes(tool) ? tool : "pen");
    this.dip(colour in this.codes ? colour : "red");
    this.show();
    if (zoom) zoom.mayPan = () => !this.on || this.tool === "none";
  }

  laid() {
    const layer = node("svg", { class: "viewer-marks", viewBox: `0 0 ${this.width} ${this.height}`, preserveAspectRatio: "none", role: "application", "aria-roledescription": "drawing area" });
    layer.setAttribute("aria-label", "Marks on the picture. Arrow keys move the crosshair, Enter begins and ends a mark, Escape leaves.");
    this.inked = node("g");
    this.above = node("g", { "aria-hidden": "true" });
    layer.append(this.inked, this.above);
    this.canvas.append(layer);
    return layer;
  }

  listen() {
    this.button.addEventListener("click", () => (this.on ? this.done() : this.start()));
    this.tools.addEventListener("click", (event) => this.pressed(event.target.closest("button")));
    this.viewer.querySelector("[data-layer]").addEventListener("click", () => this.toggle());
    this.layer.addEventListener("pointerdown", (event) => this.down(event));
    this.layer.addEventListener("pointermove", (event) => this.move(event));
    this.layer.addEventListener("pointerup", (event) => this.up(event));
    this.layer.addEventListener("pointercancel", () => this.drop());
    this.layer.addEventListener("focus", () => this.point());
    this.layer.addEventListener("blur", () => this.point());
    this.viewer.addEventListener("viewer:pinch", () => this.drop());
    this.viewer.addEventListener("viewer:zoom", () => this.point());
  }

  // --- the mode

  start(tool) {
    if (this.on) return;
    this.on = true;
    if (tool) this.take(tool);
    this.layer.style.display = "";
    this.frame();
    this.tools.hidden = false;
    this.layer.setAttribute("tabindex", "0");
    this.layer.focus({ preventScroll: true });
    if (this.zoom?.fitted) this.zoom.fit();
    say(`Annotating. ${this.marks.length} marks`);
  }

  frame() {
    this.viewer.classList.toggle("annotating", this.on);
    this.viewer.dataset.with = this.tool;
    this.button.setAttribute("aria-expanded", String(this.on));
    this.button.hidden = this.on;
    const toggle = this.viewer.querySelector("[data-layer]");
    toggle.hidden = this.on || !this.marks.length;
    toggle.setAttribute("aria-pressed", String(this.layer.style.display !== "none"));
  }

  toggle() {
    this.layer.style.display = this.layer.style.display === "none" ? "" : "none";
    this.frame();
  }

  /** Esc: out of the words, out of the stroke, out of the selection, out of the mode. True when it was one of these. */
  back() {
    if (!this.on) return false;
    if (this.words) this.words.remove();
    else if (this.draft) this.drop();
    else if (this.chosen) this.choose(null);
    else this.done();
    return true;
  }

  done() {
    this.leave();
    this.viewer.focus({ preventScroll: true });
    this.finish();
  }

  leave() {
    this.words?.blur();
    this.drop();
    this.chosen = null;
    this.on = false;
    this.tools.hidden = true;
    this.layer.removeAttribute("tabindex");
    this.show();
    if (this.zoom?.fitted) this.zoom.fit();
  }

  /** The server has all of it, and makes the picture that a response will carry. */
  async finish() {
    if (this.on) this.leave();
    if (!(await this.store.idle()) || this.drawn || !this.marks.length) return;
    this.drawn = true;
    const answer = await call(`/api/files/${this.file}/marks/done`, { method: "POST", data: {} }).catch(() => ({}));
    // A response makes it when this could not.
    if (answer.status === 400) toast(answer.data?.errors?.[0]?.message || "The marks cannot be drawn.", { icon: "alert" });
    else if (answer.ok) say("Your marks will be sent with your response");
    this.drawn = Boolean(answer.ok);
  }

  end() {
    this.words?.remove();
    this.store.end();
    this.layer.remove();
  }

  // --- what is chosen

  pressed(button) {
    if (!button) return;
    const { tool, colour, change } = button.dataset;
    if (tool) this.take(tool);
    if (colour) this.dip(colour);
    if (change) this[change]();
    if ("annotateDone" in button.dataset) this.done();
  }

  take(tool) {
    this.drop();
    this.tool = tool;
    this.viewer.dataset.with = tool;
    if (tool !== "select") this.choose(null);
    this.press("tool", tool);
    remember({ tool });
    if (this.on) say(tool);
    this.point();
  }

  dip(colour) {
    this.colour = colour;
    this.press("colour", colour);
    remember({ colour });
    if (this.chosen) this.replace({ ...this.mark(this.chosen), colour });
    else if (this.on) say(colour);
  }

  press(kind, value) {
    for (const button of this.tools.querySelectorAll(`[data-${kind}]`)) button.setAttribute("aria-pressed", String(button.dataset[kind] === value));
  }

  mark(id) {
    return this.marks.find((one) => one.id === id);
  }

  choose(id) {
    this.chosen = id;
    this.show();
    if (id) say(`${this.mark(id).tool}, mark ${this.marks.findIndex((one) => one.id === id) + 1} of ${this.marks.length}`);
  }

  // --- changes: each can be undone, and each is saved at once

  change(marks, words) {
    this.past.push(this.marks);
    if (this.past.length > MOST_UNDONE) this.past.shift();
    this.future = [];
    this.keep(marks);
    if (words) say(words);
  }

  keep(marks) {
    this.marks = marks;
    this.drawn = false;
    if (this.chosen && !this.mark(this.chosen)) this.chosen = null;
    this.show();
    this.store.save(marks);
  }

  arrived(marks) {
    this.marks = marks;
    this.drawn = false;
    this.show();
    toast("Put together with what you drew in another window.");
  }

  add(mark) {
    this.change([...this.marks, mark], `${mark.tool} added`);
  }

  replace(mark) {
    this.change(this.marks.map((one) => (one.id === mark.id ? mark : one)));
  }

  remove() {
    const id = this.chosen || this.marks[this.marks.length - 1]?.id;
    if (id) this.change(this.marks.filter((one) => one.id !== id), "Removed");
  }

  revert() {
    if (!this.marks.length) return;
    this.change([], "All marks removed");
    toast("All marks removed. Undo brings them back.");
  }

  undo() {
    if (!this.past.length) return;
    this.future.push(this.marks);
    this.keep(this.past.pop());
    say("Undone");
  }

  redo() {
    if (!this.future.length) return;
    this.past.push(this.marks);
    this.keep(this.future.pop());
    say("Redone");
  }

  // --- the picture of it

  show() {
    this.inked.replaceChildren(...this.marks.map((mark) => shape(mark, this.codes)));
    const able = { undo: this.past.length, redo: this.future.length, remove: this.marks.length, revert: this.marks.length };
    for (const [name, can] of Object.entries(able)) this.tools.querySelector(`[data-change="${name}"]`).disabled = !can;
    this.frame();
    this.point();
  }

  /** What is only there while one works: the stroke that is being made, the frame of what is chosen, the crosshair. */
  point() {
    const over = [];
    if (this.draft) over.push(shape(this.asMark(), this.codes));
    if (this.on && this.chosen) over.push(this.around(this.chosen));
    if (this.on && this.byKeys && document.activeElement === this.layer && this.tool !== "select") over.push(...this.crosshair());
    this.above.replaceChildren(...over);
  }

  around(id) {
    const drawn = this.inked.querySelector(`[data-mark="${id}"]`);
    const { x, y, width, height } = drawn.getBBox();
    const edge = this.line * 1.5;
    return node("rect", { class: "chosen", x: x - edge, y: y - edge, width: width + 2 * edge, height: height + 2 * edge });
  }

  crosshair() {
    const [x, y] = this.aim;
    const arm = 14 / this.perUnit;
    const d = `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`;
    return [node("path", { class: "aim", d }), node("path", { class: "aim", d })];
  }

  get perUnit() {
    return this.layer.getBoundingClientRect().width / this.width || 1;
  }

  asMark() {
    const { id, tool, colour, points } = this.draft;
    const ends = tool === "pen" ? points : [points[0], points[points.length - 1]];
    return { id, tool, colour, size: this.line, points: written(ends) };
  }

  tell(how, why = "") {
    this.said.textContent = `${SAID[how]}${why ? `: ${why}` : ""}`;
        if (how === "refused") toast(this.said.textContent, { icon: "alert" });
  }

  // --- mouse, pen and finger

  at(event) {
    const box = this.layer.getBoundingClientRect();
    return this.within([((event.clientX - box.left) / box.width) * this.width, ((event.clientY - box.top) / box.height) * this.height]);
  }

  within([x, y]) {
    return [Math.max(0, Math.min(this.width, x)), Math.max(0, Math.min(this.height, y))];
  }

  down(event) {
    // The second finger pinches: what the first began is no mark.
    if (!this.on || !event.isPrimary) return this.drop();
    if (event.button) return;
    event.preventDefault();
    this.byKeys = false;
    const writing = this.words;
    writing?.blur();
    this.layer.focus({ preventScroll: true });
    if (writing) return;
    const point = this.at(event);
    if (this.tool === "text") return this.write(point);
    this.layer.setPointerCapture(event.pointerId);
    if (this.tool === "select") return this.grab(event, point);
    this.begin(point, event.pointerId);
  }

  begin(point, pointer) {
    this.draft = { id: named(), tool: this.tool, colour: this.colour, points: [point], pointer };
    this.point();
  }

  move(event) {
    if (this.held) return this.drag(event);
    if (this.draft?.pointer !== event.pointerId) return;
    const steps = this.draft.tool === "pen" ? event.getCoalescedEvents?.() || [] : [];
    this.draft.points.push(...(steps.length ? steps : [event]).map((step) => this.at(step)));
    this.point();
  }

  up(event) {
    if (this.held) return this.release();
    if (this.draft?.pointer !== event.pointerId) return;
    this.draft.points.push(this.at(event));
    this.settle();
  }

  /** A stroke is done: a mark, unless it is an arrow or a rectangle of no size. */
  settle() {
    const { points, tool } = this.draft;
    const [first, last] = [points[0], points[points.length - 1]];
    const empty = tool !== "pen" && Math.hypot(first[0] - last[0], first[1] - last[1]) < 2 / this.perUnit;
    this.draft.points = tool === "pen" ? thinned(points, 1.2 / this.perUnit).slice(0, 5000) : points;
    const mark = this.asMark();
    this.draft = null;
    if (empty) this.point();
    else this.add(mark);
  }

  drop() {
    this.draft = this.held = null;
    if (this.above) this.point();
  }

  grab(event, point) {
    const drawn = this.near(event);
    this.choose(drawn);
    if (drawn) this.held = { from: point, mark: this.mark(drawn) };
  }

  /** The uppermost mark under the finger, or close to it. */
  near({ clientX, clientY }) {
    const around = [[0, 0], [6, 0], [-6, 0], [0, 6], [0, -6], [10, 10], [-10, -10], [10, -10], [-10, 10]];
    this.inked.setAttribute("pointer-events", "painted");
    const found = around.map(([x, y]) => document.elementFromPoint(clientX + x, clientY + y)?.closest("[data-mark]")).find(Boolean);
    this.inked.removeAttribute("pointer-events");
    return found?.dataset.mark || null;
  }

  drag(event) {
    const [x, y] = this.at(event);
    const { from, mark } = this.held;
    this.held.moved = moved(mark, x - from[0], y - from[1], this.width, this.height);
    this.inked.querySelector(`[data-mark="${mark.id}"]`).replaceWith(shape(this.held.moved, this.codes));
    this.point();
  }

  release() {
    const change = this.held.moved;
    this.held = null;
    if (change) this.replace(change);
  }

  // --- words

  write([x, y]) {
    const field = Object.assign(document.createElement("textarea"), { className: "viewer-words", rows: 1, maxLength: 500 });
    field.setAttribute("aria-label", "Text of the mark. Enter places it, Escape drops it.");
    const scale = this.perUnit;
    Object.assign(field.style, { left: `${x * scale}px`, top: `${y * scale}px`, fontSize: `${Math.max(12, this.letters * scale)}px`, color: this.codes[this.colour] });
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.isComposing || (event.key !== "Escape" && (event.key !== "Enter" || event.shiftKey))) return;
      event.preventDefault();
      if (event.key === "Escape") field.value = "";
      this.layer.focus({ preventScroll: true });
    });
    field.addEventListener("blur", () => this.placed(field, [x, y]));
    this.canvas.append(field);
    this.words = field;
    field.focus({ preventScroll: true });
  }

  placed(field, point) {
    if (this.words !== field) return;
    this.words = null;
    const text = field.value.trim();
    field.remove();
    if (text) this.add({ id: named(), tool: "text", colour: this.colour, size: this.letters, points: written([point]), text });
    this.point();
  }

  // --- keys

  /** True when the key meant something here. */
  key(event) {
    const { key, target } = event;
    if (this.words || target.matches("input, textarea, select")) return false;
    const mod = event.metaKey || event.ctrlKey;
    if (mod && !event.altKey && this.on && /^[zy]$/i.test(key)) {
      if (event.shiftKey || key.toLowerCase() === "y") this.redo();
      else this.undo();
      return true;
    }
    if (mod || event.altKey) return false;
    const tool = singles() && TOOLS[key.toLowerCase()];
    if (tool && tool !== "select" && !this.on) return this.start(tool), true;
    if (!this.on) return false;
    if (tool) return this.take(tool), this.layer.focus({ preventScroll: true }), true;
    if (singles() && /^[1-8]$/.test(key)) return this.dip(Object.keys(this.codes)[key - 1]), true;
    if (key === "Delete" || key === "Backspace") return this.remove(), true;
    return target === this.layer && this.steer(event);
  }

  steer(event) {
    const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [];
    if (across === undefined) return (event.key === "Enter" || event.key === " ") && (this.act(), true);
    this.byKeys = true;
    const step = (Math.max(this.width, this.height) / 60) * (event.shiftKey ? 5 : 1);
    if (this.chosen) this.replace(moved(this.mark(this.chosen), across * step, down * step, this.width, this.height));
    else this.steered([this.aim[0] + across * step, this.aim[1] + down * step]);
    return true;
  }

  steered(to) {
    this.aim = this.within(to);
    if (this.draft) this.draft.points.push(this.aim);
    this.point();
    const percent = (n, of) => Math.round((n / of) * 100);
    say(`${percent(this.aim[0], this.width)}% across, ${percent(this.aim[1], this.height)}% down`);
  }

  /** Enter: begins a mark at the crosshair, or ends it; with the selecting tool it goes to the next mark. */
  act() {
    this.byKeys = true;
    if (this.tool === "select") return this.following();
    if (this.draft) return this.settle();
    if (this.tool === "text") return this.write(this.aim);
    this.begin(this.aim);
    say(`${this.tool} begun`);
  }

  following() {
    if (!this.marks.length) return say("No marks");
    const at = this.marks.findIndex((one) => one.id === this.chosen);
    this.choose(this.marks[(at < 0 ? this.marks.length : at) - 1]?.id || this.marks[this.marks.length - 1].id);
  }
}

const named = () => (crypto.randomUUID?.() || `${Date.now()}-${Math.random().toString(36).slice(2)}`).slice(0, 36);

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(LAST)) || {};
  } catch {
    return {};
  }
}

function remember(change) {
  try {
    localStorage.setItem(LAST, JSON.stringify({ ...remembered(), ...change }));
  } catch {
    // Then it begins with the red pen again.
  }
}
