"""Whether a recipe does better than `quick` on small sets: 1,500 digits, and 2,000 images of CIFAR-10.

    python benchmarks/small_sets.py [--digits-seeds 5] [--cifar-seeds 3] [--recipe small] [--against quick]
        [--cifar FOLDER]

Each seed has initial weights, an order of images and, of digits, a split of its own; both recipes get the same.
CIFAR-10 is read from `cifar10-train-20k.parquet` and `cifar10-test.parquet` in FOLDER: the first 2,000 images to
learn from, the first 1,000 to judge by. The interval is Student's, at 95 %, for the mean difference over seeds. A
recipe is a name or a .toml file.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from scipy import stats

import netlore as nl
from netlore.training.batches import Images, TrainingData, training_data

NETWORK = nl.architecture("resnet", {"d1": 1, "d2": 1, "d3": 1, "w1": 16, "w2": 32, "w3": 64})
"""ResNet-8: a third of ResNet-20's time."""
DIGITS, CIFAR, JUDGED = 1_500, 2_000, 1_000


def part(images: Images, chosen: torch.Tensor) -> Images:
    """Some images, normalised as all of them are."""
    return Images(images.pixels[chosen], images.labels[chosen], images.mean, images.std)


def joined(images: Images, others: Images) -> Images:
    """Both, one after the other."""
    both = [torch.cat((getattr(images, name), getattr(others, name))) for name in ("pixels", "labels")]
    return Images(both[0], both[1], images.mean, images.std)


def made(name: str, learned: Images, judged: Images, like: TrainingData) -> TrainingData:
    """A training set and a validation set of one's own."""
    return TrainingData(name, learned, judged, like.mirrors, like.class_names, f"{learned.digest}{judged.digest}")


def digits(seed: int) -> TrainingData:
    """1,500 of the 1,797 digits to learn from, the others to judge by."""
    found = training_data("digits")
    whole = joined(found.training, found.validation)
    order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(seed))
    return made("1,500 digits", part(whole, order[:DIGITS]), part(whole, order[DIGITS:]), found)


def cifar(folder: Path) -> TrainingData:
    """2,000 images to learn from, and 1,000 of the test set."""
    found = training_data(str(folder / "cifar10-train-20k.parquet"), str(folder / "cifar10-test.parquet"))
    learned, judged = part(found.training, torch.arange(CIFAR)), part(found.validation, torch.arange(JUDGED))
    return made("2,000 images of CIFAR-10", learned, judged, found)


def trained(data: TrainingData, recipe: nl.Recipe, seed: int) -> nl.TrainingRecord:
    """What happened in a training."""
    with tempfile.TemporaryDirectory() as folder:
        return nl.train(NETWORK, data, recipe, Path(folder), seed)


def main() -> None:
    """Train, and print."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--digits-seeds", type=int, default=5)
    line.add_argument("--cifar-seeds", type=int, default=3)
    line.add_argument("--recipe", default="small")
    line.add_argument("--against", default="quick")
    line.add_argument("--cifar", type=Path, default=Path("../shared/data/cifar"))
    given = line.parse_args()
    images = cifar(given.cifar) if given.cifar.is_dir() else None
    if images is None:
        print(f"{given.cifar} is no folder, so there are digits alone.")
    sources: list[tuple[Callable[[int], TrainingData], int]] = [(digits, given.digits_seeds)]
    if images is not None:
        sources.append((lambda seed: images, given.cifar_seeds))
    for source, seeds in sources:
        found: dict[str, list[float]] = {given.recipe: [], given.against: []}
        for seed in range(seeds):
            data = source(seed)
            for name, errors in found.items():
                record = trained(data, nl.recipe(name), seed)
                errors.append(record.error)
                print(
                    f"{data.name}, {name}, seed {seed}: {record.error:.2f} % in {record.seconds:.0f} s", flush=True
                )
        new, old = (np.asarray(errors) for errors in found.values())
        gain = stats.ttest_rel(old, new).confidence_interval(0.95)
        print(
            f"{data.name}: {given.recipe} {new.mean():.2f} %, {given.against} {old.mean():.2f} %; "
            f"lower by {(old - new).mean():.2f} [{gain.low:.2f}, {gain.high:.2f}]"
        )


if __name__ == "__main__":
    main()
