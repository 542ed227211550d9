"""What a page about a validation shows: the run, and what its captions say of accuracies and images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from netlore.analysis import Floats
from netlore.analysis.resampling import Statistic
from netlore.experiments.validate import ValidateRun
from netlore.report.figures.style import Look, looks_of
from netlore.report.names import short_data
from netlore.report.text.phrases import count
from netlore.scoring.transforms import Transform
from netlore.validation.judgement import Judgement, difference, regret_course
from netlore.validation.result import Validation

WORDS = {"flops": "FLOPs", "params": "parameters", "depth": "depth", "layers": "layers"}
"""What counts are called."""


@dataclass(frozen=True, eq=False)
class ValidationData:
    """A validation, and the scales of its predictors' scores."""

    run: ValidateRun
    transforms: Mapping[str, Transform]

    @property
    def found(self) -> Validation:
        """What was found."""
        return self.run.found

    @property
    def unit(self) -> str:
        """What accuracy is given in."""
        return self.found.accuracies.target.unit

    @property
    def title(self) -> str:
        """What it is about."""
        return f"Do scores predict accuracy? {self.found.accuracies.title}"

    @property
    def accuracy(self) -> str:
        """Which accuracy is meant, and which images the networks were shown, in sentences: for every caption."""
        known, asked = self.found.accuracies, self.run.configuration
        images = f"Scores by {asked.batch_size} images of {short_data(asked.shown)}."
        if known.stand_in and not asked.images:
            images += f" {known.stand_in}"
        return f"Accuracy: {known.title}, {known.target.what}. {images}"

    @property
    def networks(self) -> str:
        """How many networks, and how they were drawn, in words."""
        drawn = count(len(self.found.accuracies), "network")
        if self.found.draws > 1:
            drawn += f", {self.found.draws} initialisations each"
        return f"{drawn}, seed {self.run.configuration.seed}"

    @cached_property
    def looks(self) -> dict[str, Look]:
        """How each quantity is drawn."""
        return looks_of([one.name for one in self.found.judgements])

    @cached_property
    def best_count(self) -> Judgement | None:
        """The count with the highest Kendall correlation; None: none is defined."""
        return highest(self.found.counts)

    @cached_property
    def best_predictor(self) -> Judgement | None:
        """The predictor with the highest Kendall correlation; None: none is defined."""
        return highest(self.found.predictors)

    def above_counts(self, one: Judgement) -> Statistic | None:
        """How far a predictor's Kendall correlation is above that of the best count."""
        return None if self.best_count is None else difference(one, self.best_count)

    @cached_property
    def chance(self) -> Floats:
        """The regret of training 1, 2, ... networks drawn at random."""
        base = self.found.ground
        return regret_course(base.accuracies * 0, base).regret


def highest(found: tuple[Judgement, ...], statistic: str = "kendall") -> Judgement | None:
    """The judgement with the highest value of a statistic, of equal ones the first; None: none is defined."""
    defined = [one for one in found if getattr(one, statistic).value is not None]
    return max(defined, key=lambda one: float(getattr(one, statistic).value)) if defined else None


def name_of(one: Judgement) -> str:
    """What a quantity is called."""
    return WORDS.get(one.name, one.name)
