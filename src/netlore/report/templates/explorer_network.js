// The chosen network and the best of the selected ones: structure, hyperparameters, scores, and how to get it.

const LISTED = Number(root.dataset.best);
const STAGE_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]; // Okabe and Ito (2008)

// The best of the selected networks by the score asked for, each architecture once.
function listBest() {
  const axis = state.axes.find((one) => one.kind === "score" && one.name === part("score").value), best = new Map();
  if (axis === undefined) return part("best").replaceChildren();
  const found = state.order.filter((row) => state.selected[row] && Number.isFinite(axis.values[row]));
  found.sort((a, b) => axis.values[b] - axis.values[a] || a - b);
  for (const row of found) if (!best.has(architectureOf(row)) && best.size < LISTED) best.set(architectureOf(row), row);
  part("best").replaceChildren(...[...best.values()].map((row, rank) => bestRow(row, rank + 1, axis)));
  part("best-none").hidden = found.length > 0;
  part("best-score").textContent = `${axis.name}, ${axis.unit}`;
  return undefined;
}

function bestRow(row, rank, axis) {
  const values = ["flops", "params"].map((name) => state.axes.find((one) => one.name === name))
    .map((one) => (one ? spelled(one, one.values[row]) : "–"));
  const button = element("button", { type: "button", title: idOf(row) }, briefly(row));
  const long = gridAxes().some((one) => one.names) ? "of-names" : "";
  const line = element("tr", { "data-architecture": architectureOf(row), class: long },
    element("td", {}, rank), element("th", { scope: "row" }, button),
    ...[spelled(axis, axis.values[row]), ...values].map((cell) => element("td", {}, cell)));
  showChosen(line);
  line.addEventListener("click", () => choose(row));
  line.addEventListener("pointerenter", () => mark("hover", row));
  line.addEventListener("pointerleave", () => mark("hover", -1));
  return line;
}

function showChosen(line) {
  const same = state.chosen >= 0 && Number(line.dataset.architecture) === architectureOf(state.chosen);
  line.classList.toggle("chosen", same);
  line.querySelector("button").setAttribute("aria-pressed", same);
}

function gridAxes() { return state.group.axes.filter((axis) => axis.kind === "grid"); }

// Of a torch module where it comes from, else hyperparameters by their letters, as netlore prints architectures:
// d 15,16,16; w 8,16,64.
function briefly(row) {
  if (nameOf(row)) return nameOf(row);
  const letters = new Map(), apart = gridAxes().some((one) => one.names) ? ", " : ","; // names may wrap
  for (const axis of gridAxes()) {
    const letter = axis.name.replace(/\d+$/, "");
    letters.set(letter, [...(letters.get(letter) ?? []), spelled(axis, axis.values[row])]);
  }
  return [...letters].map(([letter, values]) => `${letter} ${values.join(apart)}`).join("; ");
}

function choose(row) {
  state.chosen = row;
  mark("chosen", row);
  part("best").querySelectorAll("tr").forEach(showChosen);
  part("network").hidden = row < 0;
  if (row >= 0) showNetwork(row);
}

function showNetwork(row) {
  const { family, data: name, round, undrawn } = state.group, stages = stagesOf(row), module = nameOf(row);
  part("network-title").textContent = module || idOf(row);
  part("network-where").textContent = `${family} on ${name}${round ? `, round ${round[row]}` : ""}`;
  part("structure").replaceChildren(stages ? structureDrawing(stages) : element("p", {},
    module ? "netlore knows torch modules by their scores and sizes; their structure is not drawn." : undrawn));
  part("structure-key").hidden = !stages;
  part("stages").replaceChildren(...(stages ? [stageTable(stages)] : []));
  part("shares").replaceChildren(
    ...(stages ? [shareDrawing(stages, "flops", "FLOPs"), shareDrawing(stages, "params", "Parameters")] : []));
  part("values").replaceChildren(...state.group.axes.map((axis) => element("div", { class: axis.kind },
    element("dt", { title: axis.title }, axis.unit ? `${axis.name}, ${axis.unit}` : axis.name),
    element("dd", {}, axis.kind === "log" && Number.isFinite(axis.values[row]) ? whole(axis.values[row]) : spelled(axis, axis.values[row])))));
  // The canonical form of an architecture, which `netlore show` reads: hyperparameters sorted by name.
  const sorted = gridAxes().sort((a, b) => (a.name < b.name ? -1 : 1));
  const values = sorted.map((axis) => `${JSON.stringify(axis.name)}:${written(axis, axis.values[row])}`);
  const json = `{"family":${JSON.stringify(family)},"values":{${values.join(",")}}}`;
  root.querySelectorAll(".copyable").forEach((line) => { line.hidden = Boolean(module); });
  part("string").textContent = data.strings[architectureOf(row)]; // as the family's benchmark writes it
  part("own-string").hidden = part("string").textContent === "";
  part("json").textContent = json;
  const quoted = `'${json.replaceAll("'", "'\\''")}'`, [classes, side] = state.group.images;
  part("command").textContent = `netlore show ${quoted}`;
  part("time").parentElement.hidden = Boolean(module) || !side;
  part("time").textContent = `netlore latency ${quoted} --classes ${classes} --resolution ${side}`;
}

