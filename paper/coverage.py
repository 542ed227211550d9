"""Does a refinement keep the optimum? Coverage of its intervals, on a closed form whose optimum is known.

    python -m paper.coverage docs/coverage.md results [--seeds 200]

The closed form of synflow with normal noise stands for scores: as much noise as initial weights make among elites
in stored scores. Each case is kept in `results/coverage`; a second call goes on with what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import binomtest

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
from paper.emulation import Course, Landscape, Rule, refined
from paper.pages import parser, rendered

COMMAND = "python -m paper.coverage docs/coverage.md results"
BUDGET = (10e6, 50e6)
STORED = Path("repeatability", "synflow-paper")
"""Refinements with real scores, of `results`."""
SEEDS = 200
PROMISE = 0.95
"""Of the paper: p_j = 0.95^j that the optimum is among what is left after round j."""
ROUNDS = (1, 2, 3, 5, 10)
LAST = 15
"""Rounds of the figure."""
SHOWN = ("paper", "networks-8000", "level-joint", "best-50", "best-50-margin-2")
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


@dataclass(frozen=True, eq=False)
class Case:
    """All refinements by one rule.

    Attributes:
        text: The rule in words.
        covers: For each refinement and round whether its box has an optimum, shape (seeds, rounds); one that is
            over keeps its box.
        regrets, scored, sizes, lengths: Of each refinement; see `Course`. Lengths are rounds.
    """

    text: str
    covers: np.ndarray[Any, np.dtype[np.bool_]]
    regrets: Floats
    scored: Floats
    sizes: Floats
    lengths: Floats

    @staticmethod
    def of(text: str, courses: Sequence[Mapping[str, Any]]) -> Case:
        """From what was kept."""
        longest = max(*(len(one["covers"]) for one in courses), max(ROUNDS))
        covers = [[*one["covers"], *[one["covers"][-1]] * (longest - len(one["covers"]))] for one in courses]
        return Case(
            text,
            np.array(covers),
            regrets=np.array([float(one["regret"]) for one in courses]),
            scored=np.array([float(one["scored"]) for one in courses]),
            sizes=np.array([float(one["size"]) for one in courses]),
            lengths=np.array([float(len(one["covers"])) for one in courses]),
        )

    def share(self, number: int) -> tuple[float, float, float]:
        """How many boxes have an optimum after a round, with the ends of Wilson's 95 % interval; 0: at the end."""
        held = self.covers[:, number - 1]
        found = binomtest(int(held.sum()), len(held)).proportion_ci(method="wilson")
        return float(held.mean()), float(found.low), float(found.high)

    @property
    def worst(self) -> tuple[float, float, float]:
        """The lowest share after any round."""
        return min(self.share(number) for number in range(1, self.covers.shape[1] + 1))


def main() -> None:
    """Compute what is missing, and write the document and its figure."""
    line = parser(__doc__, "out", "results")
    line.add_argument("--seeds", type=int, default=SEEDS, help=f"refinements by each rule (default: {SEEDS})")
    options = line.parse_args()
    _, real = stored_refinements(options.results / STORED)
    noise = measured_noise(options.results)
    landscape = Landscape(anynet(flops=BUDGET))
    kept = make_folder(options.results / "coverage")
    cases = {
        name: Case.of(text, courses_of(kept / f"{name}.json", landscape, rule, noise, options.seeds))
        for name, (text, rule) in CASES.items()
    }
    pictures = make_folder(options.out.parent / "figures")
    write_whole(pictures / "coverage.png", png_bytes(drawn(cases)))
    print(write_whole(options.out, document(cases, landscape, noise, real).encode()))


def measured_noise(results: Path) -> float:
    """The standard deviation of ln S over initial weights, among the elites that memory scored several times."""
    memory = Memory()
    _, found = stored_refinements(results / "repeatability" / "synflow-memory")
    for one in found:
        for each in one.rounds:
            memory.remember(each.table, PREDICTORS.get("synflow"))
    return round(memory.noise(), 3)


def courses_of(path: Path, landscape: Landscape, rule: Rule, noise: float, seeds: int) -> list[dict[str, Any]]:
    """The refinements of a case: those that are kept, if they are of this rule, and the missing ones."""
    asked = {"rule": asdict(rule), "noise": noise, "budget": list(BUDGET)}
    there = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    courses = there["courses"] if there.get("asked") == asked else []
    for seed in range(len(courses), seeds):
        courses.append(_rounded(refined(landscape, rule, noise, seed)))
    write_whole(path, json.dumps({"asked": asked, "courses": courses}).encode())
    return courses[:seeds]


def _rounded(course: Course) -> dict[str, Any]:
    return asdict(course) | {"regret": round(course.regret, 3), "size": round(course.size, 3)}


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


def document(cases: Mapping[str, Case], landscape: Landscape, noise: float, real: Sequence[Refinement]) -> str:
    """The whole page."""
    keeping = [one for one in cases.values() if one.worst[0] >= PROMISE]
    return rendered(
        "coverage.md.j2",
        command=COMMAND,
        noise=noise,
        seeds=len(next(iter(cases.values())).regrets),
        optimum=str(landscape.optimum.best),
        ties=len(landscape.optimum.tied),
        paper=cases["paper"],
        real=[[landscape.is_covered(found.intervals) for found in one.rounds] for one in real],
        keeping=keeping,
        coverage=coverage_table(cases),
        ends=ends_table(cases),
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


def _share_text(share: tuple[float, float, float]) -> str:
    return "{:.2f} [{:.2f}, {:.2f}]".format(*share)


def _middle(values: Floats, form: str) -> str:
    low, middle, high = (form.format(one) for one in np.quantile(values, (0.25, 0.5, 0.75)))
    return f"{middle} ({low} to {high})"


if __name__ == "__main__":
    main()
