// The marks of one picture as they stand: each change can be undone, and each is told at once.

const MOST_UNDONE = 100;

export class Marks {
  /** `told` hears of all marks after every change. */
  constructor(all, told) {
    Object.assign(this, { all, told, past: [], future: [] });
  }

  get(id) {
    return this.all.find((one) => one.id === id);
  }

  place(id) {
    return this.all.findIndex((one) => one.id === id);
  }

  change(all) {
    this.past.push(this.all);
    if (this.past.length > MOST_UNDONE) this.past.shift();
    this.future = [];
    this.put(all);
  }

  put(all) {
    this.all = all;
    this.told(all);
  }

  add(mark) {
    this.change([...this.all, mark]);
  }

  replace(mark) {
    this.change(this.all.map((one) => (one.id === mark.id ? mark : one)));
  }

  remove(id) {
    this.change(this.all.filter((one) => one.id !== id));
  }

  /** True when there was something to undo. */
  undo() {
    return this.turn(this.past, this.future);
  }

  redo() {
    return this.turn(this.future, this.past);
  }

  turn(from, to) {
    if (!from.length) return false;
    to.push(this.all);
    this.put(from.pop());
    return true;
  }
}
