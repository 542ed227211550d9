"""Write which predictors have principles that repeat, by which method, from stored scores.

    python scripts/write_repeatability.py docs/repeatability.md results

Of the folders in `results`, `repeatability` holds runs of `netlore refine`, or archives of them, and of the scores
that `netlore compare --again` gave their elites; `ablations` what scripts/ablate_memory.py wrote; `budgets`
refinements of one predictor with memory under other budgets. Nothing is scored. Figures go to `figures` beside the
document.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from repeatability_ablations import READING, ablation_table
from repeatability_budgets import budget_parts

from netlore.report.command_lines import refine_command
from netlore.report.compare.collect import find_methods
from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings
from netlore.report.compare.figures import comparison_figures
from netlore.report.figures.figure import FigureSpec, png_bytes
from netlore.report.names import interval_text
from netlore.report.numbers import number_text, percent
from netlore.report.tables.table import NO_VALUE
from netlore.report.tables.write import markdown_text
from netlore.report.text.phrases import join
from netlore.storage.atomic import make_folder, write_whole

WIDTH = 118
COMMAND = "python scripts/write_repeatability.py docs/repeatability.md results"
AGREE, NARROW, CLOSE = 0.9, 0.5, 1.0
"""Principles repeat if intervals hold other seeds' medians in at least the first share of cases, cover at most the
second share of the grids, and elites lie at most so many noise units apart."""

BEGINNING = """# Principles that repeat?

A principle that depends on the seed is no principle. This page asks of four methods and of every predictor
that was tried: do seeds find the same, how high do they end, and after how many networks? The methods are the
paper's refinement, the refinement with memory, random search and regularised evolution
([refinement.md](refinement.md)); the measures are explained in [analysis.md](analysis.md). Everything here is
made from stored scores by

    {command}

*Elites anew* are a seed's twelve best architectures (with memory: its elites), scored again under
initialisations that no method has seen; *luck* is how far their own scores were above that, in units of the
noise of initialisation; *spread* is the highest less the lowest elite score anew in the same unit.
*Containment* is how often a final interval holds the median of another seed; the *width*, the share of its
grid that an interval covers, is what containment would be by chance: wide intervals agree whatever was found.
*Near the best* counts seeds that scored an architecture at most one noise unit below the best known one, and
after how many networks (median).

synflow is refined at the paper's size: a batch of 64 images, 500 networks a round by the paper's method, five
seeds. The other predictors cost more and are refined on 16 images with three seeds; their baselines stop after
3,000 networks. Scores under another batch are other scores, so this is no statement on 64 images.
"""


def main() -> None:
    """Write the document and its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("results", type=Path)
    options = parser.parse_args()
    findings = find_methods(run_folders(options.results / "repeatability"))
    figures = make_folder(options.out.parent / "figures")
    for plan in comparison_figures(findings):
        write_whole(figures / f"{plan.name}.png", png_bytes(plan.draw()))
    budgets = [find_methods([folder]).groups[0] for folder in run_folders(options.results / "budgets")]
    text = document(findings, sorted((options.results / "ablations").glob("*.csv")), budgets)
    write_whole(options.out, text.encode())
    print(options.out)


def run_folders(folder: Path) -> list[Path]:
    """The folders of the runs in a folder."""
    return sorted(path.parent for path in folder.glob("*/run.json"))


def document(
    findings: ComparisonFindings, ablations: Sequence[Path] = (), budgets: Sequence[GroupFindings] = ()
) -> str:
    """The whole page."""
    parts = [BEGINNING.format(command=COMMAND), "## In short", *verdicts(findings)]
    parts += [_figure(plan) for plan in comparison_figures(findings)]
    for group in findings.groups:
        parts += [f"## {group.title}", _rests_on(group), _table(group), _principles(group)]
    if ablations:
        parts += ["## What each part of the refinement with memory is for", READING]
        parts += [markdown_text(ablation_table(path)) for path in ablations]
    if budgets:
        same = [one for one in findings.groups if one.first.predictor == budgets[0].first.predictor]
        parts += ["## What the budget does", *budget_parts([*same, *budgets])]
    parts += ["## How it was made", *_made(findings, budgets)]
    return "\n\n".join(_wrapped(part).strip("\n") for part in parts) + "\n"


def verdicts(findings: ComparisonFindings) -> Iterator[str]:
    """For which predictors the principles of the refinement with memory repeat, and for which they do not."""
    yield (
        f"Principles are said to repeat if intervals hold other seeds' medians in at least {percent(AGREE)} of "
        f"cases while they cover at most {percent(NARROW)} of their grids, and elites lie at most {CLOSE:g} noise "
        "unit apart."
    )
    for group in findings.groups:
        yield "- " + " ".join(f"{group.title}: {part}" if not at else part for at, part in enumerate(_says(group)))


def _says(group: GroupFindings) -> Iterator[str]:
    judged = {one.run.method: repeats(group, one) for one in group.methods}
    yes = [one.label for one in group.methods if judged[one.run.method]]
    no = [one for one in group.methods if not judged[one.run.method]]
    yield f"principles repeat by {join(yes)}." if yes else "principles repeat by no method."
    if no:
        yield "Not by " + join([f"{one.label} ({', '.join(_lacks(group, one))})" for one in no]) + "."
    (best, score), *others = group.ranked
    if others:
        second, below = others[0]
        distance = group.in_noise(score - below)
        units = f"{distance:.1f} noise units" if distance is not None else number_text(score - below)
        yield f"Highest median elite score anew: {best.label}, {units} above {second.label}."


