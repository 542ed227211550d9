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
const plot = { width: 0, step: 0, frame: 0 };

function xOf(index) { return plot.step ? SIDE + index * plot.step : plot.width / 2; }

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
  const axis = state.colour, group = state.group;
  const places = Float64Array.from(axis.values, axis.position).filter(Number.isFinite).sort();
  const low = places[Math.floor(0.01 * (places.length - 1))], high = places[Math.ceil(0.99 * (places.length - 1))];
  const bins = new Int8Array(group.count).fill(-1);
  for (let row = 0; row < group.count; row += 1) {
    const place = axis.position(axis.values[row]);
    if (!Number.isFinite(place)) continue;
    bins[row] = high > low ? clamp(Math.round(((place - low) / (high - low)) * (BINS - 1)), 0, BINS - 1) : BINS - 1;
  }
  const order = Array.from({ length: group.count }, (_, row) => row).sort((a, b) => bins[a] - bins[b]);
  state.bins = bins;
  state.order = order; // the highest are drawn last, on top
  const exact = (place) => (axis.kind === "grid" ? axis.at(place) : axis.at(clamp(place, 0, 1)));
  part("legend-low").textContent = places.length ? spelled(axis, exact(low)) : "";
  part("legend-high").textContent = places.length ? spelled(axis, exact(high)) : "";
  const stops = Array.from({ length: 9 }, (_, i) => shade(i / 8)).join(", ");
  part("legend-bar").style.background = `linear-gradient(to right, ${stops})`;
}

function layOut() {
  const room = part("scroll").clientWidth, gaps = Math.max(1, state.visible.length - 1);
  plot.step = state.visible.length > 1 ? Math.max(STEP, (room - 2 * SIDE) / gaps) : 0;
  plot.width = Math.max(room, Math.ceil(2 * SIDE + gaps * plot.step * (state.visible.length > 1)));
  const box = part("plot");
  box.style.width = `${plot.width}px`;
  box.style.height = `${TOP + HEIGHT + FOOT}px`;
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  for (const canvas of [part("behind"), part("front")]) {
    canvas.width = Math.round(plot.width * sharp);
    canvas.height = Math.round((TOP + HEIGHT + FOOT) * sharp);
    canvas.getContext("2d").setTransform(sharp, 0, 0, sharp, 0, 0);
  }
}

function trace(context, row) {
  const axes = state.visible;
  context.beginPath();
  if (axes.length === 1) context.moveTo(xOf(0) - 12, yOf(axes[0].positions[row]));
  for (let k = 0; k < axes.length; k += 1) context.lineTo(xOf(k), yOf(axes[k].positions[row]));
  if (axes.length === 1) context.lineTo(xOf(0) + 12, yOf(axes[0].positions[row]));
  context.stroke();
}

function cleared(canvas) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, plot.width, TOP + HEIGHT + FOOT);
  context.lineWidth = 1.1;
  return context;
}

// Many lines are drawn in several frames, so that the page answers while they are.
function paint() {
  cancelAnimationFrame(plot.frame);
  const behind = cleared(part("behind")), front = cleared(part("front"));
  behind.strokeStyle = muted();
  behind.globalAlpha = clamp(2 / Math.sqrt(state.total + 1), 0.02, 0.3);
  front.globalAlpha = clamp(9 / Math.sqrt(state.count + 1), 0.14, 0.9);
  const some = state.count < state.total;
  const jobs = [...(some ? [[behind, state.shown, false]] : []), [front, state.selected, true]];
  let job = 0, next = 0;
  const work = () => {
    const end = performance.now() + 20;
    while (job < jobs.length) {
      const [context, mask, coloured] = jobs[job];
      for (; next < state.order.length; next += 1) {
        const row = state.order[next];
        if (!mask[row]) continue;
        if (coloured) context.strokeStyle = state.bins[row] < 0 ? muted() : shade(state.bins[row] / (BINS - 1));
        trace(context, row);
        if (performance.now() > end) {
          next += 1;
          plot.frame = requestAnimationFrame(work);
          return;
        }
      }
      job += 1;
      next = 0;
    }
    root.dataset.painted = "true";
  };
  delete root.dataset.painted;
  plot.frame = requestAnimationFrame(work);
}

// The selected network whose line passes nearest to a point, -1 if none is within 12 pixels.
function nearest(x, y) {
  const axes = state.visible, last = axes.length - 1;
  const left = plot.step ? clamp(Math.floor((x - SIDE) / plot.step), 0, Math.max(0, last - 1)) : 0;
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

function pointsOf(row) {
  return state.visible.map((axis, k) => `${xOf(k).toFixed(1)},${yOf(axis.positions[row]).toFixed(1)}`).join(" ");
}

// The chosen network, and the one under the pointer, are lines of the drawing above the canvases.
function mark(name, row) {
  const shown = row >= 0 ? pointsOf(row) : "";
  for (const line of root.querySelectorAll(`[data-line="${name}"]`)) line.setAttribute("points", shown);
}
