"""What the commands of studies and analyses print on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import TextIO

from netlore.cli.console import show_table
from netlore.cli.tables import show_files
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.study.estimate_training import TrainForecast
from netlore.experiments.study.folders import Forecast
from netlore.experiments.study.train import Trained
from netlore.report.text.phrases import count, duration
from netlore.report.write import Report

_SHORT = 40  # rows; longer tables are written, not printed


def show_plan(
    title: str,
    size: str,
    parts: Sequence[Forecast],
    trainings: Sequence[TrainForecast],
    workers: int,
    stream: TextIO,
) -> None:
    """A row per part with the time that the rest of it may take."""
    rows = [_scoring_row(one) for one in parts] + [_training_row(one) for one in trainings]
    show_table(f"{title}, size {size}", ["part", "what", "done", "time left"], rows, stream)
    if parts:
        total = sum(one.seconds for one in parts)
        asked = [one.part.configuration for one in parts]
        memory = any(isinstance(one, RefineConfiguration) and one.method == "memory" for one in asked)
        print(
            f"About {duration(total)} of scoring with {count(workers, 'worker')}, if a refinement takes ten rounds"
            f"{', with memory twenty,' if memory else ''} and its networks cost as much as those of the initial "
            "space.",
            file=stream,
        )
    if trainings:
        total = sum(one.seconds for one in trainings)
        print(
            f"About {duration(total)} of training, at the pace of a few measured steps{_guess(trainings)}.",
            file=stream,
        )


def _scoring_row(one: Forecast) -> list[object]:
    configuration = one.part.configuration
    if isinstance(configuration, RefineConfiguration):
        what = f"{configuration.networks:,} networks a round" + _seeds(one.part.replicates)
    else:
        what = f"{configuration.networks:,} networks, {len(one.predictors)} predictors"
    return [one.part.name, what, count(one.scored, "network"), "done" if one.finished else duration(one.seconds)]


def _training_row(one: TrainForecast) -> list[object]:
    table = one.part.table
    what = f"{one.part.what}, recipe {Path(table.recipe).stem}" + _seeds(table.replicates)
    done = f"{one.trained:,} of {count(one.epochs, 'epoch')}"
    return [one.part.name, what, done, "done" if one.finished else duration(one.seconds)]


def _seeds(replicates: int) -> str:
    return f", {replicates} seeds" if replicates > 1 else ""


def _guess(trainings: Sequence[TrainForecast]) -> str:
    """What is assumed of networks that nobody knows yet."""
    if all(one.part.architecture for one in trainings):
        return ""
    return ", if a network that is not picked yet costs as much as the median one of the initial space"


def show_trained(trained: Sequence[Trained]) -> None:
    """A row per training, and why others came to nothing."""
    rows: list[list[object]] = [
        [
            one.part.name,
            one.run.configuration.name,
            mean(errors),
            min(record.best_error for record in one.run.records),
        ]
        for one in trained
        if one.run is not None
        for errors in [[record.error for record in one.run.records]]
    ]
    if rows:
        show_table("Trained networks", ["part", "network", "error, %", "lowest, %"], rows)
    for one in trained:
        if one.run is None:
            print(f"{one.part.name} came to nothing: {one.reason}")


def show_analysis(found: Report) -> None:
    """The sentences, the short tables, and the files."""
    for sentence in found.sentences:
        print(sentence.text)
    print()
    for table in found.tables:
        if len(table.frame) <= _SHORT:
            show_table(table.caption, table.columns, list(table.texts.itertuples(index=False, name=None)))
    show_files(found.files)
