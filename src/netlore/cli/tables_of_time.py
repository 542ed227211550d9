"""What commands print on a terminal about time, and about studies, whose parts take it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import TextIO

from netlore.cli.console import show_table
from netlore.cli.tables import show_failures
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.estimate import Benchmark, Forecast, reading_seconds
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.estimate import Rest
from netlore.experiments.study.train_config import TrainPart
from netlore.refinement.methods import METHODS
from netlore.report.text.phrases import count, duration
from netlore.report.trainings import beside_error, training_notes
from netlore.study import Trained

_LONG = 60  # seconds from which on a command says beforehand how long it takes


def show_reading(runs: Sequence[Path]) -> None:
    """Before scores are read that take long, how long."""
    seconds = reading_seconds(runs)
    if seconds > _LONG:
        print(f"netlore: reading the scores takes about {duration(seconds)}.", file=sys.stderr)


def show_forecast(forecast: Forecast) -> None:
    """What each predictor adds, and the time that it would take."""
    rows = [
        {"predictor": name, "adds": "\n".join(sentences) or "nothing"}
        for name, sentences in forecast.passes.items()
    ]
    show_table("Passes for one network", rows)
    if forecast.objective:
        print(f"{'; '.join(f'{what}: {name}' for what, name in forecast.objective.items())}.")
    networks = count(forecast.networks, "network")
    if forecast.missing == 0:
        print(f"Nothing is left to score of {networks}: the folder holds it all.")
        return
    if forecast.seconds is None:
        last = "It is one network; how long it takes shows when it is scored."
        if forecast.networks > 1:
            last = f"There are {networks}, {forecast.missing:,} to score; how long they take shows then."
        print(last)
        return
    what = f"the {forecast.missing:,} of {networks} that the folder lacks"
    what = what if forecast.missing < forecast.networks else networks
    share = f" that share {count(forecast.cores, 'core')}" if forecast.workers > forecast.cores else ""
    workers = count(forecast.workers, "worker") + share
    print(
        f"About {duration(forecast.seconds)} for {what} on {workers} (measured on {forecast.measured_on} of them)."
    )


def show_benchmark(benchmark: Benchmark) -> None:
    """The machine, then a row per way of scoring, then the scores that are missing."""
    found, asked = benchmark.surroundings(), benchmark.configuration
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    cores = f"{found['cores_used']} of {found['cores']} cores"
    print(f"{found['machine']}, {found['capability']}, {cores}; {versions}")
    print(
        f"{count(benchmark.networks, 'network')}, {asked.batch_size} images of {asked.data}, {asked.dtype} on "
        f"{found['device']}, {count(found['workers'], 'worker')}"
    )
    rows = [
        {
            "predictor": name,
            "networks a second": round(speed.networks_per_second, 1),
            "median milliseconds a network": round(speed.median_milliseconds, 1),
        }
        for name, speed in {**benchmark.alone, "all together": benchmark.together}.items()
    ]
    show_table("Speed", rows)
    show_failures(benchmark.failures, "`--json` counts them")


def show_plan(plan: StudyPlan, parts: Sequence[Rest], workers: int, stream: TextIO = sys.stdout) -> None:
    """A row per part of a study with the time that the rest of it may take."""
    show_table(f"{plan.title}, size {plan.size}", rest_rows(parts), stream)
    scoring = sum(one.seconds for one in parts if isinstance(one.part, Part))
    if plan.parts:
        asked = [one.configuration for one in plan.parts if isinstance(one.configuration, RefineConfiguration)]
        methods = [METHODS.get(name) for name in dict.fromkeys(one.method for one in asked)]
        rounds = ", ".join(f"a {one.label} takes {one.rounds} rounds" for one in methods if one.rounds)
        so = f"About {duration(scoring)} of scoring with {count(workers, 'worker')}"
        usually = f"{rounds} and " if rounds else ""
        print(f"{so}, if {usually}networks cost as much as those of the initial space.", file=stream)
    if plan.trainings:
        picked = any(one.architecture is None for one in plan.trainings)
        guess = ", if a network that is not picked yet costs as much as the median one of the initial space"
        training = sum(one.seconds for one in parts) - scoring
        so = f"About {duration(training)} of training, at the pace of a few measured steps"
        print(f"{so}{guess if picked else ''}.", file=stream)


def rest_rows(parts: Sequence[Rest]) -> list[dict[str, str]]:
    """What each part is, how far it is, and the time that the rest of it may take."""
    return [
        {
            "part": one.part.name,
            "what": _what(one.part),
            "done": count(one.done, "network")
            if isinstance(one.part, Part)
            else f"{one.done:,} of {count(one.total, 'epoch')}",
            "time left": "done" if one.finished else duration(one.seconds),
        }
        for one in parts
    ]


def _what(part: Part | TrainPart) -> str:
    if isinstance(part, TrainPart):
        what, replicates = f"{part.what}, recipe {Path(part.table.recipe).stem}", part.table.replicates
    elif isinstance(part.configuration, RefineConfiguration):
        what, replicates = f"{part.configuration.networks:,} networks a round", part.replicates
    else:
        return f"{part.configuration.networks:,} networks, {len(part.predictors)} predictors"
    return what + (f", {replicates} seeds" if replicates > 1 else "")


def show_trained(trained: Sequence[Trained]) -> None:
    """A row per training, and why others have no result."""
    rows = [
        {
            "part": one.part.name,
            "network": one.run.configuration.name,
            "error, %": mean(record.error for record in one.run.records),
            **{title[:1].lower() + title[1:]: error for title, error in beside_error(one.run.records).items()},
            "lowest, %": min(record.best_error for record in one.run.records),
        }
        for one in trained
        if one.run is not None
    ]
    if rows:
        show_table("Trained networks", rows)
    for one in trained:
        if one.run is not None:
            print(*(f"{note}\n" for note in training_notes(one.part.name, one.run.records)), sep="", end="")
    for one in trained:
        if one.run is None:
            print(f"{one.part.name} has no result: {one.reason}")
