// The chosen network: structure, hyperparameters, complexities, scores, and how to get it.

function choose(row) {
  state.chosen = row;
  mark("chosen", row);
  for (const line of part("best").querySelectorAll("tr")) {
    const same = row >= 0 && Number(line.dataset.architecture) === architectureOf(row);
    line.classList.toggle("chosen", same);
    line.querySelector("button").setAttribute("aria-pressed", same);
  }
  part("network").hidden = row < 0;
  if (row >= 0) showNetwork(row);
}

function showNetwork(row) {
  const stages = stagesOf(row), json = jsonOf(row), where = roundOf(row);
  part("network-title").textContent = idOf(row);
  part("network-where").textContent = `${state.group.family} on ${state.group.data}${where}`;
  const drawn = part("structure");
  if (stages === null) {
    drawn.replaceChildren(element("p", {}, `The family ${state.group.family} was not installed where this page was written, so its structure is not drawn.`));
    part("stages").replaceChildren();
    part("shares").replaceChildren();
  } else {
    drawn.replaceChildren(structureDrawing(stages));
    part("stages").replaceChildren(stageTable(stages));
    part("shares").replaceChildren(shareDrawing(stages, "flops", "FLOPs"), shareDrawing(stages, "params", "Parameters"));
  }
  part("values").replaceChildren(...state.group.axes.map((axis) => element("div", { class: axis.kind },
    element("dt", { title: axis.title }, axis.unit ? `${axis.name}, ${axis.unit}` : axis.name),
    element("dd", {}, axis.kind === "log" ? whole(axis.values[row]) : spelled(axis, axis.values[row])))));
  part("json").textContent = json;
  part("command").textContent = `netlore show '${json.replaceAll("'", "'\\''")}'`;
}

function roundOf(row) { return state.group.round ? `, round ${state.group.round[row]}` : ""; }

// The canonical form of an architecture, which `netlore show` reads: hyperparameters sorted by name.
function jsonOf(row) {
  const values = {};
  const grids = state.group.axes.filter((axis) => axis.kind === "grid");
  for (const axis of grids.sort((a, b) => (a.name < b.name ? -1 : 1))) values[axis.name] = axis.values[row];
  return JSON.stringify({ family: state.group.family, values });
}

async function copy(button) {
  const text = part(button.dataset.copy).textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text); // pages from a disk may not use the clipboard in some browsers
  }
  part("copied").textContent = `Copied: ${text}`;
  button.textContent = "Copied";
  window.setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

function copyBySelection(text) {
  const field = element("textarea", { class: "aside" });
  field.value = text;
  root.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
