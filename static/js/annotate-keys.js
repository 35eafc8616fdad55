// The keyboard alone: tools and colours by a key, a crosshair by the arrows, marks begun and ended by Enter.

import { say } from "./announce.js";
import { moved, node } from "./annotate-shapes.js";

const TOOLS = { p: "pen", a: "arrow", r: "rectangle", t: "text", v: "select" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const singles = () => document.body.dataset.shortcuts !== "off";

export class Keys {
  constructor(board) {
    Object.assign(this, { board, aim: [board.width / 2, board.height / 2] });
  }

  /** True when the key meant something here. */
  key(event) {
    const { board } = this;
    if (board.words || event.target.matches("input, textarea, select")) return false;
    const mod = event.metaKey || event.ctrlKey;
    if (mod && !event.altKey && board.on && /^[zy]$/i.test(event.key)) {
      if (event.shiftKey || event.key.toLowerCase() === "y") board.redo();
      else board.undo();
      return true;
    }
    return !mod && !event.altKey && (this.single(event.key) || (board.on && this.held(event)));
  }

  single(key) {
    const { board } = this;
    const tool = singles() && TOOLS[key.toLowerCase()];
    if (tool && tool !== "select" && !board.on) return board.start(tool), true;
    if (!board.on) return false;
    if (tool) return board.take(tool), board.layer.focus({ preventScroll: true }), true;
    return singles() && /^[1-8]$/.test(key) && (board.dip(Object.keys(board.codes)[key - 1]), true);
  }

  held(event) {
    if (event.key === "Delete" || event.key === "Backspace") return this.board.remove(), true;
    return event.target === this.board.layer && this.steer(event);
  }

  steer({ key, shiftKey }) {
    const { board } = this;
    const [across, down] = ARROWS[key] || [];
    if (across === undefined) return (key === "Enter" || key === " ") && (this.act(), true);
    board.byKeys = true;
    const step = (Math.max(board.width, board.height) / 60) * (shiftKey ? 5 : 1);
    if (board.chosen) board.marks.replace(moved(board.marks.get(board.chosen), across * step, down * step, board.width, board.height));
    else this.steered([this.aim[0] + across * step, this.aim[1] + down * step]);
    return true;
  }

  steered(to) {
    const { board } = this;
    this.aim = board.within(to);
    board.draft?.points.push(this.aim);
    board.point();
    const percent = (n, of) => Math.round((n / of) * 100);
    say(`${percent(this.aim[0], board.width)}% across, ${percent(this.aim[1], board.height)}% down`);
  }

  /** Enter: begins a mark at the crosshair, or ends it; with the selecting tool it goes to the next mark. */
  act() {
    const { board } = this;
    board.byKeys = true;
    if (board.tool === "select") return board.following();
    if (board.draft) return board.settle();
    if (board.tool === "text") return board.write(this.aim);
    board.begin(this.aim);
    say(`${board.tool} begun`);
  }

  crosshair() {
    const [x, y] = this.aim;
    const arm = 14 / this.board.perUnit;
    const d = `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`;
    return [node("path", { class: "aim", d }), node("path", { class: "aim", d })];
  }
}
