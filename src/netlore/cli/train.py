"""Commands from principles to a network: `pick` and `train`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from netlore.cli import options
from netlore.cli.console import print_json, reporter
from netlore.cli.executing import executable, executing
from netlore.cli.exit_codes import finish, keeping_nothing
from netlore.cli.pictures import READING
from netlore.training.recipe import settings
from netlore.training.records import Progress, Update


@executable
def pick(
    context: typer.Context,
    run: options.Run,
    networks: Annotated[int, typer.Option(help="Candidates to draw from the final space.")] = 25,
    candidates: Annotated[
        str,
        typer.Option(help="drawn: from the final space; elites: the best that the refinement scored; or both."),
    ] = "drawn",
    seed: options.Seed = 0,
    replicate: Annotated[
        int | None, typer.Option(help="Seed of the replicate to pick from; the first if not given.")
    ] = None,
    workers: options.Workers = 1,
    device: Annotated[
        str | None, typer.Option(help="Where to compute: cpu or cuda; as the refinement did, if not given.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Pick a network from a refinement: the best of some that its principles allow."""
    from netlore.cli import tables
    from netlore.experiments.select import pick_run

    with reporter() as progress, keeping_nothing(), executing(context) as running:
        shown = partial(progress, "candidates")
        found = pick_run(run, networks, seed, replicate, running, device, shown, cast(Any, candidates))
    print_json(found.document()) if as_json else tables.show_pick(found, run)
    finish(found.failed)


@options.having(READING)
def train(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="ARCHITECTURE|RUN",
            help="A name of `netlore list architectures`, JSON, a .json file, or the folder of a refinement.",
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            help="digits, cifar10, cifar100, a .parquet file or a folder; by default the RUN's, or cifar10."
        ),
    ] = None,
    validation: Annotated[
        str | None, typer.Option(help="Judge by this file or folder; by default by what belongs to the data.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="paper, quick, small, smoke, or a .toml file.")] = "quick",
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    changes: Annotated[
        list[str], typer.Option("--set", help="KEY=VALUE, instead of the recipe's; may be repeated.")
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(help="Decides initial weights, order of images and augmentation.")] = 0,
    replicates: Annotated[int, typer.Option(help="Independent trainings, with seeds that count up.")] = 1,
    device: options.Device = "cpu",
    devices: Annotated[int, typer.Option(min=1, help="Processes or GPUs that share every batch.")] = 1,
    test: Annotated[
        bool,
        typer.Option("--test", help="At the end, classify the part test of the data, next to one for validation."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Output folder; runs/trained/ARCHITECTURE-DATA-RECIPE if not given.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Train a network, or go on training it: an architecture, or the best of a refinement's last design space."""
    from netlore.cli import tables
    from netlore.experiments.train import train_run, usual_folder
    from netlore.experiments.train_config import beyond_budget, configured

    more = {"validation": validation, "seed": seed, "device": device, "devices": devices}
    more |= {name: context.params[name] for name in READING}
    configuration = configured(what, data, recipe, epochs, settings(changes), **more)
    folder, name = out or usual_folder(configuration), configuration.name.rpartition("/")[2]

    def shown(one: int) -> Progress:
        return partial(_shown, f"{name}, seed {one}" if replicates > 1 else name)

    run = train_run(configuration, folder, replicates, shown, test)
    if said := beyond_budget(what, configuration, run.facts):
        print(f"netlore: {said}", file=sys.stderr)
    print_json(run.document()) if as_json else tables.show_training(run, folder)


@contextmanager
def _shown(label: str) -> Iterator[Update]:
    """How far a training is; as part of a `partial`, it can be sent to other processes."""
    with reporter() as progress:
        yield lambda done, total, note: progress(label, done, total, "images", note)
