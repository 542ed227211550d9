"""The baselines on CIFAR: ResNet and ResNeXt, in three stages.

ResNet (He et al. 2016, section 4.2) has basic blocks; ResNet-20 has three in each stage. Hyperparameters are the
depths d1..d3 and the widths w1..w3; the stem has the first stage's width. A basic block is two 3x3 convolutions,
the first with the stage's stride. The shortcut is a 1x1 convolution with batch norm where width or stride changes,
as in pycls: that is the network behind the paper's row "ResNet-18", which its complexities show to be ResNet-20.

ResNeXt (Xie et al. 2017) has AnyNet's blocks with the same number of groups in every stage. Hyperparameters are
the depths d1..d3, the widths w1..w3, one bottleneck ratio b (inner width w * b) and one cardinality c, the number
of groups. The paper's "ResNeXt-29 CxW" has 2C groups in every stage: its complexities in Table II admit no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from netlore.errors import InvalidArchitecture
from netlore.space.families.anynet import STAGES, STEM_WIDTH, STRIDES, WORDS, check_positive, stage, stem
from netlore.space.family import Words
from netlore.space.plan import Chain, Plan, Repeat, Size, Sum, convolution, head, projection, relu


def basic_block(w_in: Size, w_out: Size, stride: int) -> Chain:
    """Two 3x3 convolutions, the first with the stride; then the sum and a ReLU."""
    branch = Chain((convolution(w_in, w_out, 3, stride), relu(w_out), convolution(w_out, w_out, 3)))
    return Chain((Sum(branch, projection(w_in, w_out, stride)), relu(w_out)))


@dataclass(frozen=True)
class ResNet:
    """The family of CIFAR ResNets with basic blocks."""

    name: str = "resnet"

    words: ClassVar[Words] = {letter: WORDS[letter] for letter in "dw"}

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """d1, d2, d3, w1, w2, w3."""
        return tuple(f"{letter}{i}" for letter in "dw" for i in range(1, STAGES + 1))

    def check(self, values: Mapping[str, int]) -> None:
        """Raise `InvalidArchitecture` unless every value is positive."""
        check_positive(values)

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, stages and head; values may be arrays."""
        w_in = values["w1"]
        parts: list[Plan] = [stem(channels, w_in)]
        for i, stride in enumerate(STRIDES, start=1):
            d, w = values[f"d{i}"], values[f"w{i}"]
            parts.append(Chain((basic_block(w_in, w, stride), Repeat(basic_block(w, w, stride=1), d - 1))))
            w_in = w
        return Chain((*parts, head(w_in, num_classes)))


@dataclass(frozen=True)
class ResNeXt:
    """The family of CIFAR ResNeXts."""

    name: str = "resnext"

    words: ClassVar[Words] = {
        **{letter: WORDS[letter] for letter in "dwb"},
        "c": ("cardinality", "cardinalities"),
    }

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """d1, d2, d3, w1, w2, w3, b, c."""
        return (*(f"{letter}{i}" for letter in "dw" for i in range(1, STAGES + 1)), "b", "c")

    def check(self, values: Mapping[str, int]) -> None:
        """Raise `InvalidArchitecture` unless every value is positive and c divides every inner width."""
        check_positive(values)
        for i in range(1, STAGES + 1):
            inner = values[f"w{i}"] * values["b"]
            if inner % values["c"]:
                raise InvalidArchitecture(
                    f"the inner width w{i} * b = {inner} is not divisible by c = {values['c']}; "
                    f"lower c or choose w{i} so that it is."
                )

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, stages and head; values may be arrays."""
        w_in: Size = STEM_WIDTH
        parts: list[Plan] = [stem(channels, w_in)]
        for i, stride in enumerate(STRIDES, start=1):
            d, w = values[f"d{i}"], values[f"w{i}"]
            parts.append(stage(w_in, w, d, w * values["b"], values["c"], stride))
            w_in = w
        return Chain((*parts, head(w_in, num_classes)))


RESNET = ResNet()
RESNEXT = ResNeXt()
