// The data of the page: base64 columns become typed arrays, an axis is a column with a scale.

const SVG = "http://www.w3.org/2000/svg";
const root = document.getElementById("explorer");
const data = JSON.parse(document.getElementById("explorer-data").textContent);

// What is shown now. `axes` are all axes of the group, `visible` those that are drawn; `shown` are the networks of
// the round, `selected` those of them inside all ranges. `chosen` is the row of one network, -1 for none.
const state = {
  group: null, axes: [], visible: [], round: 0, upTo: false, shown: null, selected: null, count: 0, total: 0,
  colour: null, chosen: -1, order: [],
};

function part(name) { return root.querySelector(`[data-part="${name}"]`); }

function decode(text, type) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new type(bytes.buffer);
}

// Text is only ever set as text, never as markup: names come from outside.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  return filled(made, attributes, children);
}

function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function clamp(value, low, high) { return Math.min(high, Math.max(low, value)); }

function whole(number) { return number.toLocaleString("en-US"); }

// 43,090,570 becomes 43.1 M; scores keep four digits.
function short(number) {
  const size = Math.abs(number);
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (size >= unit) return `${trimmed(number / unit)} ${letter}`;
  }
  return trimmed(number);
}

function trimmed(number) { return String(Number(number.toPrecision(3))); }

function spelled(axis, value) {
  if (!Number.isFinite(value)) return "no score";
  if (axis.kind === "score") {
    const size = Math.abs(value);
    return size !== 0 && (size >= 1e6 || size < 1e-3) ? value.toExponential(3) : String(Number(value.toPrecision(4)));
  }
  return axis.kind === "log" ? short(value) : String(value);
}

// Positions are 0 at the foot of an axis and 1 at its head; NaN for a network without a score.
function makeAxis(spec) {
  const scale = spec.kind === "grid" ? gridScale(spec) : numberScale(spec);
  return { name: spec.name, title: spec.title, kind: spec.kind, unit: spec.unit, range: null, on: true, ...scale };
}

// A grid's values are bands of equal height. Within a band the networks are spread out, each at the same part of
// every band, so that a line can be followed and many equal values look like many.
function gridScale(spec) {
  const grid = spec.grid, count = grid.length, index = decode(spec.values, Uint16Array);
  const spread = (row) => 0.5 + 0.6 * ((row * 0.6180339887) % 1 - 0.5);
  const below = (value) => grid.filter((one) => one < value).length;
  return {
    grid,
    values: Float64Array.from(index, (i) => grid[i]),
    positions: Float32Array.from(index, (i, row) => (i + spread(row)) / count),
    low: grid[0],
    high: grid[count - 1],
    position: (value) => (below(value) + 0.5) / count,
    edges: ([low, high]) => [below(low) / count, grid.filter((one) => one <= high).length / count],
    at: (position) => grid[clamp(Math.floor(position * count), 0, count - 1)],
    moved: (value, steps) => grid[clamp(below(value) + steps, 0, count - 1)],
    ticks: () => grid.filter((_, i) => i % Math.ceil(count / 17) === 0),
  };
}

function numberScale(spec) {
  const values = decode(spec.values, Float64Array);
  const finite = values.filter(Number.isFinite);
  let low = finite.length ? Infinity : 0, high = finite.length ? -Infinity : 1;
  for (const value of finite) { low = Math.min(low, value); high = Math.max(high, value); }
  const log = spec.kind === "log" && low > 0;
  const into = log ? Math.log : Number, back = log ? Math.exp : Number;
  const start = into(low), span = into(high) - start;
  const position = (value) => (span > 0 ? (into(value) - start) / span : 0.5);
  // The ends are exact: a range that reaches one leaves no network out by a rounding error.
  const at = (place) => (place <= 0 ? low : place >= 1 ? high : back(start + place * span));
  return {
    values, low, high, position, at,
    positions: Float32Array.from(values, position),
    edges: ([first, last]) => [clamp(position(Math.max(low, first)), 0, 1), clamp(position(Math.min(high, last)), 0, 1)],
    moved: (value, steps) => at(Math.round(position(value) * 100 + steps) / 100),
    ticks: () => (log ? logTicks(low, high) : evenTicks(low, high)),
  };
}

// At most about seven round numbers: 1, 2, 5 times powers of ten.
function evenTicks(low, high) {
  const raw = (high - low) / 6, power = 10 ** Math.floor(Math.log10(raw));
  if (!(raw > 0)) return [low];
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; k += 1) ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const one of [1, 2, 5]) {
      const tick = one * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  const wide = ticks.length > 8 ? ticks.filter((tick) => Number.isInteger(Math.log10(tick))) : ticks;
  return wide.length > 1 ? wide : evenTicks(low, high);
}

const groups = data.groups.map(() => null);

// A group is decoded when it is first looked at.
function groupAt(index) {
  if (groups[index] === null) {
    const spec = data.groups[index];
    groups[index] = {
      ...spec,
      axes: spec.axes.map(makeAxis),
      architectures: decode(spec.architectures, Uint32Array),
      round: spec.round ? decode(spec.round, Uint16Array) : null,
    };
  }
  return groups[index];
}

function architectureOf(row) { return state.group.architectures[row]; }

function idOf(row) { return data.ids[architectureOf(row)]; }
