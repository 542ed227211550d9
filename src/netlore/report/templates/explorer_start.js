// What depends on what: a group, a round or a range changes, and everything below it is drawn again.

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const PAUSE = 1200; // milliseconds that a round stays when the rounds are played
let playing = 0, pending = 0;

// At most once a frame, however often a pointer moves.
function refresh() {
  if (!pending) pending = requestAnimationFrame(refreshNow);
}

function refreshNow() {
  cancelAnimationFrame(pending);
  pending = 0;
  state.shown = Uint8Array.from({ length: state.group.count }, (_, row) => (showsRow(row) ? 1 : 0));
  state.selected = state.shown.slice();
  for (const axis of state.axes.filter(isFiltered)) {
    axis.values.forEach((value, row) => { if (!admits(axis, value)) state.selected[row] = 0; });
  }
  state.total = sum(state.shown);
  state.count = sum(state.selected);
  part("count").textContent = countText();
  part("clear").disabled = !state.axes.some(isFiltered);
  listBest();
  paint();
}

function countText() {
  const { rounds, of } = state.group, text = `${whole(state.count)} of ${whole(state.total)} networks selected`;
  const all = state.round ? sum(rounds.slice(state.upTo ? 0 : state.round - 1, state.round), (one) => one.of) : of;
  const which = state.round ? `, ${state.upTo ? "up to round" : "of round"} ${rounds[state.round - 1].number}` : "";
  return text + which + (all > state.total ? `${which ? " " : "; "}(${whole(all)} were scored)` : "");
}

// Which networks belong to what is shown: of the round, or of all rounds up to it; 0 stands for all rounds together.
function showsRow(row) {
  if (state.round === 0) return true;
  const number = state.group.rounds[state.round - 1].number, own = state.group.round[row];
  return state.upTo ? own <= number : own === number;
}

function setRound(round) {
  const rounds = state.group.rounds, slider = part("round");
  state.round = clamp(round, 0, rounds.length);
  const text = state.round ? `round ${rounds[state.round - 1].number} of ${rounds.length}` : "all rounds";
  part("rounds").hidden = rounds.length === 0;
  slider.max = rounds.length;
  slider.value = state.round;
  slider.setAttribute("aria-valuetext", text);
  part("round-text").textContent = text;
  part("previous").disabled = state.round === 0;
  part("next").disabled = state.round === rounds.length;
  refresh();
  drawIntervals();
}

function play() {
  if (playing) return stopPlaying();
  part("play").textContent = "Pause";
  const last = state.group.rounds.length;
  setRound(state.round >= last ? 1 : state.round + 1);
  playing = window.setInterval(() => {
    if (state.round >= last) stopPlaying();
    else setRound(state.round + 1);
  }, PAUSE);
  return undefined;
}

function stopPlaying() {
  window.clearInterval(playing);
  playing = 0;
  part("play").textContent = "Play";
}

function openGroup(index) {
  stopPlaying();
  const group = groupAt(index), scores = group.axes.filter((axis) => axis.kind === "score");
  Object.assign(state, { group, axes: group.axes, chosen: -1 });
  options(part("score"), scores);
  options(part("colour"), group.axes, scores[0]?.name);
  group.axes.forEach(makeControls);
  listAxes();
  listNumbers();
  state.round = 0;
  redraw();
  setRound(0);
  refreshNow();
  part("best").querySelector("button")?.click(); // a page that shows one structure shows that there are structures
}

function options(menu, axes, chosen = axes[0]?.name) {
  menu.replaceChildren(...axes.map((axis) => element("option", { value: axis.name }, axis.title)));
  menu.value = chosen;
}

// After the group, the axes shown, the width of the page or the colours changed.
function redraw() {
  state.visible = state.axes.filter((axis) => axis.on);
  state.colour = state.axes.find((axis) => axis.name === part("colour").value) ?? state.axes[0];
  layOut();
  colourScale();
  drawAxes();
  refresh();
}

function listAxes() {
  part("axes").replaceChildren(...state.axes.map((axis) => {
    const box = element("input", { type: "checkbox", value: axis.name });
    box.checked = axis.on;
    box.addEventListener("change", () => {
      axis.on = box.checked || state.axes.every((one) => one === axis || !one.on); // one axis stays
      box.checked = axis.on;
      redraw();
    });
    return element("label", {}, box, axis.name);
  }));
}

function wirePlot() {
  const overlay = part("overlay"), scroll = part("scroll");
  const under = (event) => {
    const box = overlay.getBoundingClientRect();
    return event.target.dataset.touch ? -1 : nearest(event.clientX - box.left, event.clientY - box.top);
  };
  overlay.addEventListener("pointerdown", startDrag);
  overlay.addEventListener("pointermove", (event) => {
    goOn(event);
    if (drag.axis === null && event.pointerType === "mouse") mark("hover", under(event));
  });
  for (const kind of ["pointerup", "pointercancel"]) overlay.addEventListener(kind, endDrag);
  overlay.addEventListener("touchmove", holdPage, { passive: false });
  overlay.addEventListener("pointerleave", () => mark("hover", -1));
  overlay.addEventListener("click", (event) => {
    const row = under(event);
    if (row >= 0) choose(row);
  });
  let width = scroll.clientWidth;
  new ResizeObserver(() => {
    if (scroll.clientWidth !== width) redraw();
    width = scroll.clientWidth;
  }).observe(scroll);
}

function wireRounds() {
  const go = (name, event, to) => part(name).addEventListener(event, () => { stopPlaying(); setRound(to()); });
  go("round", "input", () => Number(part("round").value));
  go("previous", "click", () => state.round - 1);
  go("next", "click", () => state.round + 1);
  part("play").addEventListener("click", play);
  part("up-to").addEventListener("change", (event) => { state.upTo = event.target.checked; refresh(); });
  // Rounds that play by themselves are motion: there is no button for who asked for less of it.
  const offer = () => { part("play").hidden = still.matches; if (still.matches) stopPlaying(); };
  still.addEventListener("change", offer);
  offer();
}

part("group").replaceChildren(...data.groups.map((group, index) => element("option", { value: index }, group.label)));
part("group").addEventListener("change", (event) => openGroup(Number(event.target.value)));
part("colour").addEventListener("change", redraw);
part("score").addEventListener("change", listBest);
part("clear").addEventListener("click", clearRanges);
for (const button of root.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
dark.addEventListener("change", redraw);
wireRounds();
wirePlot();
openGroup(0);
root.dataset.ready = "true";
