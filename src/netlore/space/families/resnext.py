"""ResNeXt on CIFAR (Xie et al. 2017): AnyNet's blocks with the same number of groups in every stage.

Hyperparameters are the depths d1..d3, the widths w1..w3, one bottleneck ratio b (inner width w * b) and one
cardinality c, the number of groups. The paper's "ResNeXt-29 CxW" has 2C groups in every stage: its complexities
in Table II admit nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netlore.errors import InvalidArchitecture
from netlore.space.families.anynet import STAGES, STEM_WIDTH, STRIDES, stage, stem
from netlore.space.plan import Chain, Plan, Size, head


@dataclass(frozen=True)
class ResNeXt:
    """The family of CIFAR ResNeXts."""

    name: str = "resnext"

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """d1, d2, d3, w1, w2, w3, b, c."""
        return (*(f"{letter}{i}" for letter in "dw" for i in range(1, STAGES + 1)), "b", "c")

    def check(self, values: Mapping[str, int]) -> None:
        """Raise `InvalidArchitecture` unless every value is positive and c divides every inner width."""
        for name, value in values.items():
            if value < 1:
                raise InvalidArchitecture(f"{name} = {value} is not positive; choose 1 or more.")
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


RESNEXT = ResNeXt()
