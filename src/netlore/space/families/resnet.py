"""The baselines on CIFAR: ResNet and ResNeXt, in three stages.

ResNet (He et al. 2016, section 4.2) has basic blocks; ResNet-20 has three in each stage. Hyperparameters are the
depths d1..d3 and the widths w1..w3; the stem has the first stage's width. A basic block is two 3x3 convolutions,
the first with the stage's stride. The shortcut is a 1x1 convolution with batch norm where width or stride changes,
as in pycls: that is the network behind the paper's row "ResNet-18", which its complexities show to be ResNet-20.
The space `resnet` has them all.

ResNeXt (Xie et al. 2017) has AnyNet's blocks with the same number of groups in every stage. Hyperparameters are
the depths d1..d3, the widths w1..w3, one bottleneck ratio b (inner width w * b) and one cardinality c, the number
of groups. The paper's "ResNeXt-29 CxW" has 2C groups in every stage: its complexities in Table II admit no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, Unpack

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, log_uniform
from netlore.space.families.anynet import ANYNET, STAGES, STEM_WIDTH, STRIDES, WORDS, check_positive, stage, stem
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
    baselines: tuple[str, ...] = ()

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
        segments = (self.segment_plan(i, values, num_classes, channels) for i in range(STAGES))
        return Chain(tuple(chain.from_iterable(one.parts for one in segments)))

    def segments(self) -> tuple[tuple[str, ...], ...]:
        """The hyperparameters of each stage."""
        return tuple((f"d{i}", f"w{i}") for i in range(1, STAGES + 1))

    def interface(self, stage: int) -> str:
        """A stage hands its width on."""
        return f"w{stage + 1}"

    def segment_plan(self, stage: int, values: Mapping[str, Size], num_classes: int, channels: int) -> Chain:
        """One stage, with the stem before the first and the head after the last."""
        d, w = values[f"d{stage + 1}"], values[f"w{stage + 1}"]
        w_in = values[f"w{stage}"] if stage else w
        blocks = Chain((basic_block(w_in, w, STRIDES[stage]), Repeat(basic_block(w, w, stride=1), d - 1)))
        before = (stem(channels, w),) if stage == 0 else ()
        return Chain((*before, blocks, *((head(w, num_classes),) if stage == STAGES - 1 else ())))

    def segment_resolution(self, stage: int, resolution: int) -> int:
        """Resolution at the start of a stage: halved, rounding up, by every strided stage before it."""
        return ANYNET.segment_resolution(stage, resolution)


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


RESNET = ResNet(baselines=("baseline/resnet-20",))
RESNEXT = ResNeXt()

DEPTHS = (1, 9)
WIDTHS = (*(base * quarter // 4 for base in (8, 16, 32, 64, 128) for quarter in (4, 5, 6, 7)), 256)


@validated
def resnet(
    num_classes: int = 10,
    resolution: int = 32,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """ResNets for small images: basic blocks in three stages, as many and as wide as one likes.

    Per stage: depth log-uniform over 1..9, as far as ResNet-56; width uniform over 8, 10, 12, 14, 16, 20, ...,
    224, 256: four steps to each power of two. That is (9 * 21)^3 = 6,751,269 architectures.

    Args:
        num_classes: Outputs of the classifier.
        resolution: Side of the square input images, in pixels, which have `channels` channels.
        limits: See `Limits`.

    Source: He et al. 2016, section 4.2, whose networks have depths n, n, n and widths 16, 32, 64.

    >>> resnet().cardinality
    6751269
    """
    stages = ((log_uniform(f"d{i}", *DEPTHS), choice(f"w{i}", WIDTHS)) for i in range(1, STAGES + 1))
    budget = Budget.from_keywords(**limits)
    return DesignSpace("resnet", tuple(chain(*stages)), num_classes, resolution, channels, budget)
