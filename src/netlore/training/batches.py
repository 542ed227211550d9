"""Which images every step sees: a function of the seed, the epoch and the step alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Unpack

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from netlore.arguments import validated
from netlore.data import ReadingOptions, hold_out, split
from netlore.data.sources.given import Given, name_of
from netlore.errors import InvalidInput
from netlore.training.augmentation import as_input, draw_mask, draw_shifts, mixed, normalised, shifted
from netlore.training.images import Images, decoded
from netlore.training.recipe import Recipe

VALIDATED_AT_ONCE = 250
"""Images of a validation batch."""


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a network learns from and is judged by, decoded.

    Attributes:
        name: The data set as it was asked for.
        training: Images to learn from.
        validation: Images to judge by, normalised as those of the training set.
        mirrors: Whether the mirror image of an image belongs to its class too.
        class_names: One name a class.
        digest: SHA-256 of all pixels and labels of both, in hexadecimal.
        test: Images that are kept for the end, if they were asked for.
        left_out: The words for pictures that cannot be used, if they are left out.
    """

    name: str
    training: Images
    validation: Images
    mirrors: bool
    class_names: tuple[str, ...]
    digest: str
    test: Images | None = None
    left_out: tuple[str, ...] = ()

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    @property
    def resolution(self) -> int:
        """Images are square, resolution x resolution pixels."""
        return int(self.training.pixels.shape[1])


@validated
def training_data(
    name: str | Given,
    validation: str | Given | None = None,
    seed: int = 0,
    test: bool = False,
    cache: Path | None = None,
    held_out: float = 0.0,
    **how: Unpack[ReadingOptions],
) -> TrainingData:
    """Read and decode a training set and a validation set; arguments and errors as of `netlore.data.split`.

    With `test`, also what is kept for the end, if there is something. With `held_out`, that share of the training
    images of each class takes the place of the validation images, as of `netlore.data.hold_out`. What takes more
    than half of the free memory lies in files in the folder `cache` instead, `~/.cache/netlore` if not given, as
    long as it is used.
    """
    found = split(name, validation, seed, test, **how)
    pair = hold_out(found.training, held_out) if held_out else (found.training, found.validation)
    sets = [*pair, *([] if found.test is None else [found.test])]
    training, judged, *others = decoded(sets, cache)
    both = hashlib.sha256(f"{training.digest}:{judged.digest}".encode()).hexdigest()
    return TrainingData(
        name if isinstance(name, str) else name_of(name),
        training,
        judged,
        found.mirrors,
        found.training.class_names,
        both,
        others[0] if others else None,
        left_out=tuple(text for one in sets for text in one.left_out),
    )


@dataclass(frozen=True, eq=False)
class Batches:
    """Augmented training batches.

    Attributes:
        images: The training set, on the device that trains.
        recipe: Size of the batches, and what is done to images.
        seed: Decides order and augmentation.
        mirrors: Whether mirror images belong to the same class.
        part: Which of `parts` equal parts of every batch this process takes.
        parts: Processes that train together.
        num_classes: How many classes there are; only a recipe that mixes images needs to know.
    """

    images: Images
    recipe: Recipe
    seed: int
    mirrors: bool
    part: int = 0
    parts: int = 1
    num_classes: int = -1
    _orders: dict[int, Tensor] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        """Steps in an epoch."""
        return steps_an_epoch(len(self.images), self.recipe)

    def batch(self, epoch: int, step: int) -> tuple[Tensor, Tensor]:
        """The images (N, 3, R, R) of a step and what they show, both counted from 0.

        What they show are labels (N,), or with a recipe that mixes images the share of every class, (N, k).
        """
        size = min(self.recipe.batch_size, len(self.images))
        chosen = self._order(epoch)[step * size : (step + 1) * size]
        generator = generator_of(self.seed, epoch, step)
        mirror, mixes = self.recipe.mirror and self.mirrors, self.recipe.mixes
        shifts = draw_shifts(size, self.recipe.padding, mirror, generator)
        share = size // self.parts
        # Where images are mixed, each is with the one before it: that of the first one lies in front of the part.
        mine = torch.arange(self.part * share - mixes, (self.part + 1) * share) % size
        where = chosen[mine].to(self.images.labels.device)
        pixels, shown = self.images.picked(where)
        images = normalised(pixels, self.images.mean, self.images.std)
        if self.recipe.padding or mirror:
            images = shifted(images, self.recipe.padding, shifts[:, mine])
        if mixes:
            rng = np.random.default_rng((self.seed, epoch, step))
            mask = draw_mask(images.shape[1], self.recipe.mixup, self.recipe.cutmix, rng)
            images, each = mixed(images[1:], images[:-1], mask), F.one_hot(shown, self.num_classes).float()
            shown = torch.lerp(each[:-1], each[1:], float(mask.mean()))
        return as_input(images, self.recipe.channels_last), shown

    def _order(self, epoch: int) -> Tensor:
        """Which image comes when, in an order of its own for each epoch; kept for the steps of one epoch."""
        if epoch not in self._orders:
            generator, labels = generator_of(self.seed, epoch), self.images.labels.cpu()
            balanced = self.recipe.sampling == "balanced"
            self._orders.clear()
            self._orders[epoch] = (
                balanced_order(labels, generator) if balanced else torch.randperm(len(labels), generator=generator)
            )
        return self._orders[epoch]


