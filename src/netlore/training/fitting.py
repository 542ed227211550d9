"""The only place that runs Lightning's trainer: loggers, checkpoints, progress, devices, and how it fails."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import re
import signal
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from torch import nn
from torch.multiprocessing.spawn import ProcessRaisedException

from netlore import errors
from netlore.errors import NetloreError
from netlore.storage.atomic import make_folder, write_whole
from netlore.training.batches import TrainingData, images_an_epoch
from netlore.training.loop import Training
from netlore.training.progress import Progress, Told
from netlore.training.recipe import Recipe
from netlore.training.records import TrainingRecord
from netlore.training.trainer import CHECKPOINT, RECORD
from netlore.training.whole_files import WholeFiles

_LOGS = "logs"
_RAISED_ELSEWHERE = re.compile(r"netlore\.errors\.(\w+): (.*)")


@dataclass(frozen=True)
class Place:
    """Where a training runs.

    Attributes:
        folder: Where checkpoint and logs go.
        device: A torch device.
        devices: How many processes share every batch.
        precision: `float32` or `bf16`.
    """

    folder: Path
    device: str
    devices: int
    precision: str


def fit(
    network: nn.Module,
    data: TrainingData,
    recipe: Recipe,
    seed: int,
    facts: dict[str, Any],
    place: Place,
    progress: Progress | None,
) -> None:
    """Train until the recipe's last epoch, from the folder's checkpoint if it has one.

    Raises:
        KeyboardInterrupt: The training was interrupted.
        NetloreError: As `trainer.train`.
    """
    make_folder(place.folder)
    if recipe.channels_last:
        network = network.to(memory_format=torch.channels_last)
    training = Training(network, data, recipe, seed, facts)
    checkpoint = place.folder / CHECKPOINT
    with _quiet(), _failing_in_one_line():
        trainer = _trainer(recipe, place, _callbacks(data, recipe, seed, place, progress))
        start = str(checkpoint) if checkpoint.is_file() else None
        before = signal.getsignal(signal.SIGINT)
        try:
            trainer.fit(training, ckpt_path=start, weights_only=True)
        except SystemExit:
            # Lightning ends the process on an interruption, and from then on ignores the signal.
            if trainer.interrupted:
                raise KeyboardInterrupt from None
            raise
        finally:
            signal.signal(signal.SIGINT, before)


def _callbacks(
    data: TrainingData, recipe: Recipe, seed: int, place: Place, progress: Progress | None
) -> list[Callback]:
    kept = ModelCheckpoint(
        dirpath=place.folder,
        filename=Path(CHECKPOINT).stem,
        save_top_k=1,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    images = images_an_epoch(data, recipe)
    told = [] if progress is None else [_Telling(progress, images)]
    return [*told, _Recording(place.folder, seed, images), kept]


def _trainer(recipe: Recipe, place: Place, callbacks: list[Callback]) -> Trainer:
    device = torch.device(place.device)
    several = place.devices > 1
    precision: Literal["bf16-mixed", "32-true"] = "bf16-mixed" if place.precision == "bf16" else "32-true"
    which: int | list[int] = place.devices if device.index is None else [device.index]
    return Trainer(
        max_epochs=recipe.epochs,
        accelerator="gpu" if device.type == "cuda" else device.type,
        devices=which,
        strategy="ddp_spawn" if several else "auto",
        sync_batchnorm=several and device.type == "cuda",
        precision=precision,
        gradient_clip_val=recipe.clip_norm or None,
        logger=_loggers(place.folder),
        callbacks=callbacks,
        plugins=[WholeFiles()],
        default_root_dir=place.folder,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        log_every_n_steps=1,
    )


def _loggers(folder: Path) -> list[Logger]:
    """Logs of this start of the training; every start has a folder of its own, so none is lost."""
    number = sum(1 for _ in (folder / _LOGS).glob("version_*"))
    return [
        CSVLogger(folder, name=_LOGS, version=number),
        TensorBoardLogger(folder, name=_LOGS, version=number, default_hp_metric=False),
    ]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's hints and announcements: what matters of them is decided here already."""
    rooms = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [room.level for room in rooms]
    for room in rooms:
        room.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for room, level in zip(rooms, levels, strict=True):
            room.setLevel(level)


@contextlib.contextmanager
def _failing_in_one_line() -> Iterator[None]:
    """Turn what comes back of another process's failure into the error that it was."""
    try:
        yield
    except ProcessRaisedException as error:
        found = _RAISED_ELSEWHERE.search(str(error))
        kind = getattr(errors, found[1], None) if found else None
        if found is None or not isinstance(kind, type) or not issubclass(kind, NetloreError):
            raise
        failure = NetloreError.__new__(kind)
        failure.args = (found[2],)
        raise failure from None


class _Recording(Callback):
    """Writes what happened, epoch by epoch, for those who do not want to open a checkpoint."""

    def __init__(self, folder: Path, seed: int, images: int) -> None:
        self._folder = folder
        self._seed = seed
        self._images = images

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, Training)
        if trainer.is_global_zero:
            epochs = tuple(pl_module.records)
            record = TrainingRecord(self._seed, self._images, epochs, pl_module.recipe.epochs)
            write_whole(self._folder / RECORD, json.dumps(record.document(), allow_nan=False).encode())


class _Telling(Callback):
    """Tells how far a training is, from the first of its processes."""

    def __init__(self, progress: Progress, images: int) -> None:
        self._progress = progress
        self._images = images
        self._open = contextlib.ExitStack()
        self._told: Told | None = None
        self._loss: Any = math.nan
        self._error = ""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.is_global_zero:
            self._told = self._open.enter_context(self._progress())

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._loss = outputs["loss"]
        share = (batch_idx + 1) / int(trainer.num_training_batches)
        if share < 1:  # the end of an epoch is told with its error
            self._tell(trainer, share)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, Training)
        self._error = f", error {pl_module.records[-1].error:.2f} %"
        self._tell(trainer, 1.0)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._open.close()

    def _tell(self, trainer: Trainer, share: float) -> None:
        """So much of the current epoch is done."""
        if self._told is not None and trainer.max_epochs is not None:
            done = round(self._images * (trainer.current_epoch + share))
            note = f"epoch {trainer.current_epoch + 1}, loss {float(self._loss):.3f}{self._error}"
            self._told(done, self._images * trainer.max_epochs, note)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._open.close()
