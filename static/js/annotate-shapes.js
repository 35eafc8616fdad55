// Marks as shapes: the same lines, heads and letters that the server draws into the picture (files/drawing.py).

const SVG = "http://www.w3.org/2000/svg";
const HEAD = 4.5, ANGLE = 0.48, BASE = 0.8, LINE = 1.25, RIM = 0.16, PALE = 0.55;

export function node(name, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export const pointsOf = (mark) => mark.points.split(" ").map((pair) => pair.split(",").map(Number));
const tenth = (n) => Math.round(n * 10) / 10;
export const written = (points) => points.map(([x, y]) => `${tenth(x)},${tenth(y)}`).join(" ");

export function shape(mark, codes) {
  const code = codes[mark.colour];
  const made = mark.tool === "text" ? words(mark, code) : strokes(mark, code);
  made.dataset.mark = mark.id;
  return made;
}

function strokes(mark, code) {
  const group = node("g", { fill: "none", stroke: code, "stroke-width": mark.size, "stroke-linecap": "round", "stroke-linejoin": "round" });
  for (const line of lines(mark)) {
    // A stroke of one point is a dot: a line of no length has round ends.
    const points = line.length > 1 ? line : [line[0], line[0]];
    group.append(node("path", { d: `M${points.map(([x, y]) => `${x} ${y}`).join("L")}` }));
  }
  return group;
}

function lines(mark) {
  const points = pointsOf(mark);
  if (mark.tool === "rectangle") {
    const [[left, top], [right, bottom]] = points;
    return [[[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]];
  }
  return mark.tool === "arrow" ? [points, head(...points, mark.size)] : [points];
}

function head([x, y], [X, Y], size) {
  const length = Math.min(size * HEAD, Math.hypot(X - x, Y - y) * 0.7);
  const back = Math.atan2(y - Y, x - X);
  const end = (turn) => [X + length * Math.cos(back + turn), Y + length * Math.sin(back + turn)];
  return [end(ANGLE), [X, Y], end(-ANGLE)];
}

function words(mark, code) {
  const [[left, top]] = pointsOf(mark);
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(code.slice(at, at + 2), 16) / 255);
  const rim = 0.299 * r + 0.587 * g + 0.114 * b > PALE ? "#1c1b19" : "#ffffff";
  const made = node("text", { fill: code, stroke: rim, "stroke-width": mark.size * RIM, "font-size": mark.size });
  mark.text.split("\n").forEach((line, n) => {
    const span = node("tspan", { x: left, y: top + mark.size * (BASE + LINE * n) });
    span.textContent = line;
    made.append(span);
  });
  return made;
}

/** The mark moved by so much, all of it still within the picture. */
export function moved(mark, across, down, width, height) {
  const points = pointsOf(mark);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const within = (by, all, most) => Math.max(-Math.min(...all), Math.min(most - Math.max(...all), by));
  const [dx, dy] = [within(across, xs, width), within(down, ys, height)];
  return { ...mark, points: written(points.map(([x, y]) => [x + dx, y + dy])) };
}

/** Fewer points where the hand was slow: none is closer to the one before than `least`. */
export function thinned(points, least) {
  const kept = [points[0]];
  for (const point of points.slice(1, -1)) {
    const last = kept[kept.length - 1];
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= least) kept.push(point);
  }
  const [end, last] = [points[points.length - 1], kept[kept.length - 1]];
  if (end[0] !== last[0] || end[1] !== last[1]) kept.push(end);
  return kept;
}
