"""Does a refinement keep the optimum? Coverage of its intervals, on a closed form whose optimum is known.

    python -m paper.coverage docs/coverage.md results [--seeds 200]

The closed form of synflow with normal noise stands for scores: as much noise as initial weights make among elites
in stored scores. Each refinement is kept in `results/coverage`; a second call goes on with what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from netlore.analysis import Floats
from netlore.experiments.refine import stored_refinements
from netlore.refinement.elites import Memory
from netlore.refinement.result import Refinement
from netlore.report.figures.figure import png_bytes
from netlore.report.figures.style import MUTED, TEXT, looks_of, new_figure, styled
from netlore.report.tables.table import NamedTable, named_table
from netlore.scoring.predictor import PREDICTORS
from netlore.space.families.anynet import anynet
from netlore.storage.atomic import make_folder, write_whole
from paper.coverage_cases import ROUNDS, Case, courses_of
from paper.coverage_memory import HOSTILE, REMEMBERED, REPLICATES, asked, best_of, remembered
from paper.emulation import Landscape, Rule, refined
from paper.pages import parser, rendered

COMMAND = "python -m paper.coverage docs/coverage.md results"
BUDGET = (10e6, 50e6)
REAL = {name: Path("repeatability", f"synflow-{name}") for name in ("paper", "memory")}
"""Refinements with real scores, of `results`."""
SEEDS = 200
PROMISE = 0.95
"""Of the paper: p_j = 0.95^j that the optimum is among what is left after round j."""
LAST = 15
"""Rounds of the figure."""
SHOWN = ("paper", "networks-8000", "level-joint", "best-50", "best-50-margin-2", "memory")
"""Cases of the figure."""
PAPER = "the paper's: 500 networks, a quarter resampled, 95 %"
WIDER = "range of the best 50, then fewer, two steps wider"
CASES = {
    "paper": (PAPER, Rule()),
    **{f"networks-{n}": (f"{n:,} networks", Rule(networks=n)) for n in (125, 250, 1_000, 2_000, 4_000, 8_000)},
    "share-5": ("5 % resampled", Rule(share=0.05)),
    "share-100": ("all resampled", Rule(share=1.0)),
    "level-99": ("99 %", Rule(level=0.99)),
    "level-joint": ("95 % for all twelve together (99.6 % each)", Rule(level=1 - (1 - PROMISE) / 12)),
    "level-999": ("99.9 %", Rule(level=0.999)),
    "margin-1": ("one grid step wider", Rule(margin=1)),
    "best-12": ("range of the best 12 by shrunken estimates", Rule(elites=12)),
    "best-50": ("range of the best 50", Rule(elites=50)),
    "best-50-margin-2": (WIDER, Rule(elites=50, kept=0.7, margin=2, patience=2)),
}
"""Rules that differ from the paper's in one thing, and rules that are to keep the promise; in words, too."""


_COVERAGE = (
    "Share of boxes that have an optimum, and Wilson's 95 % interval. Rules differ from the paper's in what they "
    "name. A refinement that is over keeps its box. Lowest: of all rounds."
)
_ENDS = (
    "Where refinements end: medians, and the middle half. Regret: what ln S of the network with the highest score "
    "falls short of the optimum's. What is left: points of all grids within the final intervals."
)
_OTHERS = (
    "Where refinements with memory end, on several landscapes: boxes that have an optimum, with Wilson's 95 % "
    "interval, and medians with the middle half. Regret: of the elite with the highest estimate."
)


def main() -> None:
    """Compute what is missing, and write the document and its figure."""
    line = parser(__doc__, "out", "results")
    line.add_argument("--seeds", type=int, default=SEEDS, help=f"refinements by each rule (default: {SEEDS})")
    options = line.parse_args()
    noise = measured_noise(options.results)
    landscape = Landscape(anynet(flops=BUDGET))
    kept, seeds = make_folder(options.results / "coverage"), options.seeds
    cases = {}
    for name, (text, rule) in CASES.items():
        described = {"rule": asdict(rule), "noise": noise, "budget": list(BUDGET)}
        one = partial(refined, landscape, rule, noise)
        cases[name] = Case.of(text, courses_of(kept / f"{name}.json", described, one, seeds))
    others = {}
    for name, (text, setting) in REMEMBERED.items():
        courses = courses_of(kept / f"{name}.json", asked(setting), partial(remembered, setting), seeds)
        others[name] = Case.of(text, courses)
        if name in HOSTILE:
            others[f"{name}-best"] = Case.of(f"{text}, the best of {REPLICATES} seeds", best_of(courses))
    cases["memory"] = others["memory"]
    real = {name: stored_refinements(options.results / path)[1] for name, path in REAL.items()}
    pictures = make_folder(options.out.parent / "figures")
    write_whole(pictures / "coverage.png", png_bytes(drawn(cases)))
    print(write_whole(options.out, document(cases, others, landscape, noise, real).encode()))


