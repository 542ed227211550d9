"""The only place that runs Lightning's trainer: loggers, checkpoints, progress, devices, and how it fails."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import signal
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from torch.multiprocessing.spawn import ProcessRaisedException

from netlore import errors
from netlore.errors import InvalidInput, NetloreError
from netlore.storage.atomic import make_folder, write_whole
from netlore.training.checkpoints import CHECKPOINT
from netlore.training.loop import LOGGERS, LOOKED_AT_EVERY, Training, ignore_known_warnings
from netlore.training.records import NOT_LEARNING, RECORD, Progress, Remark, Update

_LOGS = "logs"
_RAISED_ELSEWHERE = re.compile(r"netlore\.errors\.(\w+): (.*)")


def fit(
    training: Training, folder: Path, device: str, devices: int, precision: str, progress: Progress | None
) -> None:
    """Train until the recipe's last epoch, from the folder's checkpoint if it has one.

    Arguments and errors as of `trainer.train`, with `float32` or `bf16`; raises KeyboardInterrupt if interrupted.
    """
    checkpoint = make_folder(folder) / CHECKPOINT
    place = torch.device(device)
    kept = ModelCheckpoint(folder, checkpoint.stem, save_on_train_epoch_end=True, enable_version_counter=False)
    with _quiet(), _failing_in_one_line():
        observer = _Observer(folder, progress)
        trainer = Trainer(
            max_epochs=training.recipe.epochs,
            accelerator="gpu" if place.type == "cuda" else place.type,
            devices=devices if place.index is None else [place.index],
            strategy="ddp_spawn" if devices > 1 else "auto",
            sync_batchnorm=devices > 1 and place.type == "cuda",
            precision="bf16-mixed" if precision == "bf16" else "32-true",
            gradient_clip_val=training.recipe.clip_norm or None,
            logger=_loggers(folder),
            callbacks=[observer, kept],
            # The processes are those that are started here, also inside a job of a cluster with tasks of its own.
            plugins=[WholeFiles(), LightningEnvironment()],
            default_root_dir=folder,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            log_every_n_steps=1,
        )
        try:
            trainer.fit(training, ckpt_path=checkpoint if checkpoint.is_file() else None, weights_only=True)
        except SystemExit:
            # Lightning ends the process on an interruption.
            if trainer.interrupted:
                raise KeyboardInterrupt from None
            raise
        except (LookupError, TypeError, AttributeError, ValueError, RuntimeError) as error:
            if observer.began or isinstance(error, NetloreError) or not checkpoint.is_file():
                raise
            reason = (str(error).splitlines() or [""])[0]
            raise InvalidInput(
                f"{checkpoint} cannot be gone on from ({type(error).__name__}: {reason:.200}); remove it to start "
                "again."
            ) from None


def _loggers(folder: Path) -> list[Logger]:
    """Logs of this start of the training; every start has a folder of its own, so none is lost."""
    numbers = [path.name.removeprefix("version_") for path in (folder / _LOGS).glob("version_*")]
    number = 1 + max((int(one) for one in numbers if one.isdecimal()), default=-1)
    return [
        CSVLogger(folder, name=_LOGS, version=number),
        TensorBoardLogger(folder, name=_LOGS, version=number, default_hp_metric=False),
    ]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's announcements, and without the warnings whose cause is known; others are shown.

    Afterwards an interruption does what it did before, which Lightning ignores once it came; handlers of signals
    belong to the main thread, so in others nothing is changed.
    """
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels, interrupt = [logger.level for logger in loggers], signal.getsignal(signal.SIGINT)
    try:
        with warnings.catch_warnings():
            ignore_known_warnings()
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, interrupt)


@contextlib.contextmanager
def _failing_in_one_line() -> Iterator[None]:
    """Turn what comes back of another process's failure, which is the text of its traceback, into the error."""
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


class WholeFiles(TorchCheckpointIO):
    """Writes checkpoints under another name, then moves them; a full disk leaves the last one as it was."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Write a checkpoint; raises `Unwritable` if there is no space, or no permission."""
        content = io.BytesIO()
        torch.save(checkpoint, content)
        make_folder(Path(path).parent)
        write_whole(Path(path), content.getvalue())


class _Observer(Callback):
    """Writes the record after each epoch, and shows how far the training is, from the first of its processes."""

    def __init__(self, folder: Path, progress: Progress | None) -> None:
        self._folder = folder
        self._progress = progress
        self._open = contextlib.ExitStack()
        self._update: Update | None = None
        self._note = ""
        self.began = False
        """Whether all is there to begin with, what the checkpoint holds included."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.began = True
        if trainer.is_global_zero and self._progress is not None:
            self._update = self._open.enter_context(self._progress())

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        share = (batch_idx + 1) / int(trainer.num_training_batches)
        # The end of an epoch is shown with its error. Reading a loss waits for the device.
        if share < 1 and (pl_module.device.type == "cpu" or batch_idx % LOOKED_AT_EVERY == 0):
            self._show(trainer, pl_module, share, f"loss {float(outputs['loss']):.3f}{self._note}")

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, Training)
        if trainer.is_global_zero:
            write_whole(self._folder / RECORD, json.dumps(pl_module.record.document(), allow_nan=False).encode())
        last = pl_module.records[-1]
        self._note = f", error {last.error:.2f} %"
        self._show(trainer, pl_module, 1.0, f"loss {last.loss:.3f}{self._note}")
        # After epochs 1, 2, 4, 8, ...: as soon as possible, and not hundreds of times.
        if last.epoch & (last.epoch - 1) == 0 and (why := pl_module.record.not_learning) is not None:
            self._show(trainer, pl_module, 1.0, Remark(f"{NOT_LEARNING}: {why}"))

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._open.close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._open.close()

    def _show(self, trainer: Trainer, pl_module: LightningModule, share: float, note: str) -> None:
        """Show that `share` of the current epoch is done."""
        assert isinstance(pl_module, Training)
        if self._update is not None:
            done = round(pl_module.images * (trainer.current_epoch + share))
            total = pl_module.images * pl_module.recipe.epochs
            shown = f"epoch {trainer.current_epoch + 1}, {note}"
            self._update(done, total, Remark(shown) if isinstance(note, Remark) else shown)
