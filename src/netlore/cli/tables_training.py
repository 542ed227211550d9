"""What `netlore train` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from netlore.cli.console import reporter, show_table
from netlore.cli.tables import show_files
from netlore.experiments.train import TrainRun
from netlore.experiments.train_config import TrainConfiguration
from netlore.training.progress import Progress, Update


@dataclass(frozen=True)
class _Shown:
    """Picklable: shows how far a training is."""

    label: str

    @contextmanager
    def __call__(self) -> Iterator[Update]:
        with reporter() as told:
            yield lambda done, total, note: told(self.label, done, total, "images", note)


def progress_of(configuration: TrainConfiguration, replicates: int) -> Callable[[int], Progress]:
    """For a seed, what shows how far its training is."""
    name = configuration.name.rpartition("/")[2]
    return lambda seed: _Shown(f"{name}, seed {seed}" if replicates > 1 else name)


def show_training(run: TrainRun, folder: Path) -> None:
    """A row per seed, what it cost, the files, and what to do next."""
    configuration, result = run.configuration, run.result()
    print(
        f"{configuration.name} ({configuration.make_architecture()}): {result['flops']:,} FLOPs (multiply-adds), "
        f"{result['params']:,} parameters, {result['activations']:,} activations"
    )
    print(
        f"{run.facts.training_images:,} training and {run.facts.validation_images:,} validation images of "
        f"{configuration.data}, recipe {configuration.recipe_in_words}"
    )
    rows = [
        [one.seed, len(one.epochs), one.error, one.best_error, one.seconds_an_epoch, one.images_per_second]
        for one in run.records
    ]
    columns = ["seed", "epochs", "error, %", "lowest, %", "seconds an epoch", "images a second"]
    show_table("Validation", columns, rows)
    if "errors" in result:
        print(f"Error over seeds: mean {result['errors']['mean']:.2f} %, s {result['errors']['stdev']:.2f} %.")
    print(f"Next: netlore report {folder}, netlore export {folder} --format onnx|safetensors|python")
    show_files(run.files)
