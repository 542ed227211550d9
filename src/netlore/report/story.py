"""What a report tells: plain values of finished refinements, filled elsewhere and only drawn here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from netlore.errors import InvalidInput

COMPLEXITIES = ("flops", "params", "activations")


@dataclass(frozen=True, eq=False)
class RoundStory:
    """One round of a refinement.

    Attributes:
        number: 1 for the first round.
        scores: The finite scores, shape (n,), on the scale that the figures are drawn in.
        failed: How many networks of the round have no finite score.
        intervals: Per hyperparameter the (low, median, high) that this round found.
        complexities: The same for "flops", "params" and "activations".
    """

    number: int
    scores: npt.NDArray[np.float64]
    failed: int
    intervals: dict[str, tuple[int, int, int]]
    complexities: dict[str, tuple[float, float, float]]


@dataclass(frozen=True, eq=False)
class RefinementStory:
    """One refinement, from the original design space to its principles.

    Attributes:
        predictor: The predictor's name.
        data: The data set's name.
        family: The architecture family's name.
        seed: The seed of the run.
        networks: Networks asked for per round.
        scale: The label of every score axis, such as "ln S".
        budget: The complexity budget in words, such as "10-50 MFLOPs"; "no budget" if there is none.
        grids: Every hyperparameter's full original grid, ascending, in the design space's order.
        rounds: The rounds in their order, at least one.
        cardinalities: |Omega_0|, |Omega_1|, ...: one more than rounds.
        cardinalities_within_budget: The same within the budget; empty if it was not counted.
        principles: Per hyperparameter the (low, high) that is left at the end.
        stopped_because: A sentence.
        networks_scored: How many networks were scored in all.
        seconds: Time spent on scoring, summed over its networks.
        command: The command line that repeats it.
        versions: Software and its version.
        best: The best few architectures: (id, readable text, score on the scale).
        method: How it refined: `paper` or `memory`; or a baseline, `random` or `evolution`.
    """

    predictor: str
    data: str
    family: str
    seed: int
    networks: int
    scale: str
    budget: str
    grids: dict[str, tuple[int, ...]]
    rounds: tuple[RoundStory, ...]
    cardinalities: tuple[int, ...]
    cardinalities_within_budget: tuple[int, ...]
    principles: dict[str, tuple[int, int]]
    stopped_because: str
    networks_scored: int
    seconds: float
    command: str
    versions: dict[str, str]
    best: tuple[tuple[str, str, float], ...]
    method: str = "paper"

    def __post_init__(self) -> None:
        """Refuse a story whose parts do not fit together."""
        if not self.rounds:
            raise InvalidInput("A report needs one finished round, and this refinement has 0; let it run further.")
        wanted = len(self.rounds) + 1
        for what, sizes in (
            ("cardinalities", self.cardinalities),
            ("cardinalities_within_budget", self.cardinalities_within_budget or self.cardinalities),
        ):
            if len(sizes) != wanted:
                raise InvalidInput(f"{what} has {len(sizes)} entries; give one more than rounds, {wanted}.")
        for entry in self.rounds:
            missing = [name for name in self.grids if name not in entry.intervals]
            if missing:
                raise InvalidInput(f"Round {entry.number} lacks the intervals of {', '.join(missing)}; add them.")
        missing = [name for name in self.grids if name not in self.principles]
        if missing:
            raise InvalidInput(f"principles lacks {', '.join(missing)}; give the (low, high) of each of them.")

    @property
    def failed(self) -> int:
        """How many networks of all rounds have no finite score."""
        return sum(entry.failed for entry in self.rounds)


@dataclass(frozen=True, eq=False)
class ReportStory:
    """One refinement, or several of the same predictor and design space that differ in their seed.

    Attributes:
        title: The page's title.
        refinements: One per replicate, at least one.
        repeats: Per hyperparameter (low, high, share): the hull of the replicates' intervals and the share, 0 to
            1, of the pairs of replicates that agree. None where there is one replicate.
    """

    title: str
    refinements: tuple[RefinementStory, ...]
    repeats: dict[str, tuple[int, int, float]] | None = None

    def __post_init__(self) -> None:
        """Refuse a report of nothing."""
        if not self.refinements:
            raise InvalidInput("A report needs at least one refinement, and this one has 0; pass a finished run.")

    @property
    def first(self) -> RefinementStory:
        """The first replicate, which stands for what all of them share."""
        return self.refinements[0]
