"""The passes over a batch for a network that is known as a plan: no modules, no autograd graph.

Evidence is the same as that of `batch_pass` up to rounding, in a fraction of the time and memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from netlore.errors import InvalidInput
from netlore.networks.initialisation import initial_weights
from netlore.scoring.activation_codes import ActivationCodes
from netlore.scoring.evidence import Evidence
from netlore.scoring.units import (
    Arena,
    Backward,
    Convolution,
    Forward,
    Linear,
    Norm,
    PlannedLayer,
    Pool,
    Record,
    Rectifier,
    Residual,
    Unit,
    run_backward,
    run_forward,
)
from netlore.space.complexity import complexity_of_plan
from netlore.space.outline import lines_of, resolution_after, width_after
from netlore.space.plan import Chain, Layer, Plan, Repeat, Sum

SUPPORTED = (
    Evidence.LOSS_GRADIENT
    | Evidence.CURVATURE
    | Evidence.CHANNEL_SALIENCY
    | Evidence.INPUT_JACOBIAN
    | Evidence.ACTIVATION_KERNEL
)
"""Evidence that this pass gives; the rest needs the module."""

TEMPORARIES = 5
"""So many tensors of the size of the largest layer's output come and go at once."""

FRUGAL_BYTES = 400_000_000
"""A backward sweep that would keep more than this runs each residual block forward again instead. The values are
the same to the last bit; it takes about a fifth more time."""

_LOSS = Evidence.LOSS_GRADIENT | Evidence.CURVATURE | Evidence.CHANNEL_SALIENCY


# What may stand behind what, within a series.
_BEHIND = {
    "convolution": ("", "batch_norm", "relu", "sum"),
    "batch_norm": ("convolution",),
    "relu": ("batch_norm", "sum"),
    "sum": ("", "batch_norm", "relu", "sum"),
}


def suits(plan: Plan) -> bool:
    """Whether `PlannedPass` can examine a plan.

    Every convolution must have its batch norm, ReLUs stand behind batch norms and sums only, a sum's branch ends
    without a ReLU, and the plan begins with a convolution and ends with a pool and a classifier. The units write
    in place; in plans of another shape they would overwrite what others have yet to read.
    """
    parts = list(_flattened([plan]))
    return (
        len(parts) > 2
        and [_kind(part) for part in (parts[0], *parts[-2:])] == ["convolution", "global_pool", "linear"]
        and _is_series(parts[:-2])
    )


def _is_series(parts: list[Layer | Sum]) -> bool:
    before = ""
    for part in parts:
        if before not in _BEHIND.get(_kind(part), ()):
            return False
        before = _kind(part)
        if isinstance(part, Sum):
            branch, shortcut = list(_flattened([part.branch])), list(_flattened([part.shortcut]))
            ends_well = bool(branch) and _kind(branch[-1]) != "relu"
            if not (ends_well and _is_series(branch) and _is_series(shortcut)):
                return False
    return before != "convolution"


def _kind(part: Layer | Sum) -> str:
    return "sum" if isinstance(part, Sum) else part.kind


class PlannedPass:
    """One forward and at most one backward sweep; each moves the signals that `needs` calls for.

    Args:
        plan: A plan of integers that `suits`.
        seed: The network's seed.
        images: Shape (N, C, H, W), in the precision of the passes.
        labels: Shape (N,).
        needs: What will be read.
    """

    def __init__(self, plan: Plan, seed: int, images: Tensor, labels: Tensor, needs: Evidence) -> None:
        self._images = images.contiguous(memory_format=torch.channels_last)
        self._labels = labels
        self._needs = needs
        self._record = Record(
            keep=bool(needs & (_LOSS | Evidence.INPUT_JACOBIAN)),
            tangents=bool(needs & Evidence.CURVATURE),
            gradients=bool(needs & (Evidence.LOSS_GRADIENT | Evidence.CURVATURE)),
            saliency=bool(needs & Evidence.CHANNEL_SALIENCY),
            codes=ActivationCodes(len(images)) if needs & Evidence.ACTIVATION_KERNEL else None,
            arena=_arena(plan, images, needs),
        )
        weights = (weight.to(images) for _, weight in initial_weights(plan, seed))
        self._units = _build([plan], weights, self._record)

    @property
    def loss_gradient(self) -> dict[PlannedLayer, Tensor]:
        """dL/dW per layer."""
        _ = self._jacobian
        return self._record.loss_gradient

    @property
    def curvature(self) -> Tensor:
        """W^T H dL/dW, a scalar, over all layers' weights."""
        _ = self._jacobian
        return torch.stack(self._record.curvature).sum()

    @property
    def channel_saliency(self) -> dict[PlannedLayer, list[Tensor]]:
        """Sum over positions of a * dL/da, per layer."""
        _ = self._jacobian
        return self._record.channel_saliency

    @property
    def input_jacobian(self) -> Tensor:
        """d(sum of logits)/d(images), a row per image."""
        jacobian = self._jacobian
        assert jacobian is not None
        return jacobian.flatten(1)

    @property
    def activation_kernel(self) -> Tensor:
        """Agreements of the activation codes."""
        _ = self._logits
        assert self._record.codes is not None
        return self._record.codes.kernel()

    @property
    def relu_count(self) -> int:
        """Length of the activation codes."""
        _ = self._logits
        assert self._record.codes is not None
        return self._record.codes.length

    @cached_property
    def _logits(self) -> Forward:
        with torch.no_grad():
            # The images do not depend on the weights, so they have no tangent.
            logits = run_forward(self._units, Forward(self._images, None))
        classes = logits.value.shape[1]
        low, high = int(self._labels.min()), int(self._labels.max())
        if low < 0 or high >= classes:
            raise InvalidInput(
                f"label {low if low < 0 else high} is outside the network's {classes} classes; "
                f"labels must be 0 to {classes - 1}."
            )
        return logits

    @cached_property
    def _jacobian(self) -> Tensor | None:
        """The backward sweep; what it wrote down is in the record."""
        logits = self._logits
        with torch.no_grad():
            loss, tangent = _loss_gradients(logits, self._labels) if self._needs & _LOSS else (None, None)
            total = torch.ones_like(logits.value) if self._needs & Evidence.INPUT_JACOBIAN else None
            return run_backward(self._units, Backward(loss, tangent, total)).total


