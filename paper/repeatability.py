"""Write which predictors have principles that repeat, by which method, from stored scores.

    python -m paper.repeatability docs/repeatability.md results

Of the folders in `results`, `repeatability` holds runs of `netlore refine`, or archives of them, and of the scores
that `netlore compare --again` gave their elites; `ablations` what paper/ablate_memory.py wrote; `budgets`
refinements of one predictor with memory under other budgets. Nothing is scored. Figures go to `figures` next to
the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import netlore as nl
from netlore.analysis.interval_overlap import Stability, interval_widths, stability
from netlore.errors import InvalidInput
from netlore.report.command_lines import refine_command
from netlore.report.compare.collect import find_methods
from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings
from netlore.report.compare.tables import comparison_tables
from netlore.report.compare.write import again_options
from netlore.report.figures.courses import comparison_figures
from netlore.report.figures.figure import png_bytes
from netlore.report.names import kept_text
from netlore.report.tables.table import NamedTable, named_table
from netlore.report.text.phrases import join, number_text, percent
from netlore.storage.atomic import make_folder, write_whole
from paper.pages import parser, rendered

COMMAND = "python -m paper.repeatability docs/repeatability.md results"
AGREE, NARROW, CLOSE = 0.9, 0.5, 1.0
"""Principles repeat if intervals hold other seeds' medians in at least the first share of cases, cover at most the
second share of the grids, and elites lie at most the third number of noise units apart."""
TABLES = ("methods", "repetition", "best-known", "final-intervals")
"""Tables of a comparison that the page has."""
WHOLE = "as it is"
"""The variant of an ablation that has all parts."""


def main() -> None:
    """Write the document and its figures."""
    options = parser(__doc__, "out", "results").parse_args()
    folders = {part: sorted((options.results / part).glob("*/run.json")) for part in ("repeatability", "budgets")}
    findings = find_methods([path.parent for path in folders["repeatability"]])
    figures = make_folder(options.out.parent / "figures")
    for figure in comparison_figures(findings):
        write_whole(figures / f"{figure.name}.png", png_bytes(figure.draw()))
    budgets = [find_methods([path.parent]).groups[0] for path in folders["budgets"]]
    text = document(findings, sorted((options.results / "ablations").glob("*.csv")), budgets)
    print(write_whole(options.out, text.encode()))


def document(
    findings: ComparisonFindings, ablations: Sequence[Path] = (), budgets: Sequence[GroupFindings] = ()
) -> str:
    """The whole page."""
    predictor = budgets[0].first.predictor if budgets else None
    same = [one for one in findings.groups if one.first.predictor == predictor]
    runs = [one.run for group in (*findings.groups, *budgets) for one in group.methods]
    return rendered(
        "repeatability.md.j2",
        command=COMMAND,
        rule={"agree": percent(AGREE), "narrow": percent(NARROW), "close": f"{CLOSE:g}"},
        says=[(group.title, says(group)) for group in findings.groups],
        tables=[one for one in comparison_tables(findings) if one.name in TABLES],
        figures=comparison_figures(findings),
        ablations=[ablation_table(path) for path in ablations],
        predictor=predictor,
        budgets=budgets_of([*same, *budgets]) if budgets else None,
        made=findings.made,
        commands=[refine_command(run.configuration, run.asked) for run in runs],
        again=join(sorted({again_options(group.rescored) for group in findings.groups if group.rescored})),
    )


def says(group: GroupFindings) -> str:
    """For which methods the principles of a predictor repeat, for which not and why, and which ends highest."""
    faults = {one.label: lacks(group, one) for one in group.methods}
    yes, no = ([label for label in faults if bool(faults[label]) is wanted] for wanted in (False, True))
    text = f"principles repeat by {join(yes) if yes else 'no method'}."
    if no:
        text += " Not by " + join([f"{label} ({', '.join(faults[label])})" for label in no]) + "."
    (best, score), *others = group.ranked
    if others:
        second, below = others[0]
        distance = group.in_noise(score - below)
        units = f"{distance:.1f} noise units" if distance is not None else number_text(score - below)
        text += f" Highest median rescored elite score: {best.label}, {units} above {second.label}."
    return text


def lacks(group: GroupFindings, one: MethodFindings) -> list[str]:
    """What is missing for principles of a method that repeat; nothing if they do."""
    if one.stability is None:
        return ["one seed"]
    containment, scores, found = float(np.mean(one.stability.containment)), group.elite_scores(one), []
    spread = group.in_noise(max(scores) - min(scores)) if len(scores) > 1 else None
    if containment < AGREE:
        found.append(f"containment {percent(round(containment, 3))}")
    if one.width > NARROW:
        found.append(f"intervals cover {percent(round(one.width, 3))}")
    if spread is None or spread > CLOSE:
        found.append("spread not known" if spread is None else f"{spread:.1f} noise units apart")
    return found


def budgets_of(groups: Sequence[GroupFindings]) -> tuple[str, pd.DataFrame]:
    """One predictor's refinements with memory under several budgets: what repeats, and a row for each seed."""
    found = [one for group in groups for one in group.methods if one.run.method == "memory"]
    found.sort(key=lambda one: max(each.rounds[-1].estimates["flops"].high for each in one.run.refinements))
    lines, repeats = [], []
    for one in found:
        text = (
            "containment {:.0%}, Jaccard {:.0%}".format(*_shares(one.stability)) if one.stability else "one seed"
        )
        repeats.append(f"{one.run.budget}: {text}, {min(one.networks):,} to {max(one.networks):,} networks")
        for each, sizes in zip(one.run.refinements, one.run.sizes_within_budget, strict=True):
            low, _, high = each.rounds[-1].estimates["flops"]
            line = {"budget": one.run.budget, "seed": str(each.seed)}
            line["elites, MFLOPs"] = f"{low / 1e6:.1f} to {high / 1e6:.1f}"
            line["within"] = f"{sizes[-1].value / each.cardinalities[-1]:.0%}"
            lines.append(line | {name: kept_text(each.principles[name]) for name in one.run.grids})
    return "; ".join(repeats), pd.DataFrame(lines)