def measured_noise(results: Path) -> float:
    """The standard deviation of ln S over initial weights, among the elites that memory scored several times."""
    memory = Memory()
    _, found = stored_refinements(results / "repeatability" / "synflow-memory")
    for one in found:
        for each in one.rounds:
            memory.remember(each.table, PREDICTORS.get("synflow"))
    return round(memory.noise(), 3)


@styled()
def drawn(cases: Mapping[str, Case]) -> Figure:
    """Coverage by round of some rules, beside the promise."""
    figure = new_figure(TEXT, 2.6)
    axes, rounds = figure.subplots(), np.arange(1, LAST + 1)
    axes.plot(rounds, PROMISE**rounds, color=MUTED, linestyle="--", label="0.95^j")
    looks = looks_of(SHOWN)
    for name in SHOWN:
        case, look = cases[name], looks[name]
        shares = np.array([case.share(min(number, case.covers.shape[1])) for number in rounds])
        axes.plot(rounds, shares[:, 0], label=case.text, **look.line(3.0))
        axes.fill_between(rounds, shares[:, 1], shares[:, 2], color=look.colour, alpha=0.15, linewidth=0)
    axes.set(xlabel="round j", ylabel="boxes that have an optimum", ylim=(-0.03, 1.03), xlim=(0.5, LAST + 0.5))
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def document(
    cases: Mapping[str, Case],
    others: Mapping[str, Case],
    landscape: Landscape,
    noise: float,
    real: Mapping[str, Sequence[Refinement]],
) -> str:
    """The whole page."""
    keeping = [one for one in cases.values() if one.worst[0] >= PROMISE]
    covered = {
        name: [[landscape.is_covered(found.intervals) for found in one.rounds] for one in refinements]
        for name, refinements in real.items()
    }
    return rendered(
        "coverage.md.j2",
        command=COMMAND,
        noise=noise,
        seeds=len(next(iter(cases.values())).regrets),
        optimum=str(landscape.optimum.best),
        ties=len(landscape.optimum.tied),
        paper=cases["paper"],
        memory=cases["memory"],
        networks={name: float(np.median(cases[name].scored)) for name in ("paper", "memory")},
        left=10 ** float(np.median(cases["memory"].sizes)),
        real=covered,
        keeping=keeping,
        coverage=coverage_table(cases),
        ends=ends_table(cases),
        others=others_table(others),
        replicates=REPLICATES,
        whole=sum(float(np.log10(len(grid))) for grid in landscape.space.grids.values()),
    )


def coverage_table(cases: Mapping[str, Case]) -> NamedTable:
    """Shares by round."""

    def rows() -> Iterator[dict[str, object]]:
        yield {"Rule": "promise 0.95^j", **{f"Round {n}": f"{PROMISE**n:.2f}" for n in ROUNDS}}
        for one in cases.values():
            shares = {f"Round {n}": _share_text(one.share(n)) for n in ROUNDS}
            yield {"Rule": one.text, **shares, "End": _share_text(one.share(0)), "Lowest": _share_text(one.worst)}

    return named_table("coverage", _COVERAGE, rows())


def ends_table(cases: Mapping[str, Case]) -> NamedTable:
    """Where refinements end: medians, with the middle half."""

    def row(one: Case) -> dict[str, object]:
        return {
            "Rule": one.text,
            "Rounds": _middle(one.lengths, "{:.0f}"),
            "Networks": _middle(one.scored, "{:,.0f}"),
            "Regret, nats": _middle(one.regrets, "{:.1f}"),
            "log10 of what is left": _middle(one.sizes, "{:.1f}"),
        }

    return named_table("ends", _ENDS, map(row, cases.values()))


def others_table(cases: Mapping[str, Case]) -> NamedTable:
    """Where refinements with memory end, by landscape."""

    def row(one: Case) -> dict[str, object]:
        return {
            "Refinement": one.text,
            "Seeds": len(one.regrets),
            "Boxes with an optimum": _share_text(one.share(0)),
            "Networks": _middle(one.scored, "{:,.0f}"),
            "Regret, nats": _middle(one.regrets, "{:.1f}"),
            "log10 of what is left": _middle(one.sizes, "{:.1f}"),
        }

    return named_table("memory", _OTHERS, map(row, cases.values()))


def _share_text(share: tuple[float, float, float]) -> str:
    return "{:.2f} [{:.2f}, {:.2f}]".format(*share)


def _middle(values: Floats, form: str) -> str:
    ends = np.round(np.quantile(values, (0.25, 0.5, 0.75)), 3) + 0.0  # a zero has no sign
    low, middle, high = (form.format(one) for one in ends)
    return f"{middle} ({low} to {high})"


if __name__ == "__main__":
    main()
