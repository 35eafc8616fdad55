// Marks over a picture: with a mouse, a pen, a finger, or the keyboard alone. They are data in the picture's own coordinates.

import { say, toast } from "./announce.js";
import { Hand } from "./annotate-hand.js";
import { Keys } from "./annotate-keys.js";
import { Marks } from "./annotate-marks.js";
import { node, shape, thinned, written } from "./annotate-shapes.js";
import { Store } from "./annotate-store.js";
import { wordsAt } from "./annotate-words.js";
import { call } from "./net.js";

const SAID = { saving: "Saving…", saved: "Saved", kept: "Kept in this browser until the server can be reached", refused: "Not saved" };
const LAST = "placet:pen";
const MOST_POINTS = 5000;

export const annotate = (viewer, zoom) => new Annotator(viewer, zoom);

class Annotator {
  constructor(viewer, zoom) {
    const told = JSON.parse(viewer.querySelector("#viewer-marks").textContent);
    Object.assign(this, { viewer, zoom, file: told.fileId, width: told.width, height: told.height, on: false });
    this.canvas = viewer.querySelector(".viewer-canvas");
    this.tools = viewer.querySelector("[data-tools]");
    this.said = viewer.querySelector("[data-kept]");
    this.button = viewer.querySelector("[data-annotate]");
    this.codes = Object.fromEntries([...this.tools.querySelectorAll("[data-colour]")].map((one) => [one.dataset.colour, one.dataset.code]));
    this.measure();
    this.layer = this.laid();
    this.store = new Store(told.fileId, told, { told: (how, why) => this.tell(how, why), merge: (marks) => this.arrived(marks) });
    this.marks = new Marks(this.store.restore(), (marks) => this.changed(marks));
    this.sent = told.annotatedId !== null;
    this.hand = new Hand(this);
    this.keys = new Keys(this);
    this.listen();
    this.resume();
    this.show();
    if (zoom) zoom.mayPan = () => !this.on || this.tool === "none";
  }

  measure() {
    const longest = Math.max(this.width, this.height);
    const sized = (least, part) => Math.max(least, Math.min(1000, Math.round(longest / part)));
    this.line = sized(1, 220);
    this.letters = sized(4, 34);
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
    this.layer.addEventListener("focus", () => this.point());
    this.layer.addEventListener("blur", () => this.point());
    this.viewer.addEventListener("viewer:zoom", () => this.point());
  }

  /** With the tool and the colour of the last time. */
  resume() {
    const { tool, colour } = remembered();
    this.take(["arrow", "rectangle", "text"].includes(tool) ? tool : "pen");
    this.dip(colour in this.codes ? colour : "red");
  }

  /** True when the key meant something here. */
  key(event) {
    return this.keys.key(event);
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
    say(`Annotating. ${this.marks.all.length} marks`);
  }

  frame() {
    this.viewer.classList.toggle("annotating", this.on);
    this.viewer.dataset.with = this.tool;
    this.button.setAttribute("aria-expanded", String(this.on));
    this.button.hidden = this.on;
    const toggle = this.viewer.querySelector("[data-layer]");
    toggle.hidden = this.on || !this.marks.all.length;
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
    if (!(await this.store.idle()) || this.sent || !this.marks.all.length) return;
    this.sent = true;
    const answer = await call(`/api/files/${this.file}/marks/done`, { method: "POST", data: {} }).catch(() => ({}));
    // A response makes it when this could not.
    if (answer.status === 400) toast(answer.data?.errors?.[0]?.message || "The marks cannot be drawn.", { icon: "alert" });
    else if (answer.ok) say("Your marks will be sent with your response");
    this.sent = Boolean(answer.ok);
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
    if (this.chosen) this.marks.replace({ ...this.marks.get(this.chosen), colour });
    else if (this.on) say(colour);
  }

  press(kind, value) {
    for (const button of this.tools.querySelectorAll(`[data-${kind}]`)) button.setAttribute("aria-pressed", String(button.dataset[kind] === value));
  }

  choose(id) {
    this.chosen = id;
    this.show();
    if (id) say(`${this.marks.get(id).tool}, mark ${this.marks.place(id) + 1} of ${this.marks.all.length}`);
  }

  following() {
    const { all } = this.marks;
    if (!all.length) return say("No marks");
    const at = this.marks.place(this.chosen);
    this.choose((all[(at < 0 ? all.length : at) - 1] || all.at(-1)).id);
  }

