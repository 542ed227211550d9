// The axes above the lines: names, ticks, the intervals of a round, and the ranges that are selected.

const NAME_LETTERS = 12; // of a name of a category, at the least distance of two axes

function drawAxes() {
  const overlay = part("overlay"), thumbs = part("thumbs"), focused = document.activeElement;
  overlay.setAttribute("viewBox", `0 0 ${plot.width} ${TOP + HEIGHT + FOOT}`);
  overlay.replaceChildren(
    ...["halo hover", "line hover", "halo chosen", "line chosen"].map((name) => drawing("polyline", { class: name })),
    ...state.visible.map((axis, k) => axisDrawing(axis, xOf(k))),
  );
  if (state.visible.some((axis) => axis.values.some(Number.isNaN))) {
    overlay.append(drawing("text", { class: "none", x: 4, y: TOP + NO_SCORE + 12 }, "no value"));
  }
  thumbs.replaceChildren(...state.visible.flatMap((axis) => axis.thumbs));
  if (thumbs.contains(focused)) focused.focus();
  drawRanges();
  drawIntervals();
  mark("chosen", state.chosen);
}

function axisDrawing(axis, x) {
  const reach = Math.min(22, plot.step ? plot.step * 0.3 : 22);
  axis.interval = drawing("rect", { class: "interval", "data-interval": axis.name, x: x - 9, width: 18, rx: 3 });
  axis.median = drawing("line", { class: "median", x1: x - 9, x2: x + 9 });
  axis.cells = (axis.names ?? []).map((name) => drawing("rect", { class: "interval", "data-kept": name, x: x - 9, width: 18, rx: 3 }));
  axis.bar = drawing("rect", { class: "range", x: x - 8, width: 16, rx: 2 });
  return drawing("g", { "data-axis": axis.name },
    drawing("text", { class: "name", x, y: 18 }, brief(axis.name, 11)),
    drawing("text", { class: "unit", x, y: 33 }, axis.unit),
    axis.interval,
    ...axis.cells,
    axis.median,
    drawing("line", { class: "spine", x1: x, x2: x, y1: TOP, y2: TOP + HEIGHT }),
    ...axis.ticks().flatMap((tick) => {
      const y = yOf(axis.position(tick));
      return [drawing("line", { class: "spine", x1: x - 4, x2: x, y1: y, y2: y }),
        drawing("text", { x: x - 7, y: y + 3.5, class: axis.names ? "tick of-name" : "tick", "data-value": tick },
          brief(spelled(axis, tick), NAME_LETTERS))];
    }),
    axis.bar,
    drawing("rect", {
      class: "touch", "data-touch": axis.name, x: x - reach, width: 2 * reach, y: TOP - 8, height: HEIGHT + 16,
    }, drawing("title", {}, `${axis.title}: drag to select a range, double click to clear it`)));
}

function stretch(bar, shown, top, foot) {
  bar.style.display = shown ? "" : "none";
  bar.setAttribute("y", top);
  bar.setAttribute("height", foot - top);
}

// The ranges as bars, thumbs and numbers.
function drawRanges() {
  state.visible.forEach((axis, k) => {
    const [low, high] = axis.range ? axis.edges(axis.range) : [0, 1];
    const top = Math.min(yOf(high), yOf(low) - 3);
    stretch(axis.bar, axis.range, top, yOf(low));
    moveThumb(axis, 0, xOf(k), yOf(low));
    moveThumb(axis, 1, xOf(k), top);
  });
  for (const axis of state.axes) {
    if (axis.names) axis.fields.forEach((box, value) => { box.checked = admits(axis, value); });
    else axis.fields.forEach((field, end) => { field.value = axis.range?.[end] ?? ""; });
  }
  for (const tick of part("overlay").querySelectorAll(".of-name")) {
    const axis = state.visible.find((one) => one.name === tick.parentNode.dataset.axis);
    tick.classList.toggle("left", !admits(axis, Number(tick.dataset.value)));
  }
}

// The interval that was found in the round shown; none for a sample or for all rounds together.
function drawIntervals() {
  const found = state.round ? state.group.rounds[state.round - 1].intervals : {};
  for (const axis of state.visible) {
    if (axis.names) {
      drawKept(axis, found[axis.name]);
      continue;
    }
    const [first, median, last] = found[axis.name] ?? [axis.low, axis.low, axis.low];
    const [low, high] = axis.edges([first, last]), middle = yOf(clamp(axis.position(median), 0, 1));
    stretch(axis.interval, axis.name in found, yOf(high), yOf(high) + Math.max(4, yOf(low) - yOf(high)));
    axis.median.style.display = axis.interval.style.display;
    axis.median.setAttribute("y1", middle);
    axis.median.setAttribute("y2", middle);
  }
  part("interval-note").hidden = state.round === 0;
}

// The names that a round keeps; the larger the share, the darker.
function drawKept(axis, shares) {
  axis.interval.style.display = "none";
  axis.median.style.display = "none";
  axis.cells.forEach((cell, value) => {
    const share = shares?.[value] ?? null, [low, high] = axis.edges([value, value]);
    stretch(cell, share !== null, yOf(high) + 2, yOf(low) - 2);
    cell.style.fillOpacity = 0.15 + 0.75 * (share ?? 0);
  });
}