def repeats(group: GroupFindings, one: MethodFindings) -> bool:
    """Whether the principles of a method repeat."""
    return not _lacks(group, one)


def _lacks(group: GroupFindings, one: MethodFindings) -> list[str]:
    """What is missing for principles that repeat."""
    if one.stability is None:
        return ["one seed"]
    found = []
    containment, spread = float(np.mean(one.stability.containment)), _spread(group, one)
    if containment < AGREE:
        found.append(f"containment {percent(round(containment, 3))}")
    if one.width > NARROW:
        found.append(f"intervals cover {percent(round(one.width, 3))}")
    if spread is None or spread > CLOSE:
        found.append("spread not known" if spread is None else f"{spread:.1f} noise units apart")
    return found


def _spread(group: GroupFindings, one: MethodFindings) -> float | None:
    scores = group.elite_scores(one)
    return group.in_noise(max(scores) - min(scores)) if len(scores) > 1 else None


def _table(group: GroupFindings) -> str:
    """One row for each method."""
    columns = ("method", "seeds", "networks", "elites anew", "luck", "spread", "containment", "Jaccard", "width")
    head = ("| " + " | ".join((*columns, "near the best")) + " |", "|---" * (len(columns) + 1) + "|")
    return "\n".join((*head, *("| " + " | ".join(_cells(group, one)) + " |" for one in group.methods)))


def _cells(group: GroupFindings, one: MethodFindings) -> Iterator[str]:
    scores, spread, luck = group.elite_scores(one), _spread(group, one), one.luck
    units = None if luck is None else group.in_noise(luck)
    yield one.label
    yield str(len(one.replicates))
    yield _span([f"{number:,}" for number in sorted(one.networks)])
    yield _span([_score(value) for value in sorted(scores)]) if scores else NO_VALUE
    yield NO_VALUE if units is None else f"{units:.1f}".replace("-", "\N{MINUS SIGN}")
    yield NO_VALUE if spread is None else f"{spread:.1f}"
    if one.stability is None:
        yield from (NO_VALUE, NO_VALUE)
    else:
        yield f"{np.mean(one.stability.containment):.0%}"
        yield f"{np.mean(one.stability.jaccard):.0%}"
    yield f"{one.width:.0%}"
    near = f"{len(one.reached)} of {len(one.replicates)}"
    yield near + (f", {median(one.reached):,.0f}" if one.reached else "")


def _span(ordered: Sequence[str]) -> str:
    return ordered[0] if ordered[0] == ordered[-1] else f"{ordered[0]} to {ordered[-1]}"


def _score(value: float) -> str:
    """Digits enough to tell scores apart that lie close together on a large scale."""
    return f"{value:.5f}" if abs(value) < 5 else f"{value:.1f}"


def _rests_on(group: GroupFindings) -> str:
    known = f"The best known architecture has {_score(group.best_known)}"
    anew = f"{group.anew.draws} fresh scores for each elite" if group.anew else "no fresh scores"
    noise = "not known" if group.noise is None else number_text(group.noise)
    return f"Scores are {group.first.scale}; noise {noise}. {known}. It rests on {anew}."


def _principles(group: GroupFindings) -> str:
    """The final intervals of every seed of the refinement with memory and of the paper's."""
    methods = [one for one in group.methods if one.run.method in ("memory", "paper")]
    names = list(group.first.grids)
    head = ("| method, seed | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|")
    rows = [
        f"| {one.label}, {story.seed} | "
        + " | ".join(interval_text(*story.principles[name]) for name in names)
        + " |"
        for one in methods
        for story in one.run.refinements
    ]
    return "\n".join((*head, *rows))


def _figure(plan: FigureSpec) -> str:
    return f"![{plan.title}](figures/{plan.name}.png)\n\n*{plan.title}.* {plan.caption}"


def _made(findings: ComparisonFindings, budgets: Sequence[GroupFindings]) -> Iterator[str]:
    made = join([f"{what} {value}" for what, value in findings.made])
    yield f"Made with: {made}. The runs, whose archives (`netlore export RUN --format archive`) are in `results`:"
    commands = [
        refine_command(one.run.configuration, one.run.asked)
        for group in (*findings.groups, *budgets)
        for one in group.methods
    ]
    yield "\n".join(f"    {command}" for command in commands)
    draws = join(sorted({str(group.anew.draws) for group in findings.groups if group.anew}))
    yield (
        f"Fresh scores of elites are made by `netlore compare RUN... --again {draws}`, and archived likewise. All "
        "the runs of the comparison are two commands: `netlore run studies/repeatability.toml --size paper` and "
        "`--size laptop`."
    )


def _wrapped(part: str) -> str:
    """Paragraphs in lines of one width; tables, code, headings and figures as they are."""
    done = []
    for block in part.split("\n\n"):
        as_it_is = block.startswith(("|", "    ", "#", "!")) or "\n|" in block
        indent = "  " if block.startswith("- ") else ""
        done.append(block if as_it_is else _filled(block, indent))
    return "\n\n".join(done)


def _filled(block: str, indent: str) -> str:
    # A command broken at a hyphen would no longer be one.
    return textwrap.fill(" ".join(block.split()), WIDTH, subsequent_indent=indent, break_on_hyphens=False)


if __name__ == "__main__":
    main()
