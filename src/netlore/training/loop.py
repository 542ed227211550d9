"""One training as Lightning sees it: what a step is, what an epoch records, what a checkpoint holds.

Imported only where the extra `train` is installed; `trainer` sees to that.
"""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.utils.data import DataLoader

from netlore.errors import TrainingDiverged
from netlore.training.batches import (
    VALIDATED_AT_ONCE,
    Batches,
    TrainingData,
    validation_batch,
    validation_steps,
)
from netlore.training.checkpoints import FACTS, KEPT
from netlore.training.evaluation import Evaluation, balanced_error, evaluation
from netlore.training.loss import class_weights, shown_class, training_loss
from netlore.training.optimizer import averaged, optimizer, schedule
from netlore.training.recipe import Recipe
from netlore.training.records import EpochRecord, TrainingRecord
from netlore.training.timing import Stopwatch

LOOKED_AT_EVERY = 20
"""Steps between two looks at the loss; each look waits for the device."""

LOGGERS = ("lightning.pytorch", "lightning.fabric")
"""Loggers whose announcements say what is decided here already."""

_KNOWN_WARNINGS = (
    "`isinstance.treespec, LeafSpec.` is deprecated",  # Lightning 2.6 does so with torch 2.14
    "Checkpoint directory .* exists and is not empty",  # it holds the checkpoint to go on from
    "It is recommended to use `self.log",  # what is logged is a mean over all processes already
    "The '.*' does not have many workers",  # batches are made on the device
)


