"""What `netlore pick` prints on a terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from netlore.cli.console import show_table
from netlore.cli.tables import show_failures, show_files
from netlore.report.text.phrases import count, preferences

if TYPE_CHECKING:
    from netlore.experiments.select import PickRun

_SHOWN = 5  # candidates; the file has all of them


def show_pick(run: PickRun, folder: Path) -> None:
    """The network, the best candidates, failures, the command that comes next, and the files."""
    found, settings, entries = run.pick, run.settings, run.entries()
    best, predictor, table = entries[0], settings["predictor"], found.candidates
    print(_sentence(run))
    print(f"{best['id']}: {found.architecture.family}, {found.architecture}")
    values = {name: (value, value) for name, value in found.architecture.values.items()}
    for one in preferences(values, run.source.refinement.space.grids):
        print(f"  {one.what}: {one.text}")
    print(
        f"{table.num_classes} classes, {table.resolution}x{table.resolution} pixels: {best['flops']:,} FLOPs "
        f"(multiply-adds), {best['params']:,} parameters, {best['activations']:,} activations; "
        f"{predictor} score {best['score']:.6g}"
    )
    rows = [
        [place, row.architecture.id, str(row.architecture), entry["flops"], entry["params"], float(row.score)]
        for place, (row, entry) in enumerate(zip(found.ranked[:_SHOWN], entries, strict=False), 1)
    ]
    columns = ["rank", "architecture", "hyperparameters", "FLOPs", "params", predictor]
    show_table("Best candidates", columns, rows)
    show_failures([(row.architecture, row.predictor, row.score) for row in table.failures], "pick.json lists them")
    print(f"Next: `{shlex.join(['netlore', 'train', str(folder)])}` trains it.")
    show_files(run.files)


def _sentence(run: PickRun) -> str:
    """Whose network it is, from how many it was picked, and whether the refinement is unfinished."""
    refinement, settings, drawn = run.source.refinement, run.settings, len(run.pick.candidates.rows)
    if not run.pick.exhausted:
        among = f"best of {count(drawn, 'architecture')} drawn from those"
    elif drawn > 1:
        among = f"best of all {drawn} architectures"
    else:
        among = "only architecture"
    whose = f"{settings['predictor']} on {settings['data']}, refined with seed {refinement.seed}"
    text = f"{whose}: the {among} that its principles and the budget leave."
    if refinement.stopped_because == "unfinished":
        rounds = count(len(refinement.rounds), "round")
        text += (
            f" The refinement is unfinished, these are the principles of {rounds}: go on with it, then pick again."
        )
    return text
