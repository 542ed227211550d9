"""`train()`: one network, one data set, one recipe, in a folder that can be gone on with."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.networks import build
from netlore.networks.devices import check_device
from netlore.scoring.scorer import network_seed
from netlore.space.architecture import Architecture
from netlore.training.batches import TrainingData, check_parts, images_an_epoch
from netlore.training.checkpoints import check_checkpoint, recorded_epochs
from netlore.training.precision import resolved_precision
from netlore.training.progress import Progress
from netlore.training.recipe import Recipe
from netlore.training.records import TrainingRecord

CHECKPOINT = "last.ckpt"
RECORD = "record.json"

_PACKAGES = ("lightning", "tensorboard")


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
    the weights of an uninterrupted training, bit for bit, with the same number of threads.

    Args:
        architecture: What to train. Its initial weights are those of the network that `netlore.score` scores with
            the same seed.
        data: What it learns from and is judged by.
        recipe: How.
        folder: Where the checkpoint and logs (CSV and TensorBoard) go or lie.
        seed: Decides initial weights, order of images and augmentation; 0 or more.
        device: A torch device, `cpu` or `cuda`.
        devices: Processes that share every batch: several GPUs, or several processes on the CPU. Gradients are
            averaged; batch norms see whole batches on GPUs, and each process's part on the CPU.
        progress: Opens something that is told how far it is.

    Returns:
        What happened in every epoch.

    Raises:
        InvalidInput: A package is missing, the device cannot be used, the devices cannot share a batch, or the
            folder's checkpoint belongs to another training.
        TrainingDiverged: The loss is no longer finite.
        Unwritable: The folder cannot be written; the last checkpoint is kept.
    """
    check_installed()
    from netlore.training.fitting import Place, fit

    if seed < 0:
        raise InvalidInput(f"seed = {seed} is negative; choose 0 or more.")
    check_device(device)
    check_parts(len(data.training), recipe, devices)
    precision = resolved_precision(recipe, device)
    facts = _facts(architecture, data, recipe, seed) | {"precision": precision, "devices": devices}
    checkpoint = folder / CHECKPOINT
    if checkpoint.is_file():
        check_checkpoint(checkpoint, facts)
    if not checkpoint.is_file() or len(recorded_epochs(checkpoint)) < recipe.epochs:
        network = build(architecture, data.num_classes, network_seed(seed, architecture.id, 0))
        fit(network, data, recipe, seed, facts, Place(folder, device, devices, precision), progress)
    return TrainingRecord(seed, images_an_epoch(data, recipe), recorded_epochs(checkpoint), recipe.epochs)


def check_installed() -> None:
    """Refuse to train without the packages that do it.

    Raises:
        InvalidInput: One is missing.
    """
    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise InvalidInput(
            f"training needs {' and '.join(_PACKAGES)}, but {missing[0]} is not installed; "
            "pip install 'netlore[train]'."
        )


def _facts(architecture: Architecture, data: TrainingData, recipe: Recipe, seed: int) -> dict[str, Any]:
    """What a checkpoint must agree with, in the order in which a difference is told."""
    return {
        "architecture": architecture.id,
        "number of classes": data.num_classes,
        "data": data.digest,
        "recipe": recipe.model_dump(mode="json"),
        "seed": seed,
    }
