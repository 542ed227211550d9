// The axes above the lines: names, ticks, the intervals of a round, and the ranges that are selected.

function drawAxes() {
  const overlay = part("overlay");
  overlay.replaceChildren();
  overlay.setAttribute("viewBox", `0 0 ${plot.width} ${TOP + HEIGHT + FOOT}`);
  overlay.append(
    ...["hover", "chosen"].flatMap((name) => [
      drawing("polyline", { class: `halo ${name}`, "data-line": name, points: "" }),
      drawing("polyline", { class: `line ${name}`, "data-line": name, points: "" }),
    ]),
  );
  state.visible.forEach((axis, k) => overlay.append(axisDrawing(axis, xOf(k))));
  if (state.visible.some((axis) => axis.values.some((value) => Number.isNaN(value)))) {
    overlay.append(drawing("text", { class: "none", x: 4, y: TOP + NO_SCORE + 12 }, "no score"));
  }
  drawThumbs();
  drawRanges();
  mark("chosen", state.chosen);
}

function axisDrawing(axis, x) {
  const made = drawing("g", { class: `axis ${axis.kind}`, "data-axis": axis.name });
  const name = axis.name.length > 11 ? `${axis.name.slice(0, 10)}…` : axis.name;
  made.append(
    drawing("text", { class: "name", x, y: 18 }, name),
    drawing("text", { class: "unit", x, y: 33 }, axis.unit),
    drawing("rect", { class: "interval", "data-interval": axis.name, x: x - 9, width: 18, height: 0, rx: 3 }),
    drawing("line", { class: "median", "data-median": axis.name, x1: x - 9, x2: x + 9 }),
    drawing("line", { class: "spine", x1: x, x2: x, y1: TOP, y2: TOP + HEIGHT }),
  );
  for (const tick of axis.ticks()) {
    const y = yOf(axis.position(tick));
    made.append(drawing("line", { class: "spine", x1: x - 4, x2: x, y1: y, y2: y }));
    made.append(drawing("text", { class: "tick", x: x - 7, y: y + 3.5 }, spelled(axis, tick)));
  }
  const reach = Math.min(22, plot.step ? plot.step * 0.3 : 22);
  made.append(
    drawing("rect", { class: "range", "data-range": axis.name, x: x - 8, width: 16, height: 0, rx: 2 }),
    drawing("rect", {
      class: "touch", "data-touch": axis.name, x: x - reach, width: 2 * reach, y: TOP - 8, height: HEIGHT + 16,
    }, drawing("title", {}, `${axis.title}: drag to select a range, double click to clear it`)),
  );
  return made;
}

// The ranges as bars, thumbs and numbers.
function drawRanges() {
  state.visible.forEach((axis, k) => {
    const bar = part("overlay").querySelector(`[data-range="${CSS.escape(axis.name)}"]`);
    const [low, high] = axis.range ? axis.edges(axis.range) : [0, 1];
    const top = Math.min(yOf(high), yOf(low) - 3);
    bar.setAttribute("y", top);
    bar.setAttribute("height", yOf(low) - top);
    bar.style.display = axis.range ? "" : "none";
    moveThumbs(axis, xOf(k), yOf(low), top);
  });
  for (const axis of state.axes) showNumbers(axis);
}

// The interval that was found in the round shown; none for a sample or for all rounds together.
function drawIntervals() {
  const found = state.round > 0 ? state.group.rounds[state.round - 1].intervals : {};
  for (const axis of state.visible) {
    const bar = part("overlay").querySelector(`[data-interval="${CSS.escape(axis.name)}"]`);
    const line = part("overlay").querySelector(`[data-median="${CSS.escape(axis.name)}"]`);
    const interval = found[axis.name];
    bar.style.display = line.style.display = interval ? "" : "none";
    if (!interval) continue;
    const [low, high] = axis.edges([interval[0], interval[2]]);
    const middle = yOf(clamp(axis.position(interval[1]), 0, 1));
    bar.setAttribute("y", yOf(high));
    bar.setAttribute("height", Math.max(4, yOf(low) - yOf(high)));
    line.setAttribute("y1", middle);
    line.setAttribute("y2", middle);
  }
  part("interval-note").hidden = state.round === 0;
}
