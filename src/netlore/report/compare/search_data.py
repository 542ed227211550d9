"""What pages about searches of a benchmark show: which methods, at which numbers of networks, in which words."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from netlore.analysis.resampling import Statistic
from netlore.experiments.searches import SearchConfiguration
from netlore.refinement.methods import METHODS
from netlore.refinement.searches import tpe
from netlore.refinement.searches.compare import ORACLE, TPE, Line, SearchComparison
from netlore.report.compare.data import method_label
from netlore.report.figures.style import Look, looks_of
from netlore.report.text.phrases import join, minus

AT = (50, 100, 200, 500, 1_000, 5_000)
"""Numbers of networks in tables."""
TOLD = (100, 500, 5_000)
"""Those of them in sentences."""
LABELS = {
    TPE: tpe.LABEL,
    "params": "most parameters",
    "layers": "most layers",
    ORACLE: "oracle of random search",
}


@dataclass(frozen=True, eq=False)
class SearchData:
    """A comparison, and what its page says of it."""

    found: SearchComparison

    @property
    def unit(self) -> str:
        """What accuracy is given in."""
        return self.found.known.accuracies.target.unit

    @property
    def point(self) -> float:
        """How much of it is called a point."""
        return self.found.known.accuracies.target.point

    @property
    def title(self) -> str:
        """What it is about."""
        return f"Does narrowing help? {self.found.known.accuracies.title}, {self.found.known.name}"

    @property
    def said(self) -> str:
        """Which accuracy is meant and whose scores these are, in sentences: for every caption."""
        known = self.found.known
        return f"Accuracy: {known.accuracies.title}, {known.accuracies.target.what}. {known.source}"

    @property
    def rule(self) -> str:
        """How methods pick, in sentences."""
        found = self.found
        trials = (
            f" {tpe.LABEL} asks for one network after the other, at most {tpe.TRIALS}." if self.has_tpe else ""
        )
        return (
            "The pick after n networks is the highest score so far, of equal ones the smaller id: for every "
            "method alike. Scores do not change, so a network that a method asks for again costs nothing: only "
            "different networks count. Refinements, random search and evolution draw "
            f"{found.networks} networks in a round; a method that has ended keeps its pick.{trials} Most "
            "parameters, most layers and the oracle look at the networks of random search, and pick by "
            "parameters, layers and accuracy instead of the score."
        )

    @property
    def has_tpe(self) -> bool:
        """Whether Optuna takes part."""
        return any(one.name == TPE for one in self.found.lines)

    @property
    def failed(self) -> int:
        """Networks of the space without a score."""
        return int(np.isnan(self.found.known.scores).sum())

    @property
    def searches(self) -> list[Line]:
        """Searches by the score."""
        return [one for one in self.found.lines if one.name in METHODS or one.name == TPE]

    @property
    def others(self) -> list[Line]:
        """What picks among the networks of random search by something else."""
        return [one for one in self.found.lines if one not in self.searches]

    @property
    def at(self) -> list[int]:
        """Numbers of networks in tables: those that a search looked at."""
        longest = max(max(one.networks) for one in self.searches)
        return [one for one in AT if one <= longest] or [longest]

    @property
    def told(self) -> list[int]:
        """Those in sentences."""
        return [one for one in TOLD if one in self.at] or self.at[-1:]

    @cached_property
    def looks(self) -> dict[str, Look]:
        """How each line is drawn."""
        return looks_of([one.name for one in self.found.lines])


def searches_command(asked: SearchConfiguration) -> str:
    """The command, with every setting that is not the default."""
    usual, words = SearchConfiguration(asked.benchmark), ["netlore", "compare", "--benchmark", asked.benchmark]
    for one in fields(asked):
        value = getattr(asked, one.name)
        if one.name in ("data", "predictor") or (value != getattr(usual, one.name) and one.name != "tpe"):
            words += [f"--{one.name.replace('_', '-')}", str(value)]
    return shlex.join(words if asked.tpe else [*words, "--no-tpe"])


def label_of(name: str) -> str:
    """What a line is called."""
    return LABELS[name] if name in LABELS else method_label(name)


def searched_by(names: Sequence[str]) -> str:
    """Several methods in words."""
    return join([label_of(name) for name in names])


def accuracy_text(data: SearchData, value: float) -> str:
    """An accuracy with its unit."""
    return minus(f"{value:.{decimals(data.point)}f} {data.unit}")


def decimals(point: float) -> int:
    """Decimals that show a hundredth of a point.

    >>> decimals(1.0), decimals(0.01)
    (2, 4)
    """
    return 2 + max(0, round(-math.log10(point)))


def interval_text(found: Statistic, point: float) -> str:
    """A value and the ends of its interval, in points, with signs."""
    if found.value is None or found.low is None or found.high is None:
        return "\N{EN DASH}"
    # A zero has no sign.
    value, low, high = (round(one / point, 2) + 0.0 for one in found[:3] if one is not None)
    return minus(f"{value:+.2f} [{low:+.2f}, {high:+.2f}]")