class Training(LightningModule):
    """A network that learns.

    Args:
        network: The network.
        data: What it learns from, and what it is judged by.
        recipe: How.
        facts: What a checkpoint must agree with, as JSON-able values.
        known: Attributes of the record that are known before the first epoch; its seed decides the order of images
            and their augmentation.
    """

    def __init__(
        self, network: nn.Module, data: TrainingData, recipe: Recipe, facts: dict[str, Any], known: dict[str, Any]
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last) if recipe.channels_last else network
        self.average = averaged(self.network, recipe.ema) if recipe.ema else None
        self.recipe = recipe
        self.facts = facts
        self.records: list[EpochRecord] = []
        self._evaluation: Evaluation | None = None
        self._best: dict[str, Tensor] = {}
        self._data = data
        self._known = known
        self._watch = Stopwatch(torch.device("cpu"))

    @property
    def images(self) -> int:
        """Training images that one epoch sees."""
        return int(self._known["images"])

    @property
    def judged(self) -> nn.Module:
        """The network that is validated, and exported."""
        return self.network if self.average is None else self.average.module

    @property
    def record(self) -> TrainingRecord:
        """What happened so far."""
        return TrainingRecord(**self._known, epochs=tuple(self.records), evaluation=self._evaluation)

    def setup(self, stage: str) -> None:
        """Move the images to the device that trains; called by Lightning in every process."""
        if self.trainer.world_size > 1:  # a process of its own, which knows nothing of the first one's settings
            ignore_known_warnings()
        self._validation = self._data.validation.to(self.device)
        images, part, parts = self._data.training.to(self.device), self.global_rank, self.trainer.world_size
        seed, mirrors, classes = self._known["seed"], self._data.mirrors, self._data.num_classes
        self._batches = Batches(images, self.recipe, seed, mirrors, part, parts, classes)
        balanced = self.recipe.class_weights == "balanced"
        self._weights = class_weights(images.labels, classes) if balanced else None

    def train_dataloader(self) -> DataLoader[int]:
        """The numbers of an epoch's steps: batches are made on the device, by number."""
        return _numbers(len(self._batches))

    def val_dataloader(self) -> DataLoader[int]:
        """The numbers of the validation's steps."""
        return _numbers(validation_steps(len(self._data.validation), self.trainer.world_size))

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Stochastic gradient descent, and the schedule of its learning rate."""
        descent = optimizer(self.network, self.recipe)
        moved, interval = schedule(descent, self.recipe, len(self._batches))
        return {"optimizer": descent, "lr_scheduler": {"scheduler": moved, "interval": interval}}

    def on_train_epoch_start(self) -> None:
        """Set every count to nothing, and start the clock."""
        precise = torch.float64 if self.device.type != "mps" else torch.float32
        self._sums = torch.zeros(2, dtype=precise, device=self.device)
        self._first_bad = torch.full((), -1, device=self.device)
        self._rate = float(self.trainer.optimizers[0].param_groups[0]["lr"])
        self._watch = Stopwatch(self.device)
        self._start = time.perf_counter()

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        """The loss of a step."""
        with self._watch.running():
            images, shown = self._batches.batch(self.current_epoch, batch_idx)
        logits = self.network(images)
        loss = training_loss(logits, shown, self.recipe, self._weights)
        found = loss.detach()
        wrong = (logits.detach().argmax(dim=1) != shown_class(shown)).float().mean()
        self._sums += torch.stack((found, wrong)).to(self._sums.dtype)
        unseen = (self._first_bad < 0) & ~torch.isfinite(found)
        self._first_bad = torch.where(unseen, batch_idx, self._first_bad)
        if self.device.type == "cpu" or batch_idx % LOOKED_AT_EVERY == 0:
            self._check_finite()
        return loss

    def on_train_batch_end(self, outputs: Any, batch: Tensor, batch_idx: int) -> None:
        """Let the average follow the weights."""
        if self.average is not None:
            self.average.update_parameters(self.network)

    def on_validation_epoch_start(self) -> None:
        """Stop the clock of the training steps, start that of the validation."""
        self._check_finite()
        sums = self._mean_over_processes(self._sums)
        self._loss, self._training_error = (float(one) / len(self._batches) for one in sums)
        now = time.perf_counter()
        self._training_seconds, self._start = now - self._start, now
        self._sums = torch.zeros(2, device=self.device)
        # Of every validation image the class that it is taken for, and the probability of that class.
        self._answers = torch.zeros(2, len(self._data.validation), device=self.device)

    def validation_step(self, batch: Tensor, batch_idx: int) -> None:
        """Count what is wrong."""
        part, parts = self.global_rank, self.trainer.world_size
        images, labels = validation_batch(self._validation, batch_idx, self.recipe.channels_last, (part, parts))
        if len(labels):
            logits = self.judged(images).float()
            loss = F.cross_entropy(logits, labels, reduction="sum")
            predicted = logits.argmax(dim=1)
            confidence = logits.softmax(dim=1).gather(1, predicted[:, None])[:, 0].nan_to_num(0.0)
            self._sums += torch.stack((loss, (predicted != labels).sum()))
            first = (batch_idx * parts + part) * VALIDATED_AT_ONCE
            self._answers[:, first : first + len(labels)] = torch.stack((predicted, confidence))

    def on_validation_epoch_end(self) -> None:
        """Record the epoch, keep its weights if it is the best, and stop if it is time to."""
        labels = self._data.validation.labels.numpy()
        count = len(labels) / self.trainer.world_size
        loss, wrong = (float(one) / count for one in self._mean_over_processes(self._sums))
        answers = self.trainer.strategy.reduce(self._answers, reduce_op="sum").double().cpu().numpy()
        predicted = answers[0].astype(np.int64)
        record = EpochRecord(
            epoch=self.current_epoch + 1,
            learning_rate=self._rate,
            loss=self._loss,
            training_error=100 * self._training_error,
            validation_loss=loss,
            error=100 * wrong,
            seconds=self._training_seconds,
            batch_seconds=self._watch.seconds(),
            validation_seconds=time.perf_counter() - self._start,
            balanced_error=balanced_error(labels, predicted),
            predicted_classes=len(np.unique(predicted)),
        )
        self.records.append(record)
        if self.record.kept is record:
            self._evaluation = evaluation(labels, predicted, answers[1], self._data.num_classes)
            if self.recipe.early_stopping:
                self._best = {name: value.detach().clone() for name, value in self.judged.state_dict().items()}
        if self.record.stopped:
            self.trainer.should_stop = True
        self.log_dict({name: float(value) for name, value in record.model_dump().items() if name != "epoch"})

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what the checkpoint belongs to, the records so far, and weights that are kept but do not learn."""
        kept = None if self._evaluation is None else self._evaluation.model_dump()
        epochs = [one.model_dump() for one in self.records]
        checkpoint[FACTS] = {"facts": self.facts, "epochs": epochs, "evaluation": kept}
        if self._best or self.average is not None:
            checkpoint[KEPT] = self._best or self.judged.state_dict()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on with the records of the checkpoint, and the best weights so far."""
        there = checkpoint[FACTS]
        self.records = [EpochRecord(**values) for values in there["epochs"]]
        self._evaluation = Evaluation.model_validate(there["evaluation"]) if there.get("evaluation") else None
        if self.recipe.early_stopping:
            self._best = dict(checkpoint[KEPT])

    def _check_finite(self) -> None:
        step = int(self._first_bad)
        if step >= 0:
            raise TrainingDiverged(self.current_epoch + 1, step + 1, self.recipe.learning_rate)

    def _mean_over_processes(self, values: Tensor) -> Tensor:
        mean = self.trainer.strategy.reduce(values, reduce_op="mean")
        assert isinstance(mean, Tensor)
        return mean


def ignore_known_warnings() -> None:
    """Silence Lightning's announcements, and those warnings, by their text, whose cause is known and harmless."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    for text in _KNOWN_WARNINGS:
        warnings.filterwarnings("ignore", message=text)


def _numbers(count: int) -> DataLoader[int]:
    return DataLoader(range(count), batch_size=None)  # type: ignore[arg-type]
