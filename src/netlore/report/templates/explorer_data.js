// The data of the page: base64 columns become typed arrays, an axis is a column with a scale.

const SVG = "http://www.w3.org/2000/svg";
const root = document.getElementById("explorer");
const data = JSON.parse(document.getElementById("explorer-data").textContent);
const groups = []; // those that were looked at

// What is shown now. `axes` are all axes of the group, `visible` those that are drawn; `shown` are the networks of
// the round, `selected` those of them inside all ranges. `chosen` is the row of one network, -1 for none.
const state = {
  group: null, axes: [], visible: [], round: 0, upTo: false, shown: null, selected: null, count: 0, total: 0,
  colour: null, chosen: -1, order: [],
};

function part(name) { return root.querySelector(`[data-part="${name}"]`); }

function decode(text, type) {
  return new type(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

// Text is only ever set as text, never as markup: names come from outside.
function element(tag, ...rest) { return filled(document.createElement(tag), ...rest); }

function drawing(tag, ...rest) { return filled(document.createElementNS(SVG, tag), ...rest); }

function filled(made, attributes = {}, ...children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function clamp(value, low, high) { return Math.min(high, Math.max(low, value)); }

function sum(values, of = Number) { return values.reduce((total, value) => total + of(value), 0); }

function whole(number) { return number.toLocaleString("en-US"); }

// 43,090,570 becomes 43.1 M; scores keep four digits.
function short(number) {
  if (!Number.isFinite(number)) return "–";
  const units = [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"], [1, ""]];
  const [unit, letter] = units.find(([size]) => Math.abs(number) >= size) ?? [1, ""];
  return `${Number((number / unit).toPrecision(3))}${letter}`;
}

function spelled(axis, value) {
  if (!Number.isFinite(value)) return "no value";
  if (axis.names) return axis.names[value];
  if (axis.kind !== "score") return axis.kind === "log" ? short(value) : String(rounded(value));
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e6 || size < 1e-3) ? value.toExponential(3) : String(Number(value.toPrecision(4)));
}

// A real number of a grid as people read it.
function rounded(value) { return Number.isInteger(value) ? value : Number(value.toPrecision(4)); }

// What fits next to an axis.
function brief(text, most) { return text.length > most ? `${text.slice(0, most - 1)}…` : text; }

// Positions are 0 at the foot of an axis and 1 at its head; NaN for a network without a score.
function makeAxis({ values, ...spec }) {
  return { ...spec, range: null, left: new Set(), on: true, ...(spec.kind === "grid" ? gridScale : numberScale)(values, spec) };
}

// Whether a value is inside an axis' range and none of the names that are left out; NaN is in no range.
function admits({ range, left }, value) {
  return (range === null || (value >= range[0] && value <= range[1])) && !left.has(value);
}

function isFiltered(axis) { return axis.range !== null || axis.left.size > 0; }

// A grid's values are bands of equal height. Within a band the networks are spread out, each at the same part of
// every band, so that a line can be followed and many equal values look like many.
// Names have no order of their own; their values here are their places in the grid.
function gridScale(text, { grid: listed }) {
  const names = typeof listed[0] === "string" ? listed : null, grid = names ? [...names.keys()] : listed;
  const count = grid.length, index = decode(text, Uint16Array);
  const spread = (row) => 0.5 + 0.6 * ((row * 0.6180339887) % 1 - 0.5);
  const below = (value) => grid.filter((one) => one < value).length;
  const nth = (place) => grid[clamp(place, 0, count - 1)];
  return {
    names, grid,
    values: Float64Array.from(index, (i) => grid[i]),
    positions: Float32Array.from(index, (i, row) => (i + spread(row)) / count),
    low: grid[0],
    high: grid[count - 1],
    position: (value) => (below(value) + 0.5) / count,
    edges: ([low, high]) => [below(low) / count, grid.filter((one) => one <= high).length / count],
    at: (position) => nth(Math.floor(position * count)),
    moved: (value, steps) => nth(below(value) + steps),
    ticks: () => grid.filter((_, i) => i % Math.ceil(count / 17) === 0),
  };
}

function numberScale(text, { kind }) {
  const values = decode(text, Float64Array), finite = values.filter(Number.isFinite).sort();
  const low = finite[0] ?? 0, high = finite.at(-1) ?? 1, log = kind === "log" && low > 0;
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
  const powers = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) powers.push(10 ** power);
  const ticks = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((tick) => tick >= low && tick <= high);
  const few = ticks.length > 8 ? ticks.filter((tick) => powers.includes(tick)) : ticks;
  return few.length > 1 ? few : evenTicks(low, high);
}

// A group is decoded when it is first looked at.
function groupAt(index) {
  const spec = data.groups[index];
  groups[index] ??= {
    ...spec,
    axes: spec.axes.map(makeAxis),
    architectures: decode(spec.architectures, Uint32Array),
    round: spec.round ? decode(spec.round, Uint16Array) : null,
    rounds: spec.rounds ?? [],
  };
  return groups[index];
}

function architectureOf(row) { return state.group.architectures[row]; }

function idOf(row) { return data.ids[architectureOf(row)]; }

// Where a torch module comes from; an empty text for other networks.
function nameOf(row) { return data.names[architectureOf(row)]; }