// A value as JSON: a whole number of a grid of real numbers stays a real one.
function written(axis, value) {
  if (axis.names) return JSON.stringify(axis.names[value]);
  return axis.real && Number.isInteger(value) ? value.toFixed(1) : String(value);
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

// Stages as runs of equal parts; null for a network that cannot be drawn.
function stagesOf(row) {
  let number = 0;
  return data.shapes[architectureOf(row)]?.map(([name, ...code]) => {
    const runs = [];
    for (let i = 0; i < code.length; i += 2) {
      const [residual, width, resolution, flops, params, inner, groups, enters, layers] = data.parts[code[i]];
      runs.push({ times: code[i + 1], residual, width, resolution, flops, params, inner, groups, enters, layers });
    }
    const plain = name === "stem" || name === "head", total = (of) => sum(runs, (run) => of(run) * run.times);
    const colour = plain ? "var(--muted)" : STAGE_COLOURS[number % STAGE_COLOURS.length];
    if (!plain) number += 1;
    const sums = { times: total(() => 1), flops: total((run) => run.flops), params: total((run) => run.params) };
    return { ...runs.at(-1), ...sums, name, runs, colour };
  });
}

// A bar's full height is the width of the block's output; inside, darker, is the width of its largest convolution,
// cut into as many pieces as that has groups.
function structureDrawing(stages) {
  const tall = 118, foot = 168, gap = 16;
  const bar = clamp(Math.floor((620 - gap * stages.length) / sum(stages, (stage) => stage.times)), 4, 22);
  const widest = Math.max(2, ...stages.flatMap((stage) => stage.runs.flatMap((run) => [run.width, run.inner])));
  const height = (width) => 6 + ((tall - 6) * Math.log2(Math.max(1, width))) / Math.log2(widest);
  let x = 8;
  const words = stages.map((stage) => `${stage.name}: ${stage.times} × width ${stage.width}`).join("; ");
  const made = drawing("svg", { class: "structure", role: "img", "aria-label": `Structure. ${words}.` });
  for (const stage of stages) {
    const wide = Math.max(stage.times * bar, 34), top = foot - height(Math.max(stage.width, stage.inner));
    const text = (name, y, said) => drawing("text", { class: name, x: x + wide / 2, y }, said);
    let at = x + (wide - stage.times * bar) / 2 - bar;
    made.append(drawing("g", { class: "stage", "data-stage": stage.name, style: `color: ${stage.colour}` },
      text("name", foot + 18, stage.name), text("size", foot + 33, `${stage.resolution} px`),
      ...stage.runs.flatMap((run) => Array(run.times).fill(run)).flatMap((run) => blockDrawing(run, at += bar, bar, foot, height)),
      drawing("line", { class: "floor", x1: x, x2: x + wide, y1: foot + 2.5, y2: foot + 2.5 }),
      text("width", top - 7, stage.width)));
    x += wide + gap;
  }
  made.setAttribute("viewBox", `0 0 ${x - gap + 8} ${foot + 40}`);
  made.style.width = `${x - gap + 8}px`;
  return made;
}

function blockDrawing(run, x, bar, foot, height) {
  const wide = bar - (bar > 6 ? 2 : 1), margin = wide > 6 ? 2 : 0, full = height(run.width), inner = height(run.inner);
  const pieces = [drawing("rect", { class: "block", x, y: foot - full, width: wide, height: full, rx: 1.5 })];
  if (!run.residual) return pieces;
  pieces.push(drawing("rect", { class: "core", x: x + margin, y: foot - inner, width: wide - 2 * margin, height: inner }));
  for (let i = 1; i < Math.min(run.groups, inner / 3); i += 1) {
    const y = foot - (inner * i) / Math.min(run.groups, inner / 3);
    pieces.push(drawing("line", { class: "cut", x1: x + margin, x2: x + wide - margin, y1: y, y2: y }));
  }
  return pieces;
}

// Where the cost goes: a bar for each measure, a piece for each stage.
function shareDrawing(stages, measure, title) {
  const total = sum(stages, (stage) => stage[measure]) || 1;
  const pieces = stages.map((stage) => {
    const share = (100 * stage[measure]) / total, style = `width: ${share}%; background: ${stage.colour}`;
    return element("span", { style }, share > 9 ? `${Math.round(share)} %` : "");
  });
  return element("div", { class: "share" }, element("span", {}, `${title} by stage`),
    element("div", { class: "share-bar", "aria-hidden": "true" }, ...pieces));
}

// A block's layers, and where the first block of a stage differs, what it starts with.
function stageRow(stage) {
  const [first, other] = stage.runs;
  const entry = other && first.layers ? `; the first from ${first.enters} at ${first.resolution} px` : "";
  const cells = [stage.times, stage.width, stage.inner || "–", stage.groups || "–", `${stage.resolution} px`,
    short(stage.flops), short(stage.params)];
  return element("tr", {},
    element("th", { scope: "row" }, element("i", { class: "dot", style: `background: ${stage.colour}` }), stage.name),
    ...cells.map((cell) => element("td", {}, cell)), element("td", { class: "text" }, stage.layers + entry));
}

function stageTable(stages) {
  const heads = ["Stage", "Blocks", "Width", "Inner width", "Groups", "Input", "FLOPs", "Params", "Layers of a block"];
  return element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...stages.map(stageRow)));
}
