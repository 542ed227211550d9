"""What was found of a sample: plain values, filled by `sampled`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.correlation import Correlation, PartialCorrelation
from netlore.analysis.distribution import ExponentialTest
from netlore.analysis.importance import Importance
from netlore.analysis.trees import Tree
from netlore.experiments.overview import Overview
from netlore.scoring.noise import NoiseOfFamily, known_noise
from netlore.scoring.transforms import Transform


@dataclass(frozen=True, eq=False)
class SampleData:
    """A sample of one design space, scored by some predictors, and its analyses.

    An analysis that needs more networks than there are is missing: None, or no entry for that predictor.

    Attributes:
        data: The data set's name, and its budget where refinements of a report differ in theirs.
        budget: The complexity budget in words.
        grids: Every hyperparameter's full grid, in the design space's order: numbers ascending, or the names of a
            category.
        transforms: Per predictor from raw scores to the scale of figures.
        frame: A row per network: architecture (id), seed, draw, hyperparameters, flops, params, activations, and a
            column of raw scores per predictor, NaN where there is none.
        transformed: Per predictor the scores on its scale, shape (n,), NaN where there is none.
        correlation: Kendall's tau between predictors (Fig. 2).
        exponential: Lilliefors' test per predictor (section VI-A).
        trees: A decision tree per predictor (Fig. 3).
        partial: Rank correlation with flops, params and activations, and apart from them with depth, per
            predictor.
        command: The command line that makes the sample.
        seconds: Time spent on scoring, summed over the networks.
        missing: By predictor the analyses that could not be made, each with its reason.
        source: The data set's name alone, where `data` has the budget too.
        whole: Where `frame` has a part of the networks, drawn at random: what is said of all of them.
    """

    data: str
    family: str
    seed: int
    budget: str
    grids: dict[str, tuple[Any, ...]]
    predictors: tuple[str, ...]
    transforms: dict[str, Transform]
    frame: pd.DataFrame
    transformed: dict[str, Floats]
    correlation: Correlation | None
    exponential: dict[str, ExponentialTest]
    trees: dict[str, Tree]
    partial: dict[str, PartialCorrelation]
    importance: dict[str, Importance]
    command: str
    seconds: float
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    source: str = ""
    whole: Overview | None = None

    @property
    def networks(self) -> int:
        """How many networks were scored."""
        return len(self.frame) if self.whole is None else self.whole.networks

    @property
    def noise(self) -> NoiseOfFamily:
        """What is known of the noise of such networks' scores."""
        return known_noise(self.family)

    @property
    def missing_scores(self) -> int:
        """How many scores of all networks there are not."""
        return sum(self.failed.values()) if self.whole is None else self.whole.failed

    @property
    def drawn(self) -> str:
        """How many networks analyses and figures are of, in words."""
        drawn = f"{len(self.frame):,} network{'' if len(self.frame) == 1 else 's'}"
        return drawn if self.whole is None else f"{drawn}, drawn at random from {self.whole.networks:,},"

    @property
    def scales(self) -> dict[str, str]:
        """Per predictor the axis label of its transformed scores, such as "ln S"."""
        return {name: transform.label for name, transform in self.transforms.items()}

    @property
    def failed(self) -> dict[str, int]:
        """Per predictor how many networks of `frame` have no score."""
        return {name: int(self.frame[name].isna().sum()) for name in self.predictors}
