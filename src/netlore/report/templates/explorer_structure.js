// The structure of a network: every block as a bar, as high as the logarithm of its width.

const PLACES = ["main", "branch", "shortcut"], KINDS = ["convolution", "linear"];
const STAGE_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]; // Okabe and Ito (2008)

// [name, part, times, part, times, ...] becomes a stage with its blocks and sums.
function stageOf(code, number) {
  const runs = [];
  for (let i = 1; i < code.length; i += 2) runs.push({ ...partOf(data.parts[code[i]]), times: code[i + 1] });
  const total = (measure) => runs.reduce((sum, run) => sum + run[measure] * run.times, 0);
  const plain = code[0] === "stem" || code[0] === "head";
  return {
    name: code[0], runs, times: runs.reduce((sum, run) => sum + run.times, 0),
    flops: total("flops"), params: total("params"), activations: total("activations"),
    colour: plain ? "var(--muted)" : STAGE_COLOURS[number % STAGE_COLOURS.length],
  };
}

function partOf([residual, width, resolution, flops, params, activations, layers]) {
  const rows = layers.map(([place, kind, wIn, wOut, kernel, stride, groups]) => (
    { place: PLACES[place], kind: KINDS[kind], wIn, wOut, kernel, stride, groups }));
  const inside = rows.filter((row) => row.place === "branch");
  const widest = inside.reduce((best, row) => (row.kernel > best.kernel ? row : best), inside[0] ?? rows[0]);
  return { residual: residual === 1, width, resolution, flops, params, activations, rows, core: widest };
}

function stagesOf(row) {
  const shape = data.shapes[architectureOf(row)];
  if (shape === null) return null;
  let number = -1;
  return shape.map((code) => {
    if (code[0] !== "stem" && code[0] !== "head") number += 1;
    return stageOf(code, Math.max(0, number));
  });
}

// A bar's full height is the width that the block hands on; inside, darker, is the width of its largest
// convolution, cut into as many pieces as that has groups.
function structureDrawing(stages) {
  const tall = 118, foot = 168, gap = 16, blocks = stages.reduce((sum, stage) => sum + stage.times, 0);
  const bar = clamp(Math.floor((620 - gap * stages.length) / blocks), 4, 22), thin = bar > 6 ? 2 : 1;
  const widest = Math.max(...stages.flatMap((s) => s.runs.flatMap((run) => [run.width, run.core?.wOut ?? 1])));
  const height = (width) => 6 + ((tall - 6) * Math.log2(Math.max(1, width))) / Math.max(1, Math.log2(widest));
  let x = 8;
  const made = drawing("svg", { class: "structure", role: "img", "aria-label": describe(stages) });
  for (const stage of stages) {
    const group = drawing("g", { class: "stage", "data-stage": stage.name, style: `color: ${stage.colour}` });
    const wide = Math.max(stage.times * bar, 34);
    group.append(drawing("text", { class: "name", x: x + wide / 2, y: foot + 18 }, stage.name));
    const size = stage.runs[stage.runs.length - 1];
    group.append(drawing("text", { class: "size", x: x + wide / 2, y: foot + 33 }, `${size.resolution} px`));
    let at = x + (wide - stage.times * bar) / 2;
    for (const run of stage.runs) {
      for (let i = 0; i < run.times; i += 1, at += bar) group.append(...blockDrawing(run, at, bar - thin, foot, height));
    }
    group.append(drawing("line", { class: "floor", x1: x, x2: x + wide, y1: foot + 2.5, y2: foot + 2.5 }));
    const top = foot - height(Math.max(size.width, size.core?.wOut ?? 1));
    group.append(drawing("text", { class: "width", x: x + wide / 2, y: top - 7 }, `${size.width}`));
    made.append(group);
    x += wide + gap;
  }
  made.setAttribute("viewBox", `0 0 ${x - gap + 8} ${foot + 40}`);
  made.style.width = `${x - gap + 8}px`;
  return made;
}

function blockDrawing(run, x, wide, foot, height) {
  const full = height(run.width), core = run.core, inner = core ? height(core.wOut) : full;
  const pieces = [drawing("rect", { class: "block", x, y: foot - full, width: wide, height: full, rx: 1.5 })];
  if (!run.residual) return pieces;
  const margin = wide > 6 ? 2 : 0;
  pieces.push(drawing("rect", { class: "core", x: x + margin, y: foot - inner, width: wide - 2 * margin, height: inner }));
  for (let i = 1; i < Math.min(core.groups, inner / 3); i += 1) {
    const y = foot - (inner * i) / Math.min(core.groups, inner / 3);
    pieces.push(drawing("line", { class: "cut", x1: x + margin, x2: x + wide - margin, y1: y, y2: y }));
  }
  return pieces;
}

function describe(stages) {
  const words = stages.map((stage) => `${stage.name}: ${stage.times} × width ${stage.runs[stage.runs.length - 1].width}`);
  return `Structure. ${words.join("; ")}.`;
}

// Where the cost goes: a bar for each measure, a piece for each stage.
function shareDrawing(stages, measure, title) {
  const total = stages.reduce((sum, stage) => sum + stage[measure], 0);
  const bar = element("div", { class: "share-bar", "aria-hidden": "true" });
  for (const stage of stages) {
    const share = total ? (100 * stage[measure]) / total : 0;
    bar.append(element("span", { style: `width: ${share}%; background: ${stage.colour}` }, share > 9 ? `${Math.round(share)} %` : ""));
  }
  return element("div", { class: "share" }, element("span", {}, `${title} by stage`), bar);
}

function layerText({ kind, kernel, wIn, wOut, stride, groups }) {
  if (kind === "linear") return `linear ${wIn} → ${wOut}`;
  return `${kernel}×${kernel} ${wIn} → ${wOut}${groups > 1 ? `, ${groups} groups` : ""}${stride > 1 ? `, stride ${stride}` : ""}`;
}

// A block's layers, and where the first block of a stage differs, what it starts with.
function stageRow(stage) {
  const run = stage.runs[stage.runs.length - 1], first = stage.runs[0].rows;
  const main = run.rows.filter((row) => row.place !== "shortcut").map(layerText).join("; ");
  const entry = stage.runs.length > 1 && first.length ? `; the first from ${first[0].wIn} at ${stage.runs[0].resolution} px` : "";
  const cells = [stage.times, run.width, run.core?.wOut ?? "–", run.core?.groups ?? "–", `${run.resolution} px`,
    short(stage.flops), short(stage.params)];
  return element("tr", {}, element("th", { scope: "row" },
    element("i", { class: "dot", style: `background: ${stage.colour}` }), stage.name),
  ...cells.map((cell) => element("td", {}, String(cell))), element("td", { class: "text" }, main + entry));
}

function stageTable(stages) {
  const heads = ["Stage", "Blocks", "Width", "Inner width", "Groups", "Input", "FLOPs", "Params", "Layers of a block"];
  return element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...stages.map(stageRow)));
}
