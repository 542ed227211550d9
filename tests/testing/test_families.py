"""Every registered family conforms, and for each rule one that breaks it is caught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netlore.space.design_space import SPACES, DesignSpace
from netlore.space.families import FAMILIES
from netlore.space.families.anynet import ANYNET, AnyNet
from netlore.space.families.resnet import ResNet
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Sum, convolution, head
from netlore.space.sampling import sample
from netlore.testing import ConformanceError, check_family
from tests.scoring.cases import ARCHITECTURES

EXAMPLES: dict[str, list[dict[str, int]]] = {}
for _architecture in ARCHITECTURES:
    EXAMPLES.setdefault(_architecture.family, []).append(_architecture.values)

SMALL = [
    {"d1": 1, "d2": 1, "d3": 1, "w1": 2, "w2": 3, "w3": 4},
    {"d1": 2, "d2": 1, "d3": 3, "w1": 2, "w2": 2, "w3": 2},
]


def space_of(family: str) -> DesignSpace:
    """A space of that family, of small networks where its own have large ones."""
    small = {"params": (0, 5e6)} if "imagenet" in family or "regnet" in family else {}
    stem = {"regnet-x": "regnet", "regnet-y": "regnet", "anynet-imagenet-se": "anynet-imagenet"} | {
        "resnet-imagenet": "anynet-imagenet"
    }
    space: DesignSpace = SPACES.get(stem.get(family, family))(**small)
    return replace(space, family=family)


@pytest.mark.parametrize("name", FAMILIES.names())
def test_every_registered_family_conforms(name: str) -> None:
    examples = EXAMPLES.get(name) or [one.values for one in sample(space_of(name), 3, seed=1)]
    # The pools of NATS-Bench drop an odd row; a patch of a transformer has 16 pixels.
    inputs = {"nats": ((8, 3), (16, 1)), "auto": ((32, 3), (48, 1))}.get(name[:4], ((8, 3), (9, 1)))
    check_family(FAMILIES.get(name), examples, inputs)


class Nameless(ResNet):
    name = "two words"


class Doubled(ResNet):
    @property
    def hyperparameters(self) -> tuple[str, ...]:
        return (*super().hyperparameters, "d1")


class Credulous(ResNet):
    def check(self, values: Mapping[str, int]) -> None:
        """Believes everything."""


class Clumsy(ResNet):
    def check(self, values: Mapping[str, int]) -> None:
        """Raises the wrong error."""
        if min(values.values()) < 0:
            raise ValueError("negative")


class Choosy(ResNet):
    def check(self, values: Mapping[str, int]) -> None:
        """Accepts odd widths only."""
        super().check({**values, "w1": values["w1"] % 2})


class Branching(ResNet):
    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Asks an `if` about an array."""
        if values["d1"] > 1:  # type: ignore[operator]
            return super().plan(values, num_classes, channels)
        return super().plan(values, num_classes, channels)


class FirstOnly(ResNet):
    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Looks at the first of an array of depths only."""
        return super().plan({**values, "d1": int(np.ravel(values["d1"])[0])}, num_classes, channels)


class Headless(ResNet):
    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """A class too many."""
        return super().plan(values, num_classes + 1, channels)


class Widening(ResNet):
    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """A shortcut that keeps the resolution, next to a branch of one pixel, which broadcasts."""
        w = values["w1"]
        pooled = Chain((convolution(w, w, 3, stride=16), Layer("batch_norm", w, w)))
        return Chain(
            (
                convolution(channels, w, 3),
                Sum(pooled, Repeat(w_norm(w), 1)),
                convolution(w, w, 3),
                head(w, num_classes),
            )
        )


def w_norm(width: Size) -> Plan:
    """A batch norm."""
    return Layer("batch_norm", width, width)


class LostStem(AnyNet):
    def segment_plan(self, stage_index: int, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Without the stem."""
        part = ANYNET.segment_plan(stage_index, values, num_classes, channels)
        assert isinstance(part, Chain)
        return Chain(part.parts[1:]) if stage_index == 0 else part

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        return ANYNET.plan(values, num_classes, channels)


class LookingBack(AnyNet):
    def segment_plan(self, stage_index: int, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Asks for a value of a stage far before."""
        _ = values["d1"]
        return super().segment_plan(stage_index, values, num_classes, channels)


class Overlapping(AnyNet):
    def segments(self) -> tuple[tuple[str, ...], ...]:
        return (*super().segments(), ("d1",))


class OneString(ResNet):
    def string(self, values: Mapping[str, int]) -> str:
        """The same for all."""
        return f"{len(values)} values"


@pytest.mark.parametrize(
    ("family", "examples", "message"),
    [
        (Nameless("two words"), SMALL, "its name is a word; it is 'two words'"),
        (Nameless(""), SMALL, "its name is a word; it is ''"),
        (Doubled("mine"), SMALL, "its hyperparameters have distinct names"),
        (ResNet("mine"), [], "family 'mine': it is checked on one example or more; none is given"),
        (ResNet("mine"), [{"d1": 1}], "examples have the hyperparameters"),
        (Choosy("mine"), SMALL, "it accepts the examples; of .* it says: w1 = 0 is not positive"),
        (Credulous("mine"), SMALL, "it rejects nonsense with InvalidArchitecture; it accepts d1 = -1"),
        (Clumsy("mine"), SMALL, "rejects nonsense with InvalidArchitecture; for d1 = -1 it raises ValueError"),
        (Headless("mine"), SMALL, r"its networks return logits .* returns \(2, 5\) for 2 images and 4 classes"),
        (Widening("mine"), SMALL, "the module's flops are those of the plan"),
        (Branching("mine"), SMALL, "its plan takes arrays as it takes integers; with arrays it raises ValueError"),
        (FirstOnly("mine"), SMALL, "its plan takes arrays as it takes integers; its flops are .* together and"),
        (OneString("mine"), SMALL, "different architectures have different strings; they are .'6 values'"),
        (LostStem("mine", True), EXAMPLES["anynet"], "its segments add up to the whole"),
        (
            LookingBack("mine", True),
            EXAMPLES["anynet"],
            "depends on its own values and one before it; segment 1 asks",
        ),
        (Overlapping("mine", True), EXAMPLES["anynet"], "its segments have each hyperparameter once"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ResNet | AnyNet) else "",
)
def test_a_broken_family_is_caught(family: Any, examples: list[dict[str, int]], message: str) -> None:
    with pytest.raises(ConformanceError, match=message):
        check_family(family, examples)


def test_the_classes_of_this_file_start_from_a_family_that_conforms() -> None:
    check_family(ResNet("mine"), SMALL)
