"""From finished refinements to what a report tells."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import numpy as np

from netlore.analysis.replication import Repetition
from netlore.experiments.config import (
    PAPER_FLOPS,
    Configuration,
    RefineConfiguration,
    ScoreConfiguration,
    versions,
)
from netlore.refinement.loop import one_predictor
from netlore.refinement.methods import METHODS
from netlore.refinement.result import Refinement, Round
from netlore.report.story import COMPLEXITIES, RefinementStory, ReportStory, RoundStory
from netlore.scoring.transforms import TRANSFORMS, Transform

_BEST = 5


def report_story(
    configuration: RefineConfiguration, refinements: tuple[Refinement, ...], repeats: Mapping[str, Repetition]
) -> ReportStory:
    """What the report of one or more replicates tells."""
    return ReportStory(
        title=f"What {configuration.predictor} prefers on {configuration.data}",
        refinements=tuple(refinement_story(configuration, one, len(refinements)) for one in refinements),
        repeats={name: (found.low, found.high, found.agreement) for name, found in repeats.items()} or None,
    )


def command_line(configuration: RefineConfiguration, replicates: int = 1) -> str:
    """The command that repeats a refinement, with every setting that is not the default."""
    words = ["netlore", "refine"]
    for name in ("predictor", "data", "networks", "seed"):
        words += [f"--{name}", str(getattr(configuration, name))]
    if replicates > 1:
        words += ["--replicates", str(replicates)]
    return shlex.join([*words, *_settings(configuration, ("method", "bootstrap", "round_limit"))])


def score_command_line(configuration: ScoreConfiguration) -> str:
    """The command that makes a sample's scores again, with every setting that is not the default."""
    words = ["netlore", "score"]
    for name in configuration.architectures:
        words += ["--architecture", name]
    if not configuration.architectures:
        words += ["--networks", str(configuration.networks)]
    for name in configuration.predictors:
        words += ["--predictor", name]
    words += ["--data", configuration.data, "--seed", str(configuration.seed)]
    return shlex.join([*words, *_settings(configuration, ("chunk_size",))])


def _settings(configuration: Configuration, more: tuple[str, ...]) -> list[str]:
    """Options for the settings that are not the defaults, of those that every run has and `more`."""
    words: list[str] = []
    defaults = type(configuration)()
    for name in ("space", "batch_size", "data_seed", "dtype", "device", *more):
        if getattr(configuration, name) != getattr(defaults, name):
            words += [f"--{name.replace('_', '-')}", str(getattr(configuration, name))]
    for name, usual in (("flops", PAPER_FLOPS), ("params", None), ("activations", None)):
        limits = getattr(configuration, name)
        if limits != usual:
            words += [f"--{name}", *map(_number, limits or (0.0, float("inf")))]
    return words


def _number(value: float) -> str:
    """As short as it can be without loss."""
    return f"{value:.0f}" if value.is_integer() else repr(value)


def refinement_story(configuration: RefineConfiguration, one: Refinement, replicates: int) -> RefinementStory:
    """One of so many replicates, as a report tells it."""
    transform = TRANSFORMS[one_predictor(configuration.predictor).transform]
    rows = [row for found in one.rounds for row in found.table.rows]
    return RefinementStory(
        predictor=one.predictor,
        data=configuration.data,
        family=one.space.family,
        seed=one.seed,
        networks=configuration.networks,
        scale=transform.label,
        budget=str(one.space.budget),
        grids=one.space.grids,
        rounds=tuple(_round_story(found, one.predictor, transform) for found in one.rounds),
        cardinalities=tuple(one.cardinalities),
        cardinalities_within_budget=_counted(one),
        principles={name: (low, high) for name, (low, high) in one.principles.items()},
        stopped_because=_stopped(configuration.method, one),
        networks_scored=one.networks_scored,
        seconds=sum(row.score.seconds for row in rows),
        command=command_line(configuration, replicates),
        versions=versions(),
        best=_best(one, transform),
        method=configuration.method,
    )


def _counted(one: Refinement) -> tuple[int, ...]:
    """Sizes within the budget; none without a budget, or where they are estimates."""
    counts = one.counts_within_budget if one.space.budget.limits() else []
    return tuple(found.value for found in counts) if all(found.exact for found in counts) else ()


def _stopped(method: str, one: Refinement) -> str:
    """Why a refinement is over, and from when on its rounds were not full."""
    stopped = METHODS.get(method).why_stopped(one.stopped_because)
    exhausted = [found.number for found in one.rounds if found.exhausted]
    if not exhausted:
        return stopped
    if METHODS.get(method).has_elites:
        rounds = "1 round" if len(exhausted) == 1 else f"{len(exhausted)} rounds"
        return f"{stopped[:-1]}; in {rounds} there were fewer networks to score than asked for."
    return f"{stopped[:-1]}; from round {exhausted[0]} on every remaining architecture was scored."


def _round_story(found: Round, predictor: str, transform: Transform) -> RoundStory:
    scores = transform.apply(found.frame[predictor].to_numpy(dtype=np.float64))
    names, estimates = found.space.hyperparameters, found.estimates
    return RoundStory(
        number=found.number,
        scores=scores[np.isfinite(scores)],
        failed=len(found.table.failures),
        intervals={name: (e.low, e.median, e.high) for name, e in estimates.items() if name in names},
        complexities={name: (e.low, e.median, e.high) for name, e in estimates.items() if name in COMPLEXITIES},
    )


def _best(one: Refinement, transform: Transform) -> tuple[tuple[str, str, float], ...]:
    """The highest-scoring networks of all rounds, each architecture once."""
    best: dict[str, tuple[float, str]] = {}
    for found in one.rounds:
        for row in found.table.rows:
            value = row.score.value
            if value is not None and value > best.get(row.architecture.id, (-np.inf, ""))[0]:
                best[row.architecture.id] = (value, str(row.architecture))
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:_BEST]
    return tuple((name, text, float(transform.apply(np.asarray([value]))[0])) for name, (value, text) in ranked)
