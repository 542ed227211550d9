// Ranges on axes: dragged with a pointer, moved with the keyboard, or typed. An end is 0, the low one, or 1.

const EDGE = 9; // pixels around the end of a range in which a drag moves that end
const drag = { axis: null, anchor: null, from: 0, range: null, moved: false, x: 0, y: 0 };
let lastTap = { axis: null, time: 0 };

function setRange(axis, range) {
  const ends = range ?? [axis.low, axis.high], low = Math.min(...ends), high = Math.max(...ends);
  // The whole of a score's axis is a range nonetheless: it leaves out networks without a score.
  const all = range === null || (low <= axis.low && high >= axis.high && axis.kind !== "score");
  axis.range = all ? null : [low, high];
  drawRanges();
  refresh();
}

function clearRanges() {
  for (const axis of state.axes) clearAxis(axis);
}

function clearAxis(axis) {
  axis.left.clear();
  setRange(axis, null);
}

function positionAt(event) {
  const box = part("overlay").getBoundingClientRect();
  return 1 - (event.clientY - box.top - TOP) / HEIGHT;
}

function startDrag(event) {
  const axis = state.axes.find((one) => one.name === event.target.dataset.touch), place = positionAt(event);
  if (axis === undefined || event.button > 0) return;
  event.target.setPointerCapture(event.pointerId);
  // A drag pulls one end of a range while the other, the anchor, stays; without an anchor it moves the range.
  const [low, high] = axis.range ? axis.edges(axis.range) : [NaN, NaN], reach = EDGE / HEIGHT;
  let anchor = axis.at(clamp(place, 0, 1));
  if (Math.abs(place - high) < reach) anchor = axis.range[0];
  else if (Math.abs(place - low) < reach) anchor = axis.range[1];
  else if (place > low && place < high) anchor = null;
  Object.assign(drag, { axis, anchor, from: place, range: axis.range, moved: false, x: event.clientX, y: event.clientY });
}

// A finger that moves along an axis selects; one that moves across it scrolls the plot. Browsers do not follow
// `touch-action` on shapes of a drawing, so the page is kept here from scrolling.
function holdPage(event) {
  if (drag.axis !== null && event.cancelable) event.preventDefault();
}

function goOn(event) {
  if (drag.axis === null) return;
  const across = Math.abs(event.clientX - drag.x), along = Math.abs(event.clientY - drag.y);
  if (!drag.moved && event.pointerType === "touch" && across > 3 && across > along) drag.axis = null;
  if (along > 3) drag.moved = true;
  if (drag.axis === null || !drag.moved) return;
  const place = clamp(positionAt(event), 0, 1);
  setRange(drag.axis, drag.anchor === null ? shifted(place - drag.from) : [drag.anchor, drag.axis.at(place)]);
}

// A range keeps its length while it is moved, in steps of the grid where there is one.
function shifted(by) {
  const axis = drag.axis, [low, high] = axis.edges(drag.range);
  const kept = clamp(by, -low, 1 - high);
  return [axis.at(low + kept + 1e-6), axis.at(high + kept - 1e-6)];
}

function endDrag(event) {
  if (event.type === "pointerup") goOn(event);
  const { axis, moved } = drag, now = performance.now();
  drag.axis = null;
  if (axis === null || moved || event.type === "pointercancel") return;
  // Two taps on one axis clear it; browsers do not send double clicks for all pointers.
  const again = lastTap.axis === axis && now - lastTap.time < 400;
  lastTap = { axis: again ? null : axis, time: now };
  if (again) clearAxis(axis);
}

// The thumbs of an axis, and its fields under "Ranges as numbers".
function makeControls(axis) {
  axis.thumbs = [0, 1].map((end) => {
    const made = element("div", {
      class: `thumb ${end ? "high" : "low"}`, role: "slider", tabindex: 0, "aria-orientation": "vertical",
      "aria-label": `${axis.title}, ${end ? "to" : "from"}`, "aria-valuemin": axis.low, "aria-valuemax": axis.high,
    });
    made.addEventListener("keydown", (event) => press(event, axis, end));
    return made;
  });
  axis.fields = axis.names ? axis.names.map((name, value) => nameBox(axis, name, value)) : [0, 1].map((end) => {
    const made = element("input", {
      type: "number", step: "any", "aria-label": `${axis.title}, ${end ? "to" : "from"}`,
      placeholder: spelled(axis, end ? axis.high : axis.low),
    });
    made.addEventListener("change", () => type(axis, end));
    return made;
  });
}

// A name of a category is left out, or let in; within a range that was dragged, by its own.
function nameBox(axis, name, value) {
  const box = element("input", { type: "checkbox", "aria-label": `${axis.title}: ${name}` });
  box.addEventListener("change", () => {
    const kept = axis.names.map((_, one) => (one === value ? box.checked : admits(axis, one)));
    axis.left = new Set(kept.flatMap((keep, one) => (keep ? [] : [one])));
    setRange(axis, null);
  });
  return box;
}

function moveThumb(axis, end, x, y) {
  const made = axis.thumbs[end], value = (axis.range ?? [axis.low, axis.high])[end];
  made.style.left = `${x}px`;
  made.style.top = `${y}px`;
  made.setAttribute("aria-valuenow", value);
  made.setAttribute("aria-valuetext", `${spelled(axis, value)}${axis.range ? "" : ", whole axis"}`);
}

// Where the ends of a range have crossed, the given one gives way.
function setEnds(axis, [low, high], end) {
  setRange(axis, end ? [low, Math.max(low, high)] : [Math.min(low, high), high]);
}

// Arrows move an end by a value of the grid or a hundredth of the axis, Page Up and Down by ten of those.
function press(event, axis, end) {
  const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
  const [low, high] = axis.range ?? [axis.low, axis.high];
  const furthest = { Home: end ? low : axis.low, End: end ? axis.high : high };
  const next = steps ? axis.moved(end ? high : low, steps) : furthest[event.key];
  if (event.key === "Escape") clearAxis(axis);
  else if (next !== undefined) setEnds(axis, end ? [low, next] : [next, high], end);
  else return;
  event.preventDefault();
}

function type(axis, end) {
  const [first, last] = axis.fields.map((field) => field.value);
  if (first === "" && last === "") setRange(axis, null);
  else setEnds(axis, [first === "" ? axis.low : Number(first), last === "" ? axis.high : Number(last)], 1 - end);
}

// The same ranges as numbers, one line for each axis.
function listNumbers() {
  part("numbers").replaceChildren(...state.axes.map((axis) =>
    element("div", { class: axis.names ? "numbers of-names" : "numbers", role: "group", "aria-label": axis.title },
      element("span", { "aria-hidden": "true" }, axis.name),
      ...(axis.names ? axis.fields.map((box, value) => element("label", {}, box, axis.names[value]))
        : [axis.fields[0], element("span", { "aria-hidden": "true" }, "to"), axis.fields[1]]))));
}
