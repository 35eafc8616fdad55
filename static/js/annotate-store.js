// What was drawn is in this browser at once and on the server a moment later; two tabs that draw are merged, mark by mark.

import { call, token } from "./net.js";

// As a draft of this person: it is forgotten when they sign out, and after a week.
const PREFIX = `placet:draft:${document.body.dataset.user}:marks:`;
const WAITS = [400, 1500, 5000, 15000];
const open = new Set();

/** All that is on its way, of every picture: a response waits for it. */
export const settled = () => Promise.allSettled([...open].map((store) => store.idle()));

// By what they say: a database may hand keys back in another order.
const flat = ({ id, tool, colour, size, points, text }) => JSON.stringify([id, tool, colour, size, points, text]);
const alike = (one, other) => Boolean(one && other) && flat(one) === flat(other);
const same = (some, others) => some.length === others.length && some.every((mark, n) => alike(mark, others[n]));

/** What the other tab kept, without what was removed here, with what was added or changed here. */
export function merged(base, mine, theirs) {
  const was = new Map(base.map((mark) => [mark.id, mark]));
  const now = new Map(mine.map((mark) => [mark.id, mark]));
  const there = new Set(theirs.map((mark) => mark.id));
  const kept = theirs
    .filter((mark) => now.has(mark.id) || !was.has(mark.id))
    .map((mark) => (now.has(mark.id) && !alike(now.get(mark.id), was.get(mark.id)) ? now.get(mark.id) : mark));
  const added = mine.filter((mark) => !there.has(mark.id) && (!was.has(mark.id) || !alike(mark, was.get(mark.id))));
  return [...kept, ...added];
}

export class Store {
  /** `told` hears how it stands: saving, saved, kept (in this browser), or refused with a reason; `merge` hears of marks from elsewhere. */
  constructor(file, { version, marks }, { told, merge }) {
    Object.assign(this, { file, version, base: marks, marks, told, merge, tries: 0 });
    this.online = () => this.send();
    this.leaving = () => this.last();
    addEventListener("online", this.online);
    addEventListener("pagehide", this.leaving);
    open.add(this);
  }

  /** What an earlier visit could not bring to the server. */
  restore() {
    const kept = this.read();
    if (!kept) return this.marks;
    this.marks = kept.version === this.version ? kept.marks : merged(kept.base, kept.marks, this.base);
    if (same(this.marks, this.base)) this.forget();
    else this.send();
    return this.marks;
  }

  save(marks) {
    this.marks = marks;
    this.write();
    this.send();
  }

  /** Resolves when nothing is on its way any more; true when the server has everything. */
  async idle() {
    while (this.sending) await this.sending;
    return same(this.marks, this.base);
  }

  send() {
    clearTimeout(this.timer);
    this.sending ??= this.carry().finally(() => (this.sending = undefined));
    return this.sending;
  }

  async carry() {
    while (!same(this.marks, this.base)) {
      const marks = this.marks;
      this.told("saving");
      const answer = await call(`/api/files/${this.file}/marks`, { method: "PUT", data: { version: this.version, marks } }).catch(() => ({ status: 0 }));
      if (answer.ok) this.agree(answer.data.version, marks);
      else if (answer.status === 409 && answer.data?.extra) this.meet(answer.data.extra);
      else return this.later(answer);
    }
    this.tries = 0;
    this.forget();
    this.told("saved");
  }

  /** The page goes away with something unsent: a request that outlives it. What is too long for one comes with the next visit. */
  last() {
    if (same(this.marks, this.base)) return;
    const headers = { "X-CSRFToken": token(), "Content-Type": "application/json" };
    const body = JSON.stringify({ version: this.version, marks: this.marks });
    fetch(`/api/files/${this.file}/marks`, { method: "PUT", headers, body, keepalive: true }).catch(() => {});
  }

  agree(version, marks) {
    this.version = version;
    this.base = marks;
    if (!same(this.marks, marks)) this.write();
  }

  meet({ version, marks }) {
    this.marks = merged(this.base, this.marks, marks);
    this.agree(version, marks);
    this.write();
    this.merge(this.marks);
  }

  later(answer) {
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      const fault = answer.data?.errors?.[0];
      return this.told("refused", fault ? `${fault.path} ${fault.message}` : answer.data?.detail || "");
    }
    this.told("kept");
    this.timer = setTimeout(() => this.send(), WAITS[Math.min(this.tries++, WAITS.length - 1)]);
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + this.file));
    } catch {
      return null;
    }
  }

  write() {
    const { version, base, marks } = this;
    try {
      localStorage.setItem(PREFIX + this.file, JSON.stringify({ at: Date.now(), version, base, marks }));
    } catch {
      // A full or forbidden storage: the server has it in a moment.
    }
  }

  forget() {
    localStorage.removeItem(PREFIX + this.file);
  }

  end() {
    removeEventListener("online", this.online);
    removeEventListener("pagehide", this.leaving);
    // What is still on its way arrives; only then is there nothing to wait for.
    this.idle().finally(() => open.delete(this));
  }
}
