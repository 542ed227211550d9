// What depends on what: a group, a round or a range changes, and everything below it is drawn again.

let pending = 0, pendingRound = false;

// At most once a frame, however often a pointer moves.
function refresh(round = false) {
  pendingRound = pendingRound || round;
  if (!pending) pending = requestAnimationFrame(refreshNow);
}

function refreshNow() {
  cancelAnimationFrame(pending);
  pending = 0;
  if (pendingRound || state.shown === null) {
    state.shown = Uint8Array.from({ length: state.group.count }, (_, row) => (showsRow(row) ? 1 : 0));
    state.total = state.shown.reduce((sum, one) => sum + one, 0);
    pendingRound = false;
  }
  select();
  part("count").textContent = countText();
  part("clear").disabled = state.axes.every((axis) => axis.range === null);
  listBest();
  paint();
}

function select() {
  const ranged = state.axes.filter((axis) => axis.range !== null);
  state.selected = state.shown.slice();
  for (const { values, range: [low, high] } of ranged) {
    // NaN is in no range.
    for (let row = 0; row < values.length; row += 1) if (!(values[row] >= low && values[row] <= high)) state.selected[row] = 0;
  }
  state.count = state.selected.reduce((sum, one) => sum + one, 0);
}

function countText() {
  const group = state.group, text = `${whole(state.count)} of ${whole(state.total)} networks selected`;
  const upTo = state.upTo ? group.rounds?.slice(0, state.round) : group.rounds?.slice(state.round - 1, state.round);
  const all = state.round ? upTo.reduce((sum, one) => sum + one.of, 0) : group.of;
  const which = state.round ? `${state.upTo ? "up to round" : "of round"} ${group.rounds[state.round - 1].number}` : "";
  const thinned = all > state.total ? `${which ? " " : "; "}(${whole(all)} were scored)` : "";
  return `${text}${which ? `, ${which}` : ""}${thinned}`;
}

function openGroup(index) {
  stopPlaying();
  const group = groupAt(index);
  Object.assign(state, { group, axes: group.axes, round: 0, shown: null, chosen: -1 });
  const scores = group.axes.filter((axis) => axis.kind === "score");
  options(part("score"), scores, scores[0]?.name);
  options(part("colour"), group.axes, scores[0]?.name ?? group.axes[0].name);
  listAxes();
  listNumbers();
  showRounds();
  redraw();
  refreshNow();
  part("best").querySelector("button")?.click(); // a page that shows one structure shows that there are structures
}

function options(menu, axes, chosen) {
  menu.replaceChildren(...axes.map((axis) => element("option", { value: axis.name }, axis.title)));
  if (chosen !== undefined) menu.value = chosen;
}

// After the group, the axes shown, the width of the page or the colours changed.
function redraw() {
  state.visible = state.axes.filter((axis) => axis.on);
  state.colour = state.axes.find((axis) => axis.name === part("colour").value) ?? state.axes[0];
  layOut();
  colourScale();
  drawAxes();
  drawIntervals();
}

function listAxes() {
  part("axes").replaceChildren(...state.axes.map((axis) => {
    const box = element("input", { type: "checkbox", value: axis.name });
    box.checked = axis.on;
    box.addEventListener("change", () => {
      axis.on = box.checked || state.axes.every((one) => one === axis || !one.on); // one axis stays
      box.checked = axis.on;
      redraw();
      refresh();
    });
    return element("label", {}, box, axis.name);
  }));
}

function wirePlot() {
  const overlay = part("overlay"), at = (event) => {
    const box = overlay.getBoundingClientRect();
    return nearest(event.clientX - box.left, event.clientY - box.top);
  };
  overlay.addEventListener("pointerdown", startDrag);
  overlay.addEventListener("pointermove", (event) => {
    goOn(event);
    if (drag.axis === null && event.pointerType === "mouse") mark("hover", event.target.dataset.touch ? -1 : at(event));
  });
  for (const kind of ["pointerup", "pointercancel"]) overlay.addEventListener(kind, endDrag);
  overlay.addEventListener("touchmove", holdPage, { passive: false });
  overlay.addEventListener("pointerleave", () => mark("hover", -1));
  overlay.addEventListener("click", (event) => {
    const row = event.target.dataset.touch ? -1 : at(event);
    if (row >= 0) choose(row);
  });
  let width = part("scroll").clientWidth;
  new ResizeObserver(() => {
    if (part("scroll").clientWidth === width) return;
    width = part("scroll").clientWidth;
    redraw();
    refresh();
  }).observe(part("scroll"));
}

function start() {
  part("group").replaceChildren(...data.groups.map((group, index) => element("option", { value: index }, group.label)));
  part("group").addEventListener("change", (event) => openGroup(Number(event.target.value)));
  part("colour").addEventListener("change", () => { redraw(); refresh(); });
  part("score").addEventListener("change", listBest);
  part("clear").addEventListener("click", clearRanges);
  for (const button of root.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  dark.addEventListener("change", () => { redraw(); refresh(); });
  wireRounds();
  wirePlot();
  openGroup(0);
  root.dataset.ready = "true";
}

start();
