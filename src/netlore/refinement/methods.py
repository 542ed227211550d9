"""The registry of methods: names, what is said of each, and how it searches. Nowhere else does a name decide.

Another package adds a method through an entry point of the group `netlore.methods` that leads to a `Method`;
`netlore.testing.check_method` finds out whether it keeps the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from netlore.plugins import Registry
from netlore.refinement import baselines, elite_refinement, nsga2, paper_refinement
from netlore.refinement.loop import Search, SearchSettings
from netlore.refinement.result import StopReason


@dataclass(frozen=True)
class Method:
    """A way to refine a design space.

    Attributes:
        name: What `--method` takes.
        label: What one such refinement is called in texts and figures: "refinement with memory".
        summary: One line for `netlore list methods`.
        networks: Networks to draw in a round, if nothing is said.
        rounds: Rounds that it takes as a rule; None: as many as it may.
        settles: Whether it ends by itself, so that a limit of rounds interrupts it.
        has_elites: Whether its intervals are the ranges of elites, not of a bootstrap, so that they may widen.
        search: From settings to a search that has asked for nothing yet; as a rule a subclass of `Search`.
        stop_reasons: From each reason that `Search.over` may give to a sentence; further reasons are those of the
            loop, and a sentence given here for one of them replaces the loop's.
        options: What `SearchSettings.options` may hold.
    """

    name: str
    label: str
    summary: str
    networks: int
    rounds: int | None
    settles: bool
    has_elites: bool
    search: Callable[[SearchSettings], Search]
    stop_reasons: Mapping[str, str]
    options: tuple[str, ...] = ()

    def why_stopped(self, reason: str) -> str:
        """A sentence that says why a refinement by this method is over; `unfinished` among the reasons."""
        return {**LOOP_REASONS, **self.stop_reasons}.get(reason, f"It ended: {reason}.")


LOOP_REASONS: Mapping[str, str] = {
    StopReason.EXHAUSTED: "There was nothing more to score.",
    StopReason.ROUND_LIMIT: "The limit of rounds was reached.",
    StopReason.UNFINISHED: "It was interrupted; the same command goes on with it.",
}
"""Why the loop ends, whatever the method."""

PAPER = Method(
    name="paper",
    label="refinement",
    summary="The paper's: sample, score, bootstrap, restrict, until intervals repeat or are single values.",
    networks=paper_refinement.NETWORKS,
    rounds=10,  # 7 to 14 in the paper's Table I
    settles=True,
    has_elites=False,
    search=paper_refinement.PaperRefinement,
    stop_reasons={
        StopReason.SINGLE_POINT: "Every interval is a single value.",
        StopReason.FIXED_POINT: "The round found the intervals of the round before.",
        StopReason.CYCLE: "The round found intervals that an earlier round had found.",
    },
    options=("bootstrap",),
)

MEMORY = Method(
    name="memory",
    label="refinement with memory",
    summary="Elites of all rounds and a surrogate of their scores decide; finds the same for other seeds.",
    networks=elite_refinement.NETWORKS,
    rounds=20,
    settles=True,
    has_elites=True,
    search=elite_refinement.EliteRefinement,
    stop_reasons={
        StopReason.PLATEAU: (
            "For five rounds the mean estimate of the twelve best architectures did not rise by more than twice "
            "its standard error, and their intervals hardly moved."
        )
    },
    options=("constants",),
)

RANDOM = Method(
    name="random",
    label="random search",
    summary="A baseline: random architectures of the whole space.",
    networks=baselines.NETWORKS,
    rounds=None,
    settles=False,
    has_elites=True,
    search=baselines.RandomSearch,
    stop_reasons={StopReason.ROUND_LIMIT: "As many rounds were asked for."},
)

EVOLUTION = replace(
    RANDOM,
    name="evolution",
    label="regularised evolution",
    summary="A baseline: children of the best of a tournament, one grid step away; the oldest die.",
    search=baselines.Evolution,
)

NSGA2 = Method(
    name="nsga2",
    label="search by NSGA-II",
    summary="Of score against cost the whole front, by Optuna; --cost names the measure.",
    networks=nsga2.NETWORKS,
    rounds=20,
    settles=True,
    has_elites=True,
    search=nsga2.Nsga2,
    stop_reasons={
        StopReason.PLATEAU: "For five rounds the hypervolume under the front rose by less than a thousandth."
    },
    options=("cost",),
)

METHODS: Registry[Method] = Registry(
    "method",
    "netlore.methods",
    {one: f"{__name__}:{one.upper()}" for one in ("paper", "memory", "random", "evolution", "nsga2")},
)
"""Methods by name."""
