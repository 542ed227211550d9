// The best of the selected networks, each architecture once.

const LISTED = Number(root.dataset.best);

function listBest() {
  const axis = scoreAxis(), seen = new Set(), rows = [];
  if (axis === null) return void part("best").replaceChildren();
  const found = [];
  for (let row = 0; row < state.group.count; row += 1) {
    if (state.selected[row] && Number.isFinite(axis.values[row])) found.push(row);
  }
  found.sort((a, b) => axis.values[b] - axis.values[a] || a - b);
  for (const row of found) {
    if (seen.has(architectureOf(row))) continue;
    seen.add(architectureOf(row));
    rows.push(row);
    if (rows.length === LISTED) break;
  }
  part("best").replaceChildren(...rows.map((row, rank) => bestRow(row, rank + 1, axis)));
  part("best-none").hidden = rows.length > 0;
  part("best-score").textContent = `${axis.name}, ${axis.unit}`;
  return undefined;
}

function scoreAxis() {
  const name = part("score").value;
  return state.axes.find((axis) => axis.kind === "score" && axis.name === name) ?? null;
}

function bestRow(row, rank, axis) {
  const value = (name) => state.axes.find((one) => one.name === name).values[row];
  const same = state.chosen >= 0 && architectureOf(state.chosen) === architectureOf(row);
  const button = element("button", { type: "button", "aria-pressed": same, title: idOf(row) }, briefly(row));
  const line = element("tr", { "data-architecture": architectureOf(row), class: same ? "chosen" : "" },
    element("td", {}, String(rank)), element("th", { scope: "row" }, button), element("td", {}, spelled(axis, axis.values[row])),
    element("td", {}, short(value("flops"))), element("td", {}, short(value("params"))));
  line.addEventListener("click", () => choose(row));
  line.addEventListener("pointerenter", () => mark("hover", row));
  line.addEventListener("pointerleave", () => mark("hover", -1));
  return line;
}

// d 15,16,16; w 8,16,64: hyperparameters by their letters, as netlore prints architectures.
function briefly(row) {
  const letters = new Map();
  for (const axis of state.group.axes.filter((one) => one.kind === "grid")) {
    const letter = axis.name.replace(/\d+$/, "");
    letters.set(letter, [...(letters.get(letter) ?? []), axis.values[row]]);
  }
  return [...letters].map(([letter, values]) => `${letter} ${values.join(",")}`).join("; ");
}
