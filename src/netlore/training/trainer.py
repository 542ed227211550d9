"""`train()`: one network, one data set, one recipe, in a folder in which an interrupted training goes on."""

from __future__ import annotations

import json
from importlib.util import find_spec
from operator import index
from pathlib import Path
from typing import Any

import torch

from netlore.arguments import validated
from netlore.drawing import import_matplotlib
from netlore.errors import InvalidInput
from netlore.networks import build
from netlore.networks.devices import check_device
from netlore.scoring.draws import network_seed
from netlore.space.architecture import Architecture
from netlore.storage.atomic import write_whole
from netlore.training.batches import (
    TrainingData,
    check_batches,
    images_an_epoch,
    validation_batch,
    validation_steps,
)
from netlore.training.checkpoints import CHECKPOINT, Checkpoint, recorded, weights_of
from netlore.training.evaluation import majority_error
from netlore.training.loss import chance_loss
from netlore.training.optimizer import resolved_precision
from netlore.training.recipe import Recipe
from netlore.training.records import RECORD, Progress, TrainingRecord

_PACKAGES = ("lightning", "tensorboard")


@validated
def train(
    architecture: Architecture,
    data: TrainingData,
    recipe: Recipe,
    folder: Path,
    seed: int = 0,
    device: str = "cpu",
    devices: int = 1,
    progress: Progress | None = None,
) -> TrainingRecord:
    """Train a network, or go on training it.

    A checkpoint is written after every epoch; the same call goes on after the last one. On the CPU it ends with
    the weights of an uninterrupted training, bit for bit, with the same number of threads. A record that is
    missing or damaged is written again from the checkpoint. It may be called in any thread.

    Args:
        architecture: What to train. Its initial weights are those of the network that `netlore.score` scores with
            the same seed.
        data: What it learns from and is judged by.
        recipe: How.
        folder: Where the checkpoint, the record and logs (CSV and TensorBoard) go or lie.
        seed: Decides initial weights, order of images and augmentation; from 0 to 2^63 - 1.
        device: A torch device, `cpu` or `cuda`.
        devices: Processes that share every batch: several GPUs, or several processes on the CPU. Gradients are
            averaged; batch norms see whole batches on GPUs, and each process's part on the CPU.
        progress: Opens something that shows how far it is.

    Returns:
        What happened in every epoch.

    Raises:
        InvalidInput: A package is missing, the device cannot be used, the devices cannot share a batch, or the
            folder's checkpoint belongs to another training.
        TrainingDiverged: The loss is no longer finite.
        Unwritable: The folder cannot be written; the last checkpoint is kept.
    """
    check_installed()
    import_matplotlib()  # before Lightning does: it needs none, but imports one
    from netlore.training.fit import fit
    from netlore.training.loop import Training

    seed, devices = _checked_seed(seed), index(devices)
    check_device(device)
    check_batches(data.training, recipe, devices)
    precision = resolved_precision(recipe, device)
    # What a checkpoint must agree with, in the order in which a difference is reported.
    facts = {
        "architecture": architecture.id,
        "number of classes": data.num_classes,
        "data": data.digest,
        "recipe": recipe.model_dump(mode="json"),
        "seed": seed,
        "precision": precision,
        "devices": devices,
    }
    checkpoint = folder / CHECKPOINT
    known = _known(data, recipe, seed, precision)
    record = _record(known, recorded(checkpoint, facts)) if checkpoint.is_file() else None
    if record is None or not record.finished:
        network = build(
            architecture, data.num_classes, network_seed(seed, architecture.id, 0), resolution=data.resolution
        )
        fit(Training(network, data, recipe, facts, known), folder, device, devices, precision, progress)
        record = _record(known, recorded(checkpoint, facts))
    content = json.dumps(record.document(), allow_nan=False).encode()
    if not (folder / RECORD).is_file() or (folder / RECORD).read_bytes() != content:
        write_whole(folder / RECORD, content)
    return record


def _known(data: TrainingData, recipe: Recipe, seed: int, precision: str) -> dict[str, Any]:
    """What a record has before the first epoch, by its attributes."""
    learned, judged = data.training.labels, data.validation.labels
    return {
        "seed": seed,
        "images": images_an_epoch(data, recipe),
        "planned": recipe.epochs,
        "early_stopping": recipe.early_stopping,
        "majority_error": majority_error(learned.numpy(), judged.numpy()),
        "chance_loss": chance_loss(learned, data.num_classes, recipe),
        "precision": precision,
    }


def _record(known: dict[str, Any], there: Checkpoint) -> TrainingRecord:
    return TrainingRecord(**known, epochs=there.epochs, evaluation=there.evaluation)


@validated
def final_error(
    architecture: Architecture, data: TrainingData, recipe: Recipe, folder: Path, device: str = "cpu"
) -> float:
    """Percent of the images for a test that the network in a training's last checkpoint misclassifies.

    It is computed as the training computes the error of the validation set; arguments as of `train`.

    Raises:
        InvalidInput: The data were made without images for a test, or the folder has no readable checkpoint.
    """
    if data.test is None:
        raise InvalidInput(
            f"{data.name} has no images for a test that lie next to others for validation; add them."
        )
    where = torch.device(device)
    network = build(architecture, data.num_classes, seed=0, resolution=data.resolution)
    network.load_state_dict(weights_of(folder / CHECKPOINT))
    network = network.to(where).eval()
    if recipe.channels_last:
        network = network.to(memory_format=torch.channels_last)
    images, wrong = data.test.to(where), 0
    mixed = torch.autocast(where.type, torch.bfloat16, enabled=resolved_precision(recipe, device) == "bf16")
    with torch.no_grad(), mixed:
        for step in range(validation_steps(len(images), 1)):
            inputs, labels = validation_batch(images, step, recipe.channels_last, (0, 1))
            wrong += int((network(inputs).float().argmax(dim=1) != labels).sum())
    return 100 * wrong / len(images)


def check_installed() -> None:
    """Refuse to train without the packages that do it."""
    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise InvalidInput(
            f"training needs {' and '.join(_PACKAGES)}, but {missing[0]} is not installed; "
            "pip install 'netlore[train]'."
        )


def _checked_seed(seed: int) -> int:
    number = -1 if isinstance(seed, bool) or not hasattr(seed, "__index__") else index(seed)
    if not 0 <= number < 2**63:
        raise InvalidInput(f"seed = {seed!r} is not a whole number from 0 to 2^63 - 1; choose one.")
    return number