def _arena(plan: Plan, images: Tensor, needs: Evidence) -> Arena | None:
    """Memory for the outputs of all residual sums, if keeping all that the sweep needs would take too much.

    That is about each convolution's output and, for the curvature, a tangent.
    """
    if not needs & (_LOSS | Evidence.INPUT_JACOBIAN):
        return None
    copies = 2 if needs & Evidence.CURVATURE else 1
    activations = int(complexity_of_plan(plan, images.shape[-1]).activations)
    if len(images) * activations * images.element_size() * copies <= FRUGAL_BYTES:
        return None
    return Arena(copies * len(images) * _sum_outputs(plan, images.shape[-1]), images)


def temporary_bytes(plan: Plan, images: Tensor, dtype: torch.dtype) -> int:
    """What a pass over the images holds for short moments, beside what it keeps.

    It is this that decides whether a process can go on without returning memory to the system: what is kept is at
    most `FRUGAL_BYTES` and some block outputs, and finds its place where that of the network before was.
    """
    largest = max(int(line.complexity.activations) for line in lines_of(plan, images.shape[-1]))
    return TEMPORARIES * len(images) * largest * dtype.itemsize


def _sum_outputs(plan: Plan, resolution: int) -> int:
    """Outputs of all residual sums in series, for one image."""
    total = 0
    for part in _flattened([plan]):
        resolution = resolution_after(part, resolution)
        total += width_after(part) * resolution**2 if isinstance(part, Sum) else 0
    return total


def _loss_gradients(logits: Forward, labels: Tensor) -> tuple[Tensor, Tensor | None]:
    """Gradient of the mean cross-entropy with respect to the logits, (p - y) / N, and its tangent."""
    z = logits.value
    p = z.softmax(dim=1)
    loss = (p - F.one_hot(labels, z.shape[1]).to(z)) / len(z)
    if logits.tangent is None:
        return loss, None
    return loss, p * (logits.tangent - (p * logits.tangent).sum(dim=1, keepdim=True)) / len(z)


def _build(parts: list[Plan], weights: Iterator[Tensor], record: Record, first: bool = True) -> list[Unit]:
    """The units of parts in series; `first` says whether they start from the images."""
    units: list[Unit] = []
    flat = list(_flattened(parts))
    for index, part in enumerate(flat):
        following = flat[index + 1] if index + 1 < len(flat) else None
        before = units[-1] if units else None
        if isinstance(part, Sum):
            branch = _build([part.branch], weights, record, first=False)
            units.append(Residual(branch, _build([part.shortcut], weights, record, first=False), record))
        elif part.kind == "convolution":
            layer = PlannedLayer(next(weights), part.stride, int(part.groups))
            source = before if isinstance(before, Norm) and before.rectifies else None
            units.append(Convolution(layer, record, source, first and not units))
        elif part.kind == "batch_norm":
            units.append(Norm(record, isinstance(following, Layer) and following.kind == "relu"))
        elif part.kind == "relu":
            if not isinstance(before, Norm):
                units.append(Rectifier(record))
        elif part.kind == "global_pool":
            units.append(Pool())
        else:
            units.append(Linear(PlannedLayer(next(weights)), record))
    return units


def _flattened(parts: list[Plan]) -> Iterator[Layer | Sum]:
    """Layers and sums in series."""
    for part in parts:
        match part:
            case Layer() | Sum():
                yield part
            case Chain(inside):
                yield from _flattened(list(inside))
            case Repeat(inside_part, times):
                yield from _flattened([inside_part] * int(times))
