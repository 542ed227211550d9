"""Commands that score: `refine`, `score`, `bench` and `run`."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from netlore.cli import options
from netlore.cli.common import checked_options, finish, print_json
from netlore.cli.exit_codes import keeping_nothing

_SAMPLE = Path("runs/sample")


def refine(
    predictor: Annotated[str, typer.Option(help="Whose principles to uncover.")] = "synflow",
    data: options.Data = "cifar10",
    method: Annotated[
        str,
        typer.Option(
            help="paper: narrow the space round after round; memory: draw where all scores so far point; random, "
            "evolution: the baselines random search and regularised evolution."
        ),
    ] = "paper",
    networks: Annotated[
        int | None,
        typer.Option(help="Networks to draw in each round; if not given 500, with memory 60, by a baseline 50."),
    ] = None,
    seed: options.Seed = 0,
    replicates: Annotated[int, typer.Option(help="Independent refinements, with seeds that count up.")] = 1,
    workers: options.Workers = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Output folder; if not given runs/PREDICTOR-DATA, for another method runs/PREDICTOR-DATA-METHOD."
        ),
    ] = None,
    space: options.Space = "anynet",
    flops: options.Flops = (10e6, 50e6),
    params: options.Limits = options.NO_LIMIT,
    activations: options.Limits = options.NO_LIMIT,
    batch_size: options.BatchSize = 64,
    data_seed: options.DataSeed = 0,
    dtype: options.Dtype = "float32",
    device: options.Device = "cpu",
    bootstrap: Annotated[str, typer.Option(help="Intervals: exact, or the paper's monte-carlo.")] = "exact",
    round_limit: Annotated[int, typer.Option(help="At most so many rounds; a baseline takes them all.")] = 100,
    as_json: options.Json = False,
) -> None:
    """Uncover what a predictor prefers in a design space, round after round."""
    from netlore.cli import tables as showing
    from netlore.cli.console import reporter
    from netlore.experiments import refine as refining
    from netlore.experiments.config import RefineConfiguration, usual_networks
    from netlore.report.write import write_report

    networks = usual_networks(method) if networks is None else networks
    configuration = checked_options(RefineConfiguration, locals())
    folder = out or Path("runs") / refining.folder_of(configuration)
    with reporter() as told:

        def progress(one: int, number: int, done: int, total: int) -> None:
            told(f"seed {one}, round {number}" if replicates > 1 else f"round {number}", done, total)

        run = refining.refine_run(configuration, folder, replicates, workers, progress)
        written = write_report([folder], progress=lambda done, total: told("report", done, total, "figures"))
    run = replace(run, files=(*written.files, *run.files))
    print_json(run.document()) if as_json else showing.show_refinement(run)
    finish(run.failed)


def score(
    predictors: options.Predictors = ["all"],  # noqa: B006
    data: options.Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw.")] = 100,
    architectures: Annotated[
        list[str], typer.Option("--architecture", help="Score this, by name or JSON, instead; may be repeated.")
    ] = [],  # noqa: B006
    module: Annotated[
        str | None, typer.Option(help="Score this torch module, package.module:attribute, instead.")
    ] = None,
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    out: Annotated[Path, typer.Option(help="Output folder; a module's scores are only printed.")] = _SAMPLE,
    space: options.Space = "anynet",
    flops: options.Flops = (10e6, 50e6),
    params: options.Limits = options.NO_LIMIT,
    activations: options.Limits = options.NO_LIMIT,
    batch_size: options.BatchSize = 64,
    data_seed: options.DataSeed = 0,
    dtype: options.Dtype = "float32",
    device: options.Device = "cpu",
    chunk_size: Annotated[int, typer.Option(help="Evaluate at most so many images at a time; 0: all.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Score and write nothing; show passes, and the time it would take.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Score a sample of a design space, named architectures, or any torch module."""
    from netlore.cli import tables as showing
    from netlore.cli import tables_speed as showing_speed
    from netlore.cli.console import reporter
    from netlore.experiments import estimate as forecasting
    from netlore.experiments import score as scoring
    from netlore.experiments.config import ScoreConfiguration

    configuration = checked_options(ScoreConfiguration, locals())
    if module is not None and architectures:
        raise typer.BadParameter("--module and --architecture exclude each other; give one of them.")
    if dry_run:
        with reporter() as told, keeping_nothing():
            found = forecasting.forecast(module, configuration, out, workers, partial(told, "measured"))
        print_json(found.document()) if as_json else showing_speed.show_forecast(found)
        return
    if module is not None:
        scores = scoring.score_module(module, configuration)
        document = {"module": module, "scores": {name: vars(found) for name, found in scores.items()}}
        print_json(document) if as_json else showing.show_module_scores(module, scores)
        finish(sum(found.status != "ok" for found in scores.values()))
        return
    with reporter() as told:
        run = scoring.score_run(configuration, out, workers, lambda done, total: told("scores", done, total))
    print_json(run.document()) if as_json else showing.show_scores(run)
    finish(run.failed)


def bench(
    predictors: options.Predictors = ["all"],  # noqa: B006
    data: options.Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw.")] = 20,
    seed: options.Seed = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes, each on one core.")] = 1,
    flops: options.Flops = (10e6, 50e6),
    batch_size: options.BatchSize = 64,
    dtype: options.Dtype = "float32",
    device: options.Device = "cpu",
    as_json: options.Json = False,
) -> None:
    """Measure how fast this machine scores: by each predictor alone, and by all together."""
    from netlore.cli import tables_speed as showing_speed
    from netlore.cli.console import reporter
    from netlore.experiments.benchmark import bench_run
    from netlore.experiments.config import BenchConfiguration

    configuration = checked_options(BenchConfiguration, locals())
    with reporter() as told, keeping_nothing():
        found = bench_run(configuration, workers, told)
    print_json(found.document()) if as_json else showing_speed.show_benchmark(found)
    finish(len(found.failures))


def run_study(
    study: Annotated[Path, typer.Argument(help="A study as TOML, such as studies/paper.toml.")],
    size: Annotated[str, typer.Option(help="How much of it: a size that the study names.")] = "laptop",
    out: Annotated[Path | None, typer.Option(help="Output folder; runs/STUDY-SIZE if not given.")] = None,
    workers: options.Workers = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the plan, and the time it would take.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Do a whole study: a sample, refinements of every predictor on every data set, trainings, and a report."""
    from netlore import study as studies
    from netlore.cli import tables as showing
    from netlore.cli import tables_study as showing_study
    from netlore.cli.console import reporter
    from netlore.experiments.study import estimate_training as studying_training
    from netlore.experiments.study import folders as studying
    from netlore.experiments.study.config import planned, read_study

    plan = planned(read_study(study), size)
    folder = out or Path("runs") / f"{study.stem}-{size}"
    studying.check(plan, folder)
    with reporter() as told, keeping_nothing():
        parts = studying.forecast(plan, folder, workers, told)
        trainings = studying_training.forecast_trainings(plan, folder, told)
    if dry_run and as_json:
        documents = [*(one.document() for one in parts), *(one.document() for one in trainings)]
        print_json({"title": plan.title, "size": size, "parts": documents})
    if not as_json:
        stream = sys.stdout if dry_run else sys.stderr
        showing_study.show_plan(plan.title, size, parts, trainings, workers, stream)
    if dry_run:
        return
    with reporter() as told:
        made = studies.study(plan, folder, workers, told)
    if as_json:
        print_json(made.document())
    else:
        showing_study.show_trained(made.trained)
        showing.show_files(made.files)
    finish(made.failed)
