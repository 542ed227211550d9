"""Liveness: the most activations of a network that have to be kept at once, in closed form.

A network is a sequence of steps, each of which reads tensors and gives one. A tensor is alive from the step that
gives it to the last step that reads it; both count, and so does the image. The peak is

    max over steps of the sum over tensors alive at that step of their activations,

of one image. Steps run in the order of the plan: of a residual connection, a gate or a join one path after the
other, of a cell the parts in the order of its nodes. A node of a cell, a sum and a product take in a path's output
the moment it is there.

- Entry-by-entry steps (norms, activation functions, sums and products) overwrite one of their inputs of the
  output's size that no later step reads; where there is none, they give a new tensor.
- All other steps give a new tensor, those that join channels as well.
- Attention has one more tensor during its step: `groups` x positions^2 likenesses of queries and keys.
- Weights, and what a kernel needs inside, are no activations.

So a bottleneck block of width w and inner width u on p positions, with the identity for a shortcut, peaks at
w p + 2 u p: in its 3x3 convolution, while its input waits for the sum.

Source: the way in which runtimes for microcontrollers plan their memory, as in Lin et al. 2020, MCUNet,
arXiv:2007.10319.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from netlore.space.layer import ACTIVATIONS, Extent
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Product, Repeat, Size, Sum, Switch, paths, whole

IN_PLACE = ("batch_norm", "layer_norm", *ACTIVATIONS)
"""Layers that work entry by entry."""


def peak_activations(plan: Plan, resolution: int) -> Size:
    """The most activations that are alive at once, for one square image of that resolution.

    >>> from netlore.space.plan import convolution
    >>> peak_activations(convolution(3, 8, kernel=3), 32)  # the image and the output
    11264
    """
    image = _Tensor(_first_width(plan) or 0, Extent(resolution), 1)
    return whole(_run(plan, image, 0)[0])


@dataclass(frozen=True, eq=False)
class _Tensor:
    """What a part reads or gives.

    Attributes:
        free: 1 where only the next step that reads it does so, which may overwrite it; 0 where it is one that
            others read later. Then it counts among what is held. Sizes, and this, may be arrays.
    """

    width: Size
    extent: Extent
    free: Size

    @property
    def size(self) -> Size:
        return self.width * self.extent.positions


def _run(plan: Plan, x: _Tensor, held: Size) -> tuple[Size, _Tensor]:
    """The peak while a part runs, and its output; it is free unless it is an input that is not.

    `held` are activations that are alive all the time, those of the input among them where it is not free.
    """
    match plan:
        case Layer():
            return _layer(plan, x, held)
        case Chain(parts):
            peak: Size = held + x.size * x.free
            for part in parts:
                inside, x = _run(part, x, held)
                peak = _larger(peak, inside)
            return peak, x
        case Repeat(part, times):
            return _repeated(part, times, x, held)
        case Switch(index, options):
            return _chosen(index, [_run(one, x, held) for one in options])
        case Graph(nodes):
            return _Cell(x, held).run(nodes, "sum")
        case Sum(branch, shortcut):
            return _Cell(x, held).run((((0, branch), (0, shortcut)),), "sum")
        case Product(branch, gate):
            return _Cell(x, held).run((((0, branch), (0, gate)),), "sum")
        case Join(joined):
            return _Cell(x, held).run((tuple((0, part) for part in joined),), "join")


def _layer(layer: Layer, x: _Tensor, held: Size) -> tuple[Size, _Tensor]:
    out = _Tensor(layer.w_out, layer.extent_after(x.extent), 1)
    if layer.kind in IN_PLACE:
        return held + out.size, out
    likenesses = layer.groups * out.extent.positions**2 if layer.kind == "attention" else 0
    return whole(held + x.free * x.size + likenesses + out.size), out


def _repeated(part: Plan, times: Size, x: _Tensor, held: Size) -> tuple[Size, _Tensor]:
    none, more = whole(np.equal(times, 0)), whole(np.greater(times, 1))
    peak = _larger(held + x.size * x.free, 0)
    first, y = _run(part, x, held)
    peak = _larger(peak, first * (1 - none))
    if np.any(more):
        # From the second time on, all are alike.
        peak = _larger(peak, _run(part, y, held)[0] * more)
    return peak, _either(none, x, y)


def _chosen(index: Size, found: Sequence[tuple[Size, _Tensor]]) -> tuple[Size, _Tensor]:
    peak, y = found[0]
    for number, (inside, one) in enumerate(found[1:], 1):
        here = whole(np.equal(index, number))
        peak, y = whole(peak * (1 - here) + inside * here), _either(here, one, y)
    return peak, y


def _either(condition: Size, one: _Tensor, other: _Tensor) -> _Tensor:
    """The first tensor where the condition is 1, the second where it is 0."""

    def chosen(a: Size, b: Size) -> Size:
        return whole(np.where(np.equal(condition, 1), a, b))

    side = chosen(one.extent.side, other.extent.side)
    extra = other.extent.extra  # all options of a part have it, or none
    return _Tensor(chosen(one.width, other.width), Extent(side, extra), chosen(one.free, other.free))


@dataclass(frozen=True, eq=False)
class _Term:
    """A path's output that waits for others: a tensor of its own where `tensor.free` is 1, else the node among
    `nodes` for which there is a 1."""

    tensor: _Tensor
    nodes: Sequence[Size]


@dataclass(eq=False)
class _Cell:
    """Several paths that begin with one input, and join again.

    Attributes:
        x: The input, which is node 0.
        held: What is alive all the time.
        peak: The highest so far.
        nodes: What is there so far, with the nodes whose tensors they are: themselves, or nodes before them.
        last: For each node the number of the last step that reads it.
    """

    x: _Tensor
    held: Size
    peak: Size = field(init=False)
    nodes: list[_Term] = field(init=False)
    last: list[float] = field(init=False)

    def run(
        self, nodes: Sequence[Sequence[tuple[int, Plan]]], how: Literal["sum", "join"]
    ) -> tuple[Size, _Tensor]:
        """The peak, and the last node's tensor."""
        self.peak = self.held + self.x.size * self.x.free
        self.nodes = [_Term(self.x, [1, *([0] * len(nodes))])]
        sources = [source for incoming in nodes for source, _ in incoming]
        last = {source: step for step, source in enumerate(sources)}
        self.last = [*(last.get(node, -1) for node in range(len(nodes))), math.inf]
        step = 0
        for number, incoming in enumerate(nodes, 1):
            waiting: list[_Term] = []
            for source, part in incoming:
                waiting.append(self._through(part, source, step, waiting))
                if how == "sum" and len(waiting) == 2:
                    waiting = [self._added(waiting[0], waiting[1], step)]
                step += 1
            made = self._joined(waiting, step - 1) if how == "join" else waiting[0]
            itself = [*made.nodes[:number], made.tensor.free, *made.nodes[number + 1 :]]
            self.nodes.append(_Term(made.tensor, itself))
        shared = self.nodes[-1].nodes[0] * (1 - self.x.free)
        return self.peak, replace(self.nodes[-1].tensor, free=1 - shared)

    def _through(self, part: Plan, source: int, step: int, waiting: Sequence[_Term]) -> _Term:
        """A node through a part."""
        read_later = self._read_later(step, waiting)
        node = self.nodes[source]
        taken = self._may_go(_Term(replace(node.tensor, free=0), node.nodes), read_later)
        peak, y = _run(part, replace(node.tensor, free=taken), self._alive(read_later, waiting))
        self.peak = _larger(self.peak, peak)
        return _Term(y, [one * (1 - y.free) for one in node.nodes])

    def _added(self, one: _Term, other: _Term, step: int) -> _Term:
        """The sum or product of two, of the first one's size."""
        read_later = self._read_later(step, ())
        overwritten = _larger(
            self._may_go(one, read_later),
            self._may_go(other, read_later) * whole(np.equal(one.tensor.size, other.tensor.size)),
        )
        both = (one, other)
        alive = self._alive(self._read_later(step, both), both)
        self.peak = _larger(self.peak, alive + (1 - overwritten) * one.tensor.size)
        return _Term(replace(one.tensor, free=1), [0] * len(one.nodes))

    def _joined(self, terms: Sequence[_Term], step: int) -> _Term:
        width = sum((one.tensor.width for one in terms), start=0)
        made = replace(terms[0].tensor, width=width, free=1)
        self.peak = _larger(self.peak, self._alive(self._read_later(step, terms), terms) + made.size)
        return _Term(made, [0] * len(terms[0].nodes))

    def _read_later(self, step: int, waiting: Sequence[_Term]) -> list[Size]:
        """For each node so far 1 where a later step reads its tensor, or where it waits to be added or joined."""
        readers = [node for node, last in zip(self.nodes, self.last, strict=False) if last > step]
        return [_largest([one.nodes[i] for one in (*readers, *waiting)]) for i in range(len(self.nodes))]

    def _alive(self, read_later: Sequence[Size], waiting: Sequence[_Term]) -> Size:
        """What is held anyway, the nodes that are read later, and what waits in tensors of its own."""
        kept = (self.nodes[i].tensor.size * self._is_ours(i) * one for i, one in enumerate(read_later))
        return self.held + sum(kept, start=0) + sum((t.tensor.size * t.tensor.free for t in waiting), start=0)

    def _may_go(self, term: _Term, read_later: Sequence[Size]) -> Size:
        """1 where a term's tensor may be overwritten."""
        free = (term.nodes[i] * self._is_ours(i) * (1 - one) for i, one in enumerate(read_later))
        return sum(free, start=term.tensor.free)

    def _is_ours(self, node: int) -> Size:
        """1 where nobody outside reads a node later."""
        return self.x.free if node == 0 else 1


def _larger(one: Size, other: Size) -> Size:
    return whole(np.maximum(one, other))


def _largest(sizes: Sequence[Size]) -> Size:
    found: Size = 0
    for one in sizes:
        found = _larger(found, one)
    return found


def _first_width(plan: Plan) -> Size | None:
    """Channels of the image: those that the first layer reads; None if there is no layer."""
    match plan:
        case Layer():
            return plan.w_in
        case Repeat(part, _):
            return _first_width(part)
        case Switch(_, options):
            inside: Iterable[Plan] = options
        case _:
            inside = (part for _, part in paths(plan))
    return next((found for found in map(_first_width, inside) if found is not None), None)
