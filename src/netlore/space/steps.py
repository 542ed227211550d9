"""The steps of a network, and what of each decides how long a device takes for it.

A step is a layer, or a sum, a product or a join of paths. `features` adds up over all steps of a class

- `count`: 1 for each step,
- `flops`: multiply-adds,
- `traffic`: numbers that are read and written, weights left out,
- `weights`: parameters,
- `groups`: groups of a convolution, for runtimes that go through them one by one.

Convolutions are of several classes, since runtimes have other programs for them: `convolution 1x1` and
`convolution` have one group; others are `convolution, group width 1` (depthwise), 2, 4, 8, 16 and 32, the largest
power of two that is not above the input channels of a group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netlore.space.layer import ACTIVATIONS, Extent
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Product, Repeat, Size, Sum, Switch, whole

FEATURES = ("count", "flops", "traffic", "weights", "groups")
GROUP_WIDTHS = (1, 2, 4, 8, 16, 32)
CONVOLUTIONS = ("convolution 1x1", "convolution", *(f"convolution, group width {one}" for one in GROUP_WIDTHS))
ADDITION = "entry by entry"
_CLASSES = {
    **dict.fromkeys(("batch_norm", "layer_norm", *ACTIVATIONS), ADDITION),
    **dict.fromkeys(("avg_pool", "max_pool"), "pool"),
    **dict.fromkeys(("global_pool", "squeeze", "token_pool"), "mean"),
    **dict.fromkeys(("zero", "shift", "tokens"), "copy"),
    "linear": "linear",
    "attention": "attention",
}
CLASSES = (*CONVOLUTIONS, *dict.fromkeys(_CLASSES.values()))
"""What a step can be; a join is a `copy`, sums and products are `entry by entry`."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step: by class, 1 where it is of that class, and its features; and how often it is done. All may be
    arrays."""

    classes: dict[str, Size]
    features: dict[str, Size]
    times: Size


def features(plan: Plan, resolution: int) -> dict[str, dict[str, Size]]:
    """By class and name, the sum of a feature over all steps of one square image of that resolution.

    >>> from netlore.space.plan import convolution
    >>> features(convolution(3, 8, kernel=3), 32)["convolution"]["flops"]  # 3 x 3 x 3 x 8 weights, 32 x 32 times
    221184
    """
    found: dict[str, dict[str, Size]] = {}
    for step in steps(plan, resolution):
        for name, here in step.classes.items():
            into = found.setdefault(name, dict.fromkeys(FEATURES, 0))
            for feature, value in step.features.items():
                into[feature] = into[feature] + value * here * step.times
    return found


def steps(plan: Plan, resolution: int) -> Iterator[Step]:
    """All steps, those of repeated parts once; of a switch those of all options, each as often as it is chosen."""
    yield from _Walk(0, Extent(resolution)).through(plan, 1)


@dataclass
class _Walk:
    """Where in a network one is: the channels and positions of the tensor at hand."""

    width: Size
    extent: Extent

    def through(self, plan: Plan, times: Size) -> Iterator[Step]:
        """The steps of a part, which ends at its output."""
        match plan:
            case Layer():
                before, self.extent, self.width = self.extent, plan.extent_after(self.extent), plan.w_out
                yield _of_layer(plan, before, self.extent, times)
            case Chain(parts):
                for part in parts:
                    yield from self.through(part, times)
            case Repeat(part, count):
                yield from self.through(part, times * count)
            case Switch(index, options):
                start = _Walk(self.width, self.extent)
                for number, option in enumerate(options):
                    self.width, self.extent = start.width, start.extent
                    yield from self.through(option, times * whole(np.equal(index, number)))
            case Sum(branch, shortcut) | Product(branch, shortcut):
                yield from self._cell((((0, branch), (0, shortcut)),), times, gated=isinstance(plan, Product))
            case Graph(nodes):
                yield from self._cell(nodes, times)
            case Join(joined):
                ends = []
                start = _Walk(self.width, self.extent)
                for part in joined:
                    end = _Walk(start.width, start.extent)
                    yield from end.through(part, times)
                    ends.append(end)
                self.width, self.extent = sum((one.width for one in ends), start=0), ends[0].extent
                yield _moving("copy", 2 * self.width * self.extent.positions, times)

    def _cell(
        self, nodes: tuple[tuple[tuple[int, Plan], ...], ...], times: Size, gated: bool = False
    ) -> Iterator[Step]:
        """The steps of several paths, and the sum, or product, of each with those before it."""
        ends = [_Walk(self.width, self.extent)]
        for incoming in nodes:
            paths = []
            for source, part in incoming:
                path = _Walk(ends[source].width, ends[source].extent)
                yield from path.through(part, times)
                paths.append(path)
            for other in paths[1:]:
                size = paths[0].width * paths[0].extent.positions
                read = other.width * other.extent.positions if gated else size
                yield _moving(ADDITION, 2 * size + read, times)
            ends.append(paths[0])
        self.width, self.extent = ends[-1].width, ends[-1].extent


def _of_layer(layer: Layer, before: Extent, after: Extent, times: Size) -> Step:
    traffic = layer.w_in * before.positions + layer.w_out * after.positions
    values = (1, layer.flops(after), traffic, layer.params, layer.groups if layer.kind == "convolution" else 0)
    if layer.kind != "convolution":
        return Step({_CLASSES[layer.kind]: 1}, dict(zip(FEATURES, values, strict=True)), times)
    alone, pointwise = whole(np.equal(layer.groups, 1)), whole(np.equal(layer.kernel, 1))
    classes = {CONVOLUTIONS[0]: alone * pointwise, CONVOLUTIONS[1]: alone * (1 - pointwise)}
    width = layer.w_in // layer.groups
    for name, low, high in zip(CONVOLUTIONS[2:], GROUP_WIDTHS, (*GROUP_WIDTHS[1:], np.inf), strict=True):
        classes[name] = (1 - alone) * whole(np.greater_equal(width, low) & np.less(width, high))
    return Step(classes, dict(zip(FEATURES, values, strict=True)), times)


def _moving(name: str, traffic: Size, times: Size) -> Step:
    return Step({name: 1}, {"count": 1, "traffic": traffic}, times)