  // --- changes

  changed(marks) {
    this.sent = false;
    if (this.chosen && !this.marks.get(this.chosen)) this.chosen = null;
    this.show();
    this.store.save(marks);
  }

  arrived(marks) {
    this.marks.all = marks;
    this.sent = false;
    this.show();
    toast("Put together with what you drew in another window.");
  }

  add(mark) {
    this.marks.add(mark);
    say(`${mark.tool} added`);
  }

  remove() {
    const id = this.chosen || this.marks.all.at(-1)?.id;
    if (!id) return;
    this.marks.remove(id);
    say("Removed");
  }

  revert() {
    if (!this.marks.all.length) return;
    this.marks.change([]);
    toast("All marks removed. Undo brings them back.");
  }

  undo() {
    if (this.marks.undo()) say("Undone");
  }

  redo() {
    if (this.marks.redo()) say("Redone");
  }

  // --- a mark that is being made

  within([x, y]) {
    return [Math.max(0, Math.min(this.width, x)), Math.max(0, Math.min(this.height, y))];
  }

  begin(point, pointer) {
    this.draft = { id: named(), tool: this.tool, colour: this.colour, points: [point], pointer };
    this.point();
  }

  /** A stroke is done: a mark, unless it is an arrow or a rectangle of no size. */
  settle() {
    const { points, tool } = this.draft;
    const [first, last] = [points[0], points.at(-1)];
    const empty = tool !== "pen" && Math.hypot(first[0] - last[0], first[1] - last[1]) < 2 / this.perUnit;
    this.draft.points = tool === "pen" ? thinned(points, 1.2 / this.perUnit).slice(0, MOST_POINTS) : points;
    const mark = this.asMark();
    this.draft = null;
    if (empty) this.point();
    else this.add(mark);
  }

  asMark() {
    const { id, tool, colour, points } = this.draft;
    const ends = tool === "pen" ? points : [points[0], points.at(-1)];
    return { id, tool, colour, size: this.line, points: written(ends) };
  }

  drop() {
    this.draft = null;
    if (this.hand) this.hand.held = null;
    this.point();
  }

  write(point) {
    const leave = () => this.layer.focus({ preventScroll: true });
    const placed = (text) => this.words === field && this.placed(text, point);
    const field = wordsAt(point, { scale: this.perUnit, size: this.letters, colour: this.codes[this.colour], leave, placed });
    this.canvas.append(field);
    this.words = field;
    field.focus({ preventScroll: true });
  }

  placed(text, point) {
    const field = this.words;
    this.words = null;
    field.remove();
    if (text) this.add({ id: named(), tool: "text", colour: this.colour, size: this.letters, points: written([point]), text });
    this.point();
  }

  // --- the picture of it

  show() {
    const { all, past, future } = this.marks;
    this.inked.replaceChildren(...all.map((mark) => shape(mark, this.codes)));
    const able = { undo: past.length, redo: future.length, remove: all.length, revert: all.length };
    for (const [name, can] of Object.entries(able)) this.tools.querySelector(`[data-change="${name}"]`).disabled = !can;
    this.frame();
    this.point();
  }

  /** What is only there while one works: the stroke that is being made, the frame of what is chosen, the crosshair. */
  point() {
    const over = [];
    if (this.draft) over.push(shape(this.asMark(), this.codes));
    if (this.on && this.chosen) over.push(this.around(this.chosen));
    if (this.on && this.byKeys && document.activeElement === this.layer && this.tool !== "select") over.push(...this.keys.crosshair());
    this.above.replaceChildren(...over);
  }

  drawn(id) {
    return this.inked.querySelector(`[data-mark="${id}"]`);
  }

  around(id) {
    const { x, y, width, height } = this.drawn(id).getBBox();
    const edge = this.line * 1.5;
    return node("rect", { class: "chosen", x: x - edge, y: y - edge, width: width + 2 * edge, height: height + 2 * edge });
  }

  get perUnit() {
    return this.layer.getBoundingClientRect().width / this.width || 1;
  }

  tell(how, why = "") {
    this.said.textContent = `${SAID[how]}${why ? `: ${why}` : ""}`;
    if (how === "refused") toast(this.said.textContent, { icon: "alert" });
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
