"""The command that chooses a network: `pick`."""

from __future__ import annotations

from typing import Annotated

import typer

from netlore.cli import options
from netlore.cli.common import finish, print_json


def pick(
    run: options.Run,
    networks: Annotated[int, typer.Option(help="Candidates to draw from the final space.")] = 25,
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
    from netlore.cli import tables_selection as showing_pick
    from netlore.cli.console import reporter
    from netlore.cli.exit_codes import keeping_nothing
    from netlore.experiments import select as picking

    with reporter() as told, keeping_nothing():
        found = picking.pick_run(
            run, networks, seed, replicate, workers, device, lambda done, total: told("candidates", done, total)
        )
    print_json(found.document()) if as_json else showing_pick.show_pick(found, run)
    finish(found.failed)
