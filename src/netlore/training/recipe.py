"""Recipes: how a network is trained, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from netlore.arguments import validated
from netlore.errors import InvalidInput, UnknownName
from netlore.reading import parse_toml
from netlore.storage.documents import checked, read_toml

_ROOM = files("netlore.training") / "recipes"
MOST_EPOCHS = 1_000_000


class Recipe(BaseModel):
    """How a network is trained: stochastic gradient descent on the cross-entropy of augmented images.

    Attributes:
        epochs: Passes over the training images; those that fill no whole batch are left out of a pass, others in
            each.
        batch_size: Images in a step, over all devices together.
        learning_rate: The highest one.
        momentum: Of the gradient.
        nesterov: Whether the momentum looks ahead (Nesterov 1983, as in torch's SGD).
        weight_decay: L2 penalty on every parameter, biases and those of batch norms included.
        clip_norm: Gradients whose norm over all parameters is larger are scaled down to it (Pascanu et al. 2013);
            0: none are.
        label_smoothing: Share of the target that is spread evenly over all classes (Szegedy et al. 2016).
        schedule: `steps` multiplies the learning rate by `decay` after each milestone; `one-cycle` lets it rise
            from a 25th over `warm_up` of all steps and fall to nothing, along cosines (Smith and Topin 2018).
        milestones: Shares of the epochs, ascending; for `steps`.
        decay: Factor at a milestone; for `steps`.
        warm_up: Share of the steps in which the rate rises; for `one-cycle`.
        padding: Pixels added on each side before a random crop of the original size; 0: no crop. The padding has
            the mean colour: it is added to normalised images, as zeros.
        mirror: Whether every other image, at random, is mirrored left to right; ignored where the mirror image
            does not belong to the class, as with digits.
        mixup: Alpha: each image of a batch is mixed with another one, pixels and labels in shares s and 1 - s,
            where s is drawn from Beta(alpha, alpha) for every batch (Zhang et al. 2018); 0: none is.
        cutmix: Alpha: likewise, but a square of each image comes from the other one, and labels have the shares
            of the areas (Yun et al. 2019); 0: none does. With both, a coin decides for each batch.
        ema: Decay d of an exponential moving average of weights and batch norms' statistics. Step t = 1, 2, ...
            after the first one moves it by 1 - min(d, (1 + t) / (10 + t)), so that the first steps are soon
            forgotten. The averaged network is validated and exported (Polyak and Juditsky 1992); 0: there is none.
        early_stopping: Patience: training ends after this many epochs in a row without a validation error below
            the lowest so far, and the weights of the first epoch with the lowest one are exported; 0: it goes on.
        held_out: Share of the training images of each class that are judged by in place of the validation images,
            and not learned from, so that a choice can be made without these; 0: none are.
        class_weights: `balanced` multiplies the loss of an image of class c by n / (k n_c), where n_c of the n
            images are of that class and k classes have any, so that all classes count alike; or `none`.
        sampling: `balanced` shows all classes equally often, which repeats images of small classes in an epoch;
            `uniform` shows each image at most once.
        channels_last: Whether images and weights lie in memory pixel by pixel.
        precision: `float32`; `bf16`: convolutions in bfloat16, everything that adds up in float32; `auto`: bf16
            where the processor computes in it.

    Source: the paper's section V-D for `paper`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    epochs: int = Field(ge=1, le=MOST_EPOCHS)
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    momentum: float = Field(ge=0, lt=1)
    nesterov: bool
    weight_decay: float = Field(ge=0)
    clip_norm: float = Field(default=0.0, ge=0)
    label_smoothing: float = Field(ge=0, lt=1)
    schedule: Literal["steps", "one-cycle"]
    milestones: tuple[float, ...] = Field(default=(), strict=False)  # lists are welcome
    decay: float = Field(default=0.1, gt=0, le=1)
    warm_up: float = Field(default=0.2, gt=0, lt=1)
    padding: int = Field(ge=0)
    mirror: bool
    mixup: float = Field(default=0.0, ge=0, le=1_000)
    cutmix: float = Field(default=0.0, ge=0, le=1_000)
    ema: float = Field(default=0.0, ge=0, lt=1)
    early_stopping: int = Field(default=0, ge=0)
    held_out: float = Field(default=0.0, ge=0, lt=1)
    class_weights: Literal["none", "balanced"] = "none"
    sampling: Literal["uniform", "balanced"] = "uniform"
    channels_last: bool
    precision: Literal["float32", "bf16", "auto"]

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs a momentum above 0")
        if any(not 0 < share < 1 for share in self.milestones) or list(self.milestones) != sorted(self.milestones):
            raise ValueError("milestones must be ascending shares of the epochs, between 0 and 1")
        if self.class_weights == self.sampling == "balanced":
            raise ValueError(
                "class_weights and sampling must not both be balanced: that counts rare classes twice"
            )
        return self

    @property
    def mixes(self) -> bool:
        """Whether images are mixed with each other."""
        return self.mixup > 0 or self.cutmix > 0

    def changed(self, values: Mapping[str, Any]) -> Recipe:
        """The recipe with other values; keys that recipes do not know are refused, as are values."""
        unknown = [name for name in values if name not in type(self).model_fields]
        if unknown:
            raise UnknownName("recipe key", unknown[0], list(type(self).model_fields))
        plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in values.items()}
        return checked(Recipe, {**self.model_dump(), **plain})


def recipe_names() -> list[str]:
    """The recipes that come with netlore."""
    return ["paper", "quick", "small", "smoke"]


@validated
def recipe(name: str) -> Recipe:
    """The recipe of that name, or in that `.toml` file, which has every key that has no default.

    An unknown name is refused, as is a file that cannot be read or holds what is not allowed.
    """
    if name in recipe_names():
        return checked(Recipe, tomllib.loads((_ROOM / f"{name}.toml").read_text(encoding="utf-8")))
    if not name.endswith(".toml"):
        raise UnknownName("recipe", name, [*recipe_names(), "or the path of a .toml file"])
    return read_toml("recipe", name, Recipe)


@validated
def settings(texts: Sequence[str]) -> dict[str, Any]:
    """What `KEY=VALUE` texts say, each value in TOML's notation.

    >>> settings(["learning_rate=0.1", "milestones=[0.3, 0.6]", "schedule=steps"])
    {'learning_rate': 0.1, 'milestones': [0.3, 0.6], 'schedule': 'steps'}
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value:
            raise InvalidInput(f"{text!r} sets nothing; write KEY=VALUE, such as learning_rate=0.1.")
        try:
            found[name] = parse_toml(f"value = {value}")["value"]
        except ValueError:  # a word without quotes
            found[name] = value
    return found
