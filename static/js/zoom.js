// Larger and smaller, towards the hand: keys, buttons, the wheel with Ctrl, two fingers; and a drag moves what is too large.

const STEP = 1.25, SMALLEST = 0.05, LARGEST = 8, ROOM = 32;
const PAGE = 900;

/** The zoom of one viewer; null where there is nothing to zoom. */
export function zoomOf(viewer) {
  const stage = viewer.querySelector("[data-stage]");
  const target = stage.querySelector("[data-zoomed]");
  return target ? new Zoom(viewer, stage, target) : null;
}

class Zoom {
  constructor(viewer, stage, target) {
    Object.assign(this, { viewer, stage, target, scale: 1, fitted: true, mayPan: () => true });
    this.image = target.querySelector(":scope > img");
    this.level = viewer.querySelector("[data-zoom-level]");
    this.watcher = new ResizeObserver(() => this.fitted && this.fit());
    this.watcher.observe(stage);
    if (this.image && !this.image.complete) this.image.addEventListener("load", () => this.fitted && this.fit(), { once: true });
    this.listen();
    this.fit();
  }

  get size() {
    if (!this.image) return [PAGE, 0];
    const { width, height } = this.target.dataset;
    return [Number(width) || this.image.naturalWidth || 600, Number(height) || this.image.naturalHeight || 400];
  }

  fit() {
    const [width, height] = this.size;
    const room = [this.stage.clientWidth - ROOM, this.stage.clientHeight - ROOM];
    this.fitted = true;
    if (!this.image) return this.show(1, "Fit", "");
    this.show(Math.max(SMALLEST, Math.min(room[0] / width, room[1] / height, 1)), "Fit");
  }

  show(scale, words, width = `${Math.round(this.size[0] * scale)}px`) {
    this.scale = scale;
    this.target.classList.toggle("sized", width !== "");
    this.target.style.width = width;
    if (this.level) this.level.textContent = words || `${Math.round(scale * 100)}%`;
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = this.stage;
    this.stage.classList.toggle("can-pan", scrollWidth > clientWidth || scrollHeight > clientHeight);
    this.viewer.dispatchEvent(new CustomEvent("viewer:zoom"));
  }

  /** What is under the point stays under it. */
  to(scale, x, y) {
    const before = this.target.getBoundingClientRect();
    const stage = this.stage.getBoundingClientRect();
    x ??= stage.left + stage.width / 2;
    y ??= stage.top + stage.height / 2;
    const [across, down] = [(x - before.left) / before.width, (y - before.top) / before.height];
    this.fitted = false;
    this.show(Math.max(SMALLEST, Math.min(LARGEST, scale)));
    const after = this.target.getBoundingClientRect();
    this.stage.scrollLeft += after.left + across * after.width - x;
    this.stage.scrollTop += after.top + down * after.height - y;
  }

  by(factor, x, y) {
    // Pages that fill the room start from what they fill.
    const now = this.image || !this.fitted ? this.scale : this.target.getBoundingClientRect().width / this.size[0];
    this.to(now * factor, x, y);
  }

  press(how) {
    if (how === "fit") return this.fit();
    this.by(how === "in" ? STEP : 1 / STEP);
  }

  listen() {
    this.viewer.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => this.press(button.dataset.zoom)));
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.stage.addEventListener("pointerdown", (event) => this.pan(event));
    this.stage.addEventListener("touchstart", (event) => this.pinch(event), { passive: false });
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.by(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 120), event.clientX, event.clientY);
  }

  pan(event) {
    const grabbed = event.target.closest("img, [data-zoomed], svg") || event.target === this.stage;
    if (event.pointerType !== "mouse" || event.button || !grabbed || !this.mayPan() || !this.stage.classList.contains("can-pan")) return;
    if (!this.image && event.target.tagName !== "IMG") return;
    const bar = event.offsetX > this.stage.clientWidth || event.offsetY > this.stage.clientHeight;
    if (event.target === this.stage && bar) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    const from = { x: event.clientX + this.stage.scrollLeft, y: event.clientY + this.stage.scrollTop };
    const move = (to) => this.stage.scrollTo(from.x - to.clientX, from.y - to.clientY);
    const end = () => {
      this.stage.classList.remove("panning");
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    this.stage.classList.add("panning");
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  pinch(start) {
    if (start.touches.length !== 2) return;
    start.preventDefault();
    this.viewer.dispatchEvent(new CustomEvent("viewer:pinch"));
    let last = spread(start.touches);
    const move = (event) => {
      if (event.touches.length !== 2) return;
      event.preventDefault();
      const now = spread(event.touches);
      this.by(now.wide / last.wide, now.x, now.y);
      this.stage.scrollLeft -= now.x - last.x;
      this.stage.scrollTop -= now.y - last.y;
      last = now;
    };
    const end = (event) => {
      if (event.touches.length > 1) return;
      this.stage.removeEventListener("touchmove", move);
      this.stage.removeEventListener("touchend", end);
      this.stage.removeEventListener("touchcancel", end);
    };
    this.stage.addEventListener("touchmove", move, { passive: false });
    this.stage.addEventListener("touchend", end);
    this.stage.addEventListener("touchcancel", end);
  }

  end() {
    this.watcher.disconnect();
  }
}

function spread([one, other]) {
  const [x, y] = [(one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2];
  return { x, y, wide: Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)) };
}
