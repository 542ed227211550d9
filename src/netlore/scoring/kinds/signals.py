"""How signals go from block to block: what features span, and how gradients return through each block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import tensors_of
from netlore.scoring.kinds.blocks import blocks_of
from netlore.scoring.kinds.outputs import Channels, covariance, mean_product
from netlore.scoring.kinds.view import AS_GIVEN, View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.layers import layers_of

STEM = "stem"
"""What the first block is given."""


@dataclass(eq=False)
class BlockSignals:
    """Features in the order in which they are made, and how the signs at each return to the one before.

    Attributes:
        names: The blocks' names in the network; `STEM` in front where layers precede the first block.
        spectra: Eigenvalues of the covariance of each feature's channels over images and positions, float64, none
            negative; zeros beyond the number of rows are left out.
        returned: For each feature but the first the largest singular value of g_in^T g_out / rows, float64: g_out
            are random signs at the feature, g_in what the block's transposed derivative makes of them at the one
            before, both as rows of channels. Where positions get fewer by a stride, those of a square of g_in are
            channels of one row.
        refused: Why `returned` is not known; empty: it is.
    """

    names: list[str] = field(default_factory=list)
    spectra: list[Tensor] = field(default_factory=list)
    returned: list[Tensor] = field(default_factory=list)
    refused: str = ""


def block_signals(blocks: Sequence[str] | None = None, view: View = AS_GIVEN) -> Kind[list[BlockSignals]]:
    """What features of blocks span, and how gradients return through each block, see `BlockSignals`; one for each
    draw.

    What the first block is given counts as a feature where layers precede it. Of a block that returns several
    things the first tensor counts; one that is called several times makes a feature each time, one that is not
    called none. Where features have positions, those without, a classifier's, do not count.

    Args:
        blocks: The names of modules; None: those that `blocks_of` finds.
        view: What the network is shown, with which weights.
    """
    passes = "one forward pass, and one backward pass in parts, from each block to the one before"
    return made(_block_signals, view, passes, blocks=None if blocks is None else tuple(blocks))


def _block_signals(own: OwnPass, view: View, blocks: tuple[str, ...] | None) -> list[BlockSignals]:
    """What features of blocks span, and how gradients return through each block."""
    found = []
    for number, draw in enumerate(view.drawn(own)):
        draw.network.requires_grad_(False)
        walk = _Walk(draw.network, torch.Generator().manual_seed(2**31 + number))
        hooks = list(walk.channels.hooks)
        for name, block in blocks_of(draw.network, blocks).items():
            hooks.append(block.register_forward_pre_hook(walk.enter))
            hooks.append(block.register_forward_hook(walk.leaving(name)))
        try:
            own.outputs(draw.network, draw.inputs)
        finally:
            for hook in hooks:
                hook.remove()
        if not walk.found.names:
            raise Degenerate("no block of the network is called, or none returns a tensor with channels")
        found.append(walk.found)
    return found


class _Walk:
    """Looks at features while the network makes them. Each is cut off from what made it once that is known, so
    that no more than one block's graph is kept.
    """

    def __init__(self, network: nn.Module, generator: torch.Generator) -> None:
        self.channels = Channels(network)
        self.weighted = {id(layer) for layer in layers_of(network).names}
        self.generator = generator
        self.found = BlockSignals()
        self.before: Tensor | None = None

    def enter(self, block: nn.Module, given: tuple[Any, ...]) -> Any:
        """In front of the first block: what it is given is a feature if layers made it."""
        if self.before is not None or not self.channels.latest or not (given and _has_channels(given[0])):
            return None
        if not any(id(one) in self.weighted for one in block.modules()):
            return None  # an activation, say, which is the end of the stem
        return (self._keep(STEM, given[0]), *given[1:])

    def leaving(self, name: str) -> Any:
        """Behind a block: a hook that looks at what it returned."""

        def leave(block: nn.Module, given: Any, returned: Any) -> Any:
            feature = next(tensors_of(returned), None)
            if feature is None or not _has_channels(feature):
                return None
            if self.before is not None and feature.ndim < self.before.ndim:
                return None
            if self.before is not None:
                self._return(name, feature, self.before)
            if returned is feature:
                return self._keep(name, feature)
            if type(returned) is tuple and returned[0] is feature:
                return (self._keep(name, feature), *returned[1:])
            # It cannot be exchanged, so the graph goes on from what it is.
            self._keep(name, feature)
            self.before = feature if feature.requires_grad else feature.requires_grad_(True)
            return None

        return leave

    def _keep(self, name: str, feature: Tensor) -> Tensor:
        """Note a feature; what the network goes on with, which it may overwrite."""
        detached = feature.detach()
        matrix = covariance(self.channels.maps(detached))
        self.found.names.append(name)
        self.found.spectra.append(_eigenvalues(matrix))
        self.before = detached.clone().requires_grad_(True)
        return self.before.clone()

    def _return(self, name: str, feature: Tensor, before: Tensor) -> None:
        """Take signs from a feature back to the one before."""
        signs = torch.randint(0, 2, feature.shape, generator=self.generator).to(feature) * 2 - 1
        gradient = None
        if feature.requires_grad:
            (gradient,) = torch.autograd.grad(feature, before, signs, retain_graph=True, allow_unused=True)
        pair = None if gradient is None else self._aligned(gradient, signs)
        size = None if pair is None else _largest(mean_product(*pair))
        if gradient is None or size == 0:
            reason = "does not depend on the one before it, or is dead"
        elif gradient.shape == signs.shape and torch.equal(gradient, signs):
            reason = "is the identity"
        elif size is None:
            reason = f"makes features of shape {tuple(feature.shape[1:])} of {tuple(before.shape[1:])}, "
            reason += "which is no stride"
        else:
            self.found.returned.append(size)
            return
        self.found.refused = self.found.refused or f"block {name!r} {reason}"

    def _aligned(self, gradient: Tensor, signs: Tensor) -> tuple[Tensor, Tensor] | None:
        """Both as maps of channels with the later one's images and positions; None: they do not fit."""
        if gradient.ndim != signs.ndim:
            return None
        axis = self.channels.axis(signs)
        one, other = gradient.movedim(axis, 1), signs.movedim(axis, 1)
        if one.ndim == 4 and one.shape[2:] != other.shape[2:]:
            stride = one.shape[2] // other.shape[2]
            if list(one.shape[2:]) != [stride * side for side in other.shape[2:]]:
                return None
            one = F.pixel_unshuffle(one, stride)
        one, other = (each.reshape(*each.shape[:2], -1) for each in (one, other))
        return (one, other) if one.shape[2] == other.shape[2] else None


def _has_channels(one: Any) -> bool:
    return isinstance(one, Tensor) and one.ndim > 1 and one.is_floating_point()


def _largest(matrix: Tensor) -> Tensor:
    """The largest singular value."""
    square = matrix @ matrix.T if len(matrix) < matrix.shape[1] else matrix.T @ matrix
    return _eigenvalues(square)[-1].sqrt()


def _eigenvalues(matrix: Tensor) -> Tensor:
    """Of a matrix without negative ones but by rounding, in rising order; not numbers where it is not finite."""
    if not bool(matrix.isfinite().all()):
        return torch.full_like(matrix[0], torch.nan)
    found: Tensor = torch.linalg.eigvalsh(matrix)
    return found.clamp(min=0.0)
