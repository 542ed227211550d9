// Ranges on axes: dragged with a pointer, moved with the keyboard, or typed.

const EDGE = 9; // pixels around the end of a range in which a drag moves that end
const drag = { axis: null, anchor: null, from: 0, range: null, moved: false, x: 0, y: 0 };
const lastTap = { name: "", time: 0 };

function setRange(axis, range) {
  if (range !== null) {
    const [low, high] = [Math.min(...range), Math.max(...range)];
    // The whole of a score's axis is a range nonetheless: it leaves out networks without a score.
    range = low <= axis.low && high >= axis.high && axis.kind !== "score" ? null : [low, high];
  }
  axis.range = range;
  drawRanges();
  refresh();
}

function clearRanges() {
  for (const axis of state.axes) axis.range = null;
  drawRanges();
  refresh();
}

function positionAt(event) {
  const box = part("overlay").getBoundingClientRect();
  return 1 - (event.clientY - box.top - TOP) / HEIGHT;
}

function startDrag(event) {
  const name = event.target.dataset.touch;
  if (name === undefined || event.button > 0) return;
  const axis = state.axes.find((one) => one.name === name), place = positionAt(event);
  event.target.setPointerCapture(event.pointerId);
  // A drag pulls one end of a range while the other, the anchor, stays; without an anchor it moves the range.
  const [low, high] = axis.range ? axis.edges(axis.range) : [NaN, NaN], reach = EDGE / HEIGHT;
  let anchor = axis.at(clamp(place, 0, 1));
  if (Math.abs(place - high) < reach) anchor = axis.range[0];
  else if (Math.abs(place - low) < reach) anchor = axis.range[1];
  else if (place > low && place < high) anchor = null;
  Object.assign(drag, { axis, anchor, from: place, range: axis.range, moved: false, x: event.clientX, y: event.clientY });
}

// A finger that moves along an axis selects; one that moves across it scrolls the plot. Browsers do not heed
// `touch-action` on shapes of a drawing, so the page is told here not to scroll.
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
  if (drag.axis === null) return;
  if (event.type === "pointerup") goOn(event);
  if (drag.axis === null) return;
  const axis = drag.axis;
  drag.axis = null;
  if (drag.moved || event.type === "pointercancel") return;
  // Two taps on one axis clear it; browsers do not send double clicks for all pointers.
  const now = performance.now(), again = lastTap.name === axis.name && now - lastTap.time < 400;
  Object.assign(lastTap, again ? { name: "", time: 0 } : { name: axis.name, time: now });
  if (again) setRange(axis, null);
}

function drawThumbs() {
  const box = part("thumbs");
  const focused = document.activeElement?.dataset?.thumb;
  box.replaceChildren(
    ...state.visible.flatMap((axis) => ["low", "high"].map((end) => thumb(axis, end))),
  );
  if (focused) box.querySelector(`[data-thumb="${CSS.escape(focused)}"]`)?.focus();
}

function thumb(axis, end) {
  const made = element("div", {
    class: `thumb ${end}`, role: "slider", tabindex: 0, "aria-orientation": "vertical",
    "data-thumb": `${axis.name} ${end}`, "aria-label": `${axis.title}, ${end === "low" ? "from" : "to"}`,
    "aria-valuemin": axis.low, "aria-valuemax": axis.high,
  });
  made.addEventListener("keydown", (event) => press(event, axis, end));
  return made;
}

function moveThumbs(axis, x, low, high) {
  const ends = { low: [low, axis.range ? axis.range[0] : axis.low], high: [high, axis.range ? axis.range[1] : axis.high] };
  for (const [end, [y, value]] of Object.entries(ends)) {
    const made = part("thumbs").querySelector(`[data-thumb="${CSS.escape(`${axis.name} ${end}`)}"]`);
    made.style.left = `${x}px`;
    made.style.top = `${y}px`;
    made.setAttribute("aria-valuenow", value);
    made.setAttribute("aria-valuetext", `${spelled(axis, value)}${axis.range ? "" : ", whole axis"}`);
  }
}

// Arrows move an end by a value of the grid or a hundredth of the axis, Page Up and Down by ten of those.
function press(event, axis, end) {
  const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
  const [low, high] = axis.range ?? [axis.low, axis.high], value = end === "low" ? low : high;
  let next = null;
  if (event.key === "Escape") return void (event.preventDefault(), setRange(axis, null));
  if (steps !== undefined) next = axis.moved(value, steps);
  if (event.key === "Home") next = end === "low" ? axis.low : low;
  if (event.key === "End") next = end === "low" ? high : axis.high;
  if (next === null) return;
  event.preventDefault();
  setRange(axis, end === "low" ? [Math.min(next, high), high] : [low, Math.max(next, low)]);
}

// The same ranges as numbers, one line for each axis.
function listNumbers() {
  part("numbers").replaceChildren(
    ...state.axes.map((axis) =>
      element("div", { class: "numbers", role: "group", "aria-label": axis.title },
        element("span", { "aria-hidden": "true" }, axis.name),
        numberField(axis, 0), element("span", { "aria-hidden": "true" }, "to"), numberField(axis, 1))),
  );
}

function numberField(axis, end) {
  const made = element("input", {
    type: "number", step: "any", "data-number": `${axis.name} ${end}`,
    "aria-label": `${axis.title}, ${end ? "to" : "from"}`, placeholder: spelled(axis, end ? axis.high : axis.low),
  });
  made.addEventListener("change", () => {
    const [first, last] = [0, 1].map((one) => fieldOf(axis, one).value);
    const low = first === "" ? axis.low : Number(first), high = last === "" ? axis.high : Number(last);
    setRange(axis, first === "" && last === "" ? null : end ? [Math.min(low, high), high] : [low, Math.max(low, high)]);
  });
  return made;
}

function fieldOf(axis, end) { return part("numbers").querySelector(`[data-number="${CSS.escape(`${axis.name} ${end}`)}"]`); }

function showNumbers(axis) {
  for (const end of [0, 1]) fieldOf(axis, end).value = axis.range ? String(axis.range[end]) : "";
}
