// Mouse, pen and finger on the layer over a picture: they draw strokes, and grab and drag marks.

import { moved, shape } from "./annotate-shapes.js";

// The second try is a little beside: a finger is broader than a line.
const AROUND = [[0, 0], [6, 0], [-6, 0], [0, 6], [0, -6], [10, 10], [-10, -10], [10, -10], [-10, 10]];

export class Hand {
  constructor(board) {
    this.board = board;
    const on = (name, heard) => board.layer.addEventListener(name, heard);
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", () => board.drop());
    board.viewer.addEventListener("viewer:pinch", () => board.drop());
  }

  at(event) {
    const { layer, width, height } = this.board;
    const box = layer.getBoundingClientRect();
    return this.board.within([((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height]);
  }

  down(event) {
    const { board } = this;
    // The second finger pinches: what the first began is no mark.
    if (!board.on || !event.isPrimary) return board.drop();
    if (event.button) return;
    event.preventDefault();
    board.byKeys = false;
    const writing = board.words;
    writing?.blur();
    board.layer.focus({ preventScroll: true });
    if (!writing) this.touch(event, this.at(event));
  }

  touch(event, point) {
    const { board } = this;
    if (board.tool === "text") return board.write(point);
    board.layer.setPointerCapture(event.pointerId);
    if (board.tool === "select") this.grab(event, point);
    else board.begin(point, event.pointerId);
  }

  move(event) {
    if (this.held) return this.drag(event);
    const { draft } = this.board;
    if (draft?.pointer !== event.pointerId) return;
    const steps = draft.tool === "pen" ? event.getCoalescedEvents?.() || [] : [];
    draft.points.push(...(steps.length ? steps : [event]).map((step) => this.at(step)));
    this.board.point();
  }

  up(event) {
    if (this.held) return this.release();
    if (this.board.draft?.pointer !== event.pointerId) return;
    this.board.draft.points.push(this.at(event));
    this.board.settle();
  }

  grab(event, point) {
    const id = this.near(event);
    this.board.choose(id);
    if (id) this.held = { from: point, mark: this.board.marks.get(id) };
  }

  /** The uppermost mark under the finger, or close to it. */
  near({ clientX, clientY }) {
    const { inked } = this.board;
    inked.setAttribute("pointer-events", "painted");
    const found = AROUND.map(([x, y]) => document.elementFromPoint(clientX + x, clientY + y)?.closest("[data-mark]")).find(Boolean);
    inked.removeAttribute("pointer-events");
    return found?.dataset.mark || null;
  }

  drag(event) {
    const { width, height, codes } = this.board;
    const [x, y] = this.at(event);
    const { from, mark } = this.held;
    this.held.moved = moved(mark, x - from[0], y - from[1], width, height);
    this.board.drawn(mark.id).replaceWith(shape(this.held.moved, codes));
    this.board.point();
  }

  release() {
    const change = this.held.moved;
    this.held = null;
    if (change) this.board.marks.replace(change);
  }
}
