"""The command that trains: `train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netlore.cli import options
from netlore.cli.common import print_json


def train(
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
    recipe: Annotated[str, typer.Option(help="paper, quick, smoke, or a .toml file.")] = "quick",
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    changes: Annotated[
        list[str], typer.Option("--set", help="KEY=VALUE, instead of the recipe's; may be repeated.")
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(help="Decides initial weights, order of images and augmentation.")] = 0,
    replicates: Annotated[int, typer.Option(help="Independent trainings, with seeds that count up.")] = 1,
    device: options.Device = "cpu",
    devices: Annotated[int, typer.Option(min=1, help="Processes or GPUs that share every batch.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Output folder; runs/trained/ARCHITECTURE-DATA-RECIPE if not given.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Train a network, or go on training it: an architecture, or the best of a refinement's last design space."""
    from netlore.cli import tables_training as showing_training
    from netlore.experiments import train as training
    from netlore.experiments.train_config import configured

    configuration = configured(
        what,
        data,
        recipe,
        epochs,
        changes,
        validation=validation,
        seed=seed,
        device=device,
        devices=devices,
    )
    folder = out or training.usual_folder(configuration)
    run = training.train_run(
        configuration, folder, replicates, showing_training.progress_of(configuration, replicates)
    )
    print_json(run.document()) if as_json else showing_training.show_training(run, folder)