def balanced_order(labels: Tensor, generator: torch.Generator) -> Tensor:
    """As many places as there are images; where k classes have images, one of each class in every k places.

    Of a class each image comes once before any comes again.
    """
    classes = torch.bincount(labels).nonzero().flatten()
    rounds = -(-len(labels) // len(classes))
    columns = []
    for one in classes:
        members = torch.nonzero(labels == one).flatten()
        passes = torch.rand(-(-rounds // len(members)), len(members), generator=generator).argsort(
            dim=1, stable=True
        )
        columns.append(members[passes].flatten()[:rounds])
    places = torch.stack(columns, dim=1)
    turns = torch.rand(places.shape, generator=generator).argsort(dim=1, stable=True)
    return places.gather(1, turns).flatten()[: len(labels)]


def generator_of(*numbers: int) -> torch.Generator:
    """A generator whose stream these numbers alone decide; no two tuples share one."""
    digest = hashlib.sha256(":".join(map(str, numbers)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") % 2**63)


def steps_an_epoch(count: int, recipe: Recipe) -> int:
    """Whole batches in `count` images; a smaller set is one batch."""
    return max(1, count // recipe.batch_size)


def check_batches(images: Images, recipe: Recipe, parts: int) -> None:
    """Refuse batches that `parts` processes cannot share equally, and crops that may hold nothing but padding."""
    size, resolution = min(len(images), recipe.batch_size), images.pixels.shape[1]
    if parts < 1 or size % parts:
        raise InvalidInput(
            f"a batch of {size} images cannot be shared equally by {parts} devices; choose another batch_size or "
            "number of devices."
        )
    if recipe.padding >= resolution:
        raise InvalidInput(
            f"padding = {recipe.padding} leaves nothing of an image of {resolution}x{resolution} pixels in some "
            f"crops; choose less than {resolution}."
        )


def validation_batch(
    images: Images, step: int, channels_last: bool, share: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Images and labels of a validation step; `share` is which of how many processes takes them."""
    part, parts = share
    start = (step * parts + part) * VALIDATED_AT_ONCE
    pixels, labels = images.picked(slice(start, start + VALIDATED_AT_ONCE))
    return as_input(normalised(pixels, images.mean, images.std), channels_last), labels


def validation_steps(count: int, parts: int) -> int:
    """Steps that each of `parts` processes takes over the validation set; the last ones may be empty."""
    return -(-count // (VALIDATED_AT_ONCE * parts))


def images_an_epoch(data: TrainingData, recipe: Recipe) -> int:
    """Images in the whole batches of an epoch."""
    return steps_an_epoch(len(data.training), recipe) * min(recipe.batch_size, len(data.training))
