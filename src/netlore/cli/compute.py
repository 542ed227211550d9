"""Commands that score: `refine`, `score`, `bench` and `run`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from netlore.cli import options
from netlore.cli.console import print_json, reporter
from netlore.cli.executing import executable, executing
from netlore.cli.exit_codes import finish, keeping_nothing
from netlore.cli.pictures import READING

_SAMPLE = Path("runs/sample")


@executable
@options.having(options.SPACE, READING, options.PASS)
def refine(
    context: typer.Context,
    predictor: Annotated[
        str, typer.Option(help="Whose principles to uncover: a name or package.module:name.")
    ] = "synflow",
    data: options.Data = "cifar10",
    method: Annotated[
        str | None,
        typer.Option(
            help="A method of `netlore list methods` or package.module:name; if not given the paper's, which "
            "narrows the space round after round."
        ),
    ] = None,
    networks: Annotated[
        int | None, typer.Option(help="Networks to draw in each round; if not given as the method usually does.")
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
    bootstrap: Annotated[str, typer.Option(help="Intervals: exact, or the paper's monte-carlo.")] = "exact",
    round_limit: Annotated[int, typer.Option(help="The most rounds; a baseline takes them all.")] = 100,
    cost: Annotated[
        str | None,
        typer.Option(help="Of a method with two objectives the measure that is kept low; FLOPs if not given."),
    ] = None,
    common_draws: Annotated[
        bool,
        typer.Option(
            "--common-draws",
            help="Begin with the networks and initial weights with which refinements of this seed by other "
            "predictors and on other data begin.",
        ),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Uncover what a predictor prefers in a design space, round after round."""
    from netlore.cli import tables
    from netlore.experiments.config import RefineConfiguration
    from netlore.experiments.refine import folder_of, refine_run
    from netlore.refinement.methods import METHODS
    from netlore.report.write import write_report

    method = method or RefineConfiguration.model_fields["method"].default
    if networks is None and (method in METHODS or ":" in method):
        networks = METHODS.get(method).networks
    given = {**context.params, "method": method, "networks": networks}
    configuration = options.configured(RefineConfiguration, given)
    folder = out or Path("runs") / folder_of(configuration)
    with reporter() as progress, executing(context) as running:

        def shown(one: int, number: int, done: int, total: int) -> None:
            progress(f"seed {one}, round {number}" if replicates > 1 else f"round {number}", done, total)

        run = refine_run(configuration, folder, replicates, running, shown)
        written = write_report([folder], progress=partial(progress, "report", unit="figures"))
    run = replace(run, files=(*written.files, *run.files))
    print_json(run.document()) if as_json else tables.show_refinement(run)
    finish(run.failed)


@executable
@options.having(options.SPACE, READING, options.PASS)
def score(
    context: typer.Context,
    predictors: options.Predictors = ["all"],  # noqa: B006
    data: options.Data = "cifar10",
    networks: Annotated[
        int | None,
        typer.Option(help="Architectures to draw, 100 if not given; of each module draws of initial weights, 1."),
    ] = None,
    architectures: Annotated[
        list[str], typer.Option("--architecture", help="Score this, by name or JSON, instead; may be repeated.")
    ] = [],  # noqa: B006
    modules: Annotated[
        list[str],
        typer.Option(
            "--module",
            help="Score this torch module instead: timm:NAME, torchvision:NAME or package.module:attribute; "
            "may be repeated.",
        ),
    ] = [],  # noqa: B006
    arguments: Annotated[
        list[str],
        typer.Option("--arg", metavar="NAME=VALUE", help="An argument of all these modules; may be repeated."),
    ] = [],  # noqa: B006
    loss: Annotated[
        str,
        typer.Option(
            help="Loss of these modules: cross_entropy, mse, binary_cross_entropy, or package.module:name, a "
            "function of outputs and labels."
        ),
    ] = "cross_entropy",
    output: Annotated[
        str | None,
        typer.Option(
            help="Which output of these modules counts, if they return several: its name, or "
            "package.module:name, a function of them."
        ),
    ] = None,
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Output folder; if not given runs/sample, and scores of modules are only printed."),
    ] = None,
    chunk_size: Annotated[int, typer.Option(help="The most images evaluated at a time; 0: all.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Score and write nothing; show passes, and the time it would take.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Score a sample of a design space, named architectures, or any torch module."""
    from netlore.cli import tables, tables_of_time
    from netlore.experiments import estimate
    from netlore.experiments.config import ModulesConfiguration, ScoreConfiguration
    from netlore.experiments.score import score_run
    from netlore.experiments.score_modules import score_modules_run

    given = options.of_modules(context)
    configuration = options.configured(ModulesConfiguration if modules else ScoreConfiguration, given)
    folder = out if modules else out or _SAMPLE
    if dry_run:
        with reporter() as progress, keeping_nothing():
            if isinstance(configuration, ModulesConfiguration):
                found = estimate.forecast_modules(configuration, folder, workers)
            else:
                where = folder or _SAMPLE
                found = estimate.forecast_scores(configuration, where, workers, partial(progress, "measured"))
        print_json(found.document()) if as_json else tables_of_time.show_forecast(found)
        return
    with reporter() as progress, executing(context) as running:
        shown = partial(progress, "scores")
        if isinstance(configuration, ModulesConfiguration):
            with nullcontext() if folder else keeping_nothing():
                run = score_modules_run(configuration, folder, running, shown)
        else:
            run = score_run(configuration, folder or _SAMPLE, running, shown)
    print_json(run.document()) if as_json else tables.show_scores(run)
    finish(run.failed)


@options.having(READING)
def bench(
    context: typer.Context,
    predictors: options.Predictors = ["all"],  # noqa: B006
    data: options.Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw.")] = 20,
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    flops: options.Flops = (10e6, 50e6),
    batch_size: options.BatchSize = 64,
    dtype: options.Dtype = "float32",
    device: options.Device = "cpu",
    as_json: options.Json = False,
) -> None:
    """Measure how fast this machine scores: by each predictor alone, and by all together."""
    from netlore.cli import tables_of_time
    from netlore.experiments.config import BenchConfiguration
    from netlore.experiments.estimate import bench_run

    of_space = ("space", "space_options", "restrict", "params", "activations", "budget", "device_tables")
    fixed = (*of_space, "data_seed", "architectures", "chunk_size")
    configuration = options.configured(BenchConfiguration, context.params, fixed)
    with reporter() as progress, keeping_nothing():
        found = bench_run(configuration, workers, progress)
    print_json(found.document()) if as_json else tables_of_time.show_benchmark(found)
    finish(len(found.failures))


@executable
def run_study(
    context: typer.Context,
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
    from netlore.cli import tables, tables_of_time
    from netlore.experiments.study.config import planned, read_study
    from netlore.experiments.study.estimate import forecast_study
    from netlore.experiments.study.folders import check

    plan = planned(read_study(study), size)
    folder = out or Path("runs") / f"{study.stem}-{size}"
    check(plan, folder)
    with reporter() as progress, keeping_nothing():
        parts = forecast_study(plan, folder, workers, progress)
    if dry_run and as_json:
        print_json({"title": plan.title, "size": size, "parts": [one.document() for one in parts]})
    if not as_json:
        tables_of_time.show_plan(plan, parts, workers, sys.stdout if dry_run else sys.stderr)
    if dry_run:
        return
    with reporter() as progress, executing(context) as running:
        made = studies.run_study(plan, folder, running, progress)
    if as_json:
        print_json(made.document())
    else:
        tables_of_time.show_trained(made.trained)
        tables.show_files(made.files)
    finish(made.failed)