def _shares(found: Stability) -> tuple[float, float]:
    """Containment and Jaccard, mean over the hyperparameters."""
    return float(np.mean(found.containment)), float(np.mean(found.jaccard))


def ablation_table(path: Path) -> NamedTable:
    """The table of a file of `ablate_memory.py`, named PREDICTOR-DATA.csv; the whole method is the first row.

    Raises:
        InvalidInput: It has no row of the whole method, so there is nothing to compare with.
    """
    rows = pd.read_csv(path)
    if WHOLE not in set(rows["variant"]):
        raise InvalidInput(f"{path} has no row '{WHOLE}'; run ablate_memory.py for it.")
    noise = float(np.sqrt(np.mean(rows["noise"] ** 2)))
    rows["bias"] = (rows["own"] - rows["fresh"]) / noise
    variants = dict(iter(rows.groupby("variant", sort=False)))
    found = [_ablation_row(variants.pop(WHOLE)), *map(_ablation_row, variants.values())]
    predictor, _, data = path.stem.partition("-")
    caption = (
        f"{predictor} on {data}, the refinement with memory and variants of it. Rescored elite score: mean of a "
        "seed's twelve elites, each scored three times under new initialisations; selection bias: how far their "
        f"own scores are above that, mean over the seeds, in units of the noise ({noise:.3g})."
    )
    return named_table(f"ablations-{path.stem}", caption, found)


def _ablation_row(rows: pd.DataFrame) -> dict[str, object]:
    """One variant over its seeds."""
    grids, ends = nl.anynet().grids, ("low", "middle", "high")
    found = [{n: tuple(row[f"{end}_{n}"] for end in ends) for n in grids} for row in rows.to_dict("records")]
    widths = [interval_widths({n: (one[0], one[2]) for n, one in each.items()}, grids) for each in found]
    shares = _shares(stability(found, grids)) if len(found) > 1 else (None, None)
    return {
        "Variant": rows["variant"].iloc[0],
        "Seeds": len(rows),
        "Networks, median": int(rows["networks"].median()),
        "Lowest rescored elite score": rows["fresh"].min(),
        "Median rescored elite score": rows["fresh"].median(),
        "Selection bias, noise units": rows["bias"].mean(),
        "Containment": shares[0],
        "Jaccard": shares[1],
        "Interval width": np.mean([[*one.values()] for one in widths]),
    }


if __name__ == "__main__":
    main()
