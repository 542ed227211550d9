// The lines: two canvases, all networks of the round faintly behind the selected ones in colour.

const TOP = 70, FOOT = 46, SIDE = 40, STEP = 78, HEIGHT = 430;
const NO_SCORE = HEIGHT + 30; // where a line goes on an axis on which its network has no score
const BINS = 32;
// Viridis (van der Walt and Smith 2015): even for every common colour-vision deficiency.
const VIRIDIS = [
  [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142],
  [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37],
];
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const plot = { width: 0, step: 0, left: SIDE, frame: 0 };

function xOf(index) { return plot.step ? plot.left + index * plot.step : plot.width / 2; }

function yOf(position) { return Number.isNaN(position) ? TOP + NO_SCORE : TOP + (1 - position) * HEIGHT; }

// On white the scale ends before yellow, on black it begins after the darkest purple.
function shade(part) {
  const place = (dark.matches ? 0.22 + 0.78 * part : 0.9 * part) * (VIRIDIS.length - 1);
  const first = Math.min(Math.floor(place), VIRIDIS.length - 2), rest = place - first;
  const mixed = VIRIDIS[first].map((low, i) => Math.round(low + (VIRIDIS[first + 1][i] - low) * rest));
  return `rgb(${mixed.join(" ")})`;
}

function muted() { return dark.matches ? "rgb(150 160 170)" : "rgb(110 120 130)"; }

// Colours span the middle 98 % of the networks: one outlier must not make all others look the same.
function colourScale() {
  const axis = state.colour, all = Float64Array.from(axis.values, axis.position);
  const places = all.filter(Number.isFinite).sort(), last = places.length - 1;
  const low = places[Math.floor(0.01 * last)], high = places[Math.ceil(0.99 * last)];
  const bin = (place) => (high > low ? clamp(Math.round(((place - low) / (high - low)) * (BINS - 1)), 0, BINS - 1) : BINS - 1);
  state.bins = Int8Array.from(all, (place) => (Number.isFinite(place) ? bin(place) : -1));
  state.order = [...state.bins.keys()].sort((a, b) => state.bins[a] - state.bins[b]); // the highest on top
  part("legend-low").textContent = places.length ? spelled(axis, axis.at(low)) : "";
  part("legend-high").textContent = places.length ? spelled(axis, axis.at(high)) : "";
  const stops = Array.from({ length: 9 }, (_, i) => shade(i / 8)).join(", ");
  part("legend-bar").style.background = `linear-gradient(to right, ${stops})`;
}

function layOut() {
  const room = part("scroll").clientWidth, gaps = state.visible.length - 1;
  // Names are wider than numbers: left of the first axis there must be room for them.
  plot.left = state.visible[0]?.names ? STEP : SIDE;
  plot.step = gaps ? Math.max(STEP, (room - plot.left - SIDE) / gaps) : 0;
  plot.width = Math.max(room, Math.ceil(plot.left + SIDE + gaps * plot.step));
  part("plot").style.width = `${plot.width}px`;
  part("plot").style.height = `${TOP + HEIGHT + FOOT}px`;
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  for (const canvas of [part("behind"), part("front")]) {
    canvas.width = Math.round(plot.width * sharp);
    canvas.height = Math.round((TOP + HEIGHT + FOOT) * sharp);
    canvas.getContext("2d").setTransform(sharp, 0, 0, sharp, 0, 0);
  }
}

// Where a line runs; where a single axis is drawn, straight through it.
function pointsOf(row) {
  const points = state.visible.map((axis, k) => [xOf(k), yOf(axis.positions[row])]);
  return points.length > 1 ? points : [-12, 12].map((by) => [points[0][0] + by, points[0][1]]);
}

function cleared(canvas, alpha) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, plot.width, TOP + HEIGHT + FOOT);
  return Object.assign(context, { lineWidth: 1.1, globalAlpha: alpha });
}

// Many lines are drawn in several frames, so that the page answers while they are.
function paint() {
  cancelAnimationFrame(plot.frame);
  const behind = cleared(part("behind"), clamp(2 / Math.sqrt(state.total + 1), 0.02, 0.3));
  const front = cleared(part("front"), clamp(9 / Math.sqrt(state.count + 1), 0.14, 0.9));
  const rowsOf = (mask, context) => state.order.filter((row) => mask[row]).map((row) => [context, row, state.bins[row]]);
  const jobs = rowsOf(state.selected, front);
  if (state.count < state.total) jobs.unshift(...rowsOf(state.shown, behind));
  let next = 0;
  const work = () => {
    const end = performance.now() + 20;
    for (; next < jobs.length && performance.now() < end; next += 1) {
      const [context, row, bin] = jobs[next];
      context.strokeStyle = context === behind || bin < 0 ? muted() : shade(bin / (BINS - 1));
      context.beginPath();
      for (const point of pointsOf(row)) context.lineTo(...point);
      context.stroke();
    }
    if (next < jobs.length) plot.frame = requestAnimationFrame(work);
    else root.dataset.painted = "true";
  };
  delete root.dataset.painted;
  plot.frame = requestAnimationFrame(work);
}

// The selected network whose line passes nearest to a point, -1 if none is within 12 pixels.
function nearest(x, y) {
  const axes = state.visible, last = axes.length - 1;
  const left = plot.step ? clamp(Math.floor((x - plot.left) / plot.step), 0, last - 1) : 0;
  const right = Math.min(last, left + 1), share = plot.step ? clamp((x - xOf(left)) / plot.step, 0, 1) : 0;
  let found = -1, least = 12;
  for (let row = 0; row < state.group.count; row += 1) {
    if (!state.selected[row]) continue;
    const from = yOf(axes[left].positions[row]), to = yOf(axes[right].positions[row]);
    // The distance across the line, not straight up or down: steep lines are hard to hit otherwise.
    const slope = plot.step ? (to - from) / plot.step : 0;
    const distance = Math.abs(from + (to - from) * share - y) / Math.hypot(1, slope);
    if (distance < least) [found, least] = [row, distance];
  }
  return found;
}

// The chosen network, and the one under the pointer, are lines of the drawing above the canvases.
function mark(name, row) {
  const points = row < 0 ? "" : pointsOf(row).map((point) => point.map((one) => one.toFixed(1))).join(" ");
  for (const line of part("overlay").querySelectorAll(`polyline.${name}`)) line.setAttribute("points", points);
}
