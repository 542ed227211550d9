"""The passes over a batch for a network that is known as a plan: no modules, no autograd graph.

Evidence is the same as that of `passes.autograd` up to rounding, in a fraction of the time and memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeGuard

import torch
from torch import Tensor

from netlore.executors.allocator import share_of_memory
from netlore.networks.initialisation import initial_weights
from netlore.scoring.evidence import Evidence, Kind, plan_steps
from netlore.scoring.objective import USUAL, class_range
from netlore.scoring.passes.derivatives import change_of_loss_gradient
from netlore.scoring.passes.relu_codes import ActivationCodes
from netlore.scoring.planned.units.batch_norm import Norm, Rectifier
from netlore.scoring.planned.units.convolution import Convolution, Linear, Pool
from netlore.scoring.planned.units.signals import (
    Backward,
    Buffer,
    Forward,
    PlannedLayer,
    Record,
    Residual,
    Unit,
    run_backward,
    run_forward,
)
from netlore.space.complexity import complexity_of_plan
from netlore.space.outline import flattened, lines_of, resolution_after, width_after
from netlore.space.plan import Layer, Plan, Sum

TEMPORARIES = 5
"""How many tensors of the size of the largest layer's output come and go at once."""

KEPT_OF_SHARE = 0.4
"""Part of a process's share of memory that one sweep may keep; the rest is for weights, libraries and gaps."""

# Convolutions with their batch norms and sums (s), each with a ReLU or without.
_SERIES = "((cb|s)r?)*"
_LETTERS = {"convolution": "c", "batch_norm": "b", "relu": "r", "global_pool": "g", "linear": "l"}


def is_supported(plan: Plan) -> bool:
    """Whether `PlannedPass` can examine a plan.

    Every convolution must have its batch norm, ReLUs stand behind batch norms and sums only, a sum's branch ends
    without a ReLU, and the plan begins with a convolution and ends with a pool and a classifier. The units write
    in place; in plans of another shape they would overwrite what others have yet to read.
    """
    return re.fullmatch(f"cbr?{_SERIES}gl", _letters(plan)) is not None


def is_plain(part: Plan) -> TypeGuard[Layer]:
    """Whether a part is a layer of a kind and form that are written out here: convolutions have no bias and pad by
    half their kernel, linear layers have a bias."""
    if not isinstance(part, Layer) or part.kind not in _LETTERS or part.padding is not None:
        return False
    return part.has_bias == (part.kind == "linear")


def _letters(plan: Plan) -> str:
    """The kinds of a plan's parts, a letter each; `s` is a sum that can be examined, `x` anything else."""
    found = ""
    for part in flattened([plan]):
        if isinstance(part, Sum):
            branch, shortcut = _letters(part.branch), _letters(part.shortcut)
            series = re.fullmatch(_SERIES, branch) and re.fullmatch(_SERIES, shortcut)
            found += "s" if series and branch[-1:] not in ("", "r") else "x"
        else:
            found += _LETTERS[part.kind] if is_plain(part) else "x"
    return found


class PlannedPass:
    """One forward and at most one backward sweep; each moves the signals that `needs` calls for.

    Args:
        plan: A plan of integers that `is_supported`.
        seed: The network's seed.
        images: Shape (N, C, H, W), in the precision of the passes.
        labels: Shape (N,).
        needs: What will be read.

    Attributes:
        layers: Its convolutions and the classifier, in the plan's order.
        is_finite: Whether all logits are, once they are known.
    """

    def __init__(self, plan: Plan, seed: int, images: Tensor, labels: Tensor, needs: Evidence) -> None:
        self._images = images.contiguous(memory_format=torch.channels_last)
        self._classes, self._labels = class_range(labels), labels.to(images.device)
        steps, beyond = plan_steps(needs), excess(plan, images, needs)
        codes = ActivationCodes(len(images)) if "codes" in steps else None
        buffer = sum_buffer(plan, images, needs) if beyond > 0 else None
        self._record = Record(steps, codes, beyond, buffer, keep="backward" in steps)
        weights = (weight.to(images) for _, weight in initial_weights(plan, seed, images.device))
        self.layers: list[PlannedLayer] = []
        self._units = self._build([plan], weights)

    def __getitem__(self, kind: Kind[Any]) -> Any:
        """Evidence of a kind, which the needs must name."""
        if kind is Evidence.ACTIVATION_KERNEL:
            _ = self._logits
            assert self._record.codes is not None
            return self._record.codes.kernel()
        jacobian, record = self._jacobian, self._record
        if kind is Evidence.INPUT_JACOBIAN:
            return jacobian.flatten(1)
        return torch.stack(record.curvature).sum() if kind is Evidence.CURVATURE else record.found[kind]

    def note(self, kind: Kind[Any]) -> str:
        """Nothing else is to be known: all of a plan's weights and ReLUs are looked at."""
        return ""

    @cached_property
    def _logits(self) -> Forward:
        with torch.no_grad():
            # The images do not depend on the weights, so they have no tangent.
            logits = run_forward(self._units, Forward(self._images, None))
        USUAL.check(logits.value, self._labels, self._classes)
        self.is_finite = logits.value.isfinite().all()
        return logits

    @cached_property
    def _jacobian(self) -> Tensor:
        """The backward sweep; what it wrote down is in the record. Without a Jacobian, it has no entries."""
        logits = self._logits
        with torch.no_grad():
            found = run_backward(self._units, _logit_gradients(logits, self._labels, self._record.steps))
        return found.get("total", logits.value.new_empty(0))

    def _build(self, parts: list[Plan], weights: Iterator[Tensor], first: bool = True) -> list[Unit]:
        """The units of parts in series; `first` says whether they start from the images."""
        record = self._record
        units: list[Unit] = []
        flat = [part for part in flattened(parts) if isinstance(part, Layer | Sum)]
        for index, part in enumerate(flat):
            following = flat[index + 1] if index + 1 < len(flat) else None
            before = units[-1] if units else None
            if isinstance(part, Sum):
                branch = self._build([part.branch], weights, first=False)
                units.append(Residual(branch, self._build([part.shortcut], weights, first=False), record))
            elif part.kind == "convolution":
                layer = self._layer(next(weights), int(part.stride), int(part.groups))
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
                units.append(Linear(self._layer(next(weights)), record))
        return units

    def _layer(self, weight: Tensor, stride: int = 1, groups: int = 1) -> PlannedLayer:
        layer = PlannedLayer(weight, (stride, stride), groups)
        self.layers.append(layer)
        return layer


def _logit_gradients(logits: Forward, labels: Tensor, steps: set[str]) -> Backward:
    """What the backward sweep starts from, of the kinds that are needed.

    The gradient of the mean cross-entropy is s = (p - y) / N. Along the weights it changes as the logits do, by
    ds = p (z' - <p, z'>) / N; in the limit of no epsilon, z' is z.
    """
    z = logits.value
    p = z.softmax(dim=1)
    g: Backward = {}
    if "loss" in steps:
        y = labels[:, None] == torch.arange(z.shape[1], device=z.device)
        g["loss"] = (p - y.to(z)) / len(z)
    if logits.tangent is not None:
        g["tangent"] = change_of_loss_gradient(p, logits.tangent)
    if "limit" in steps:
        g["limit"] = change_of_loss_gradient(p, z)
    if "jacobian" in steps:
        g["total"] = torch.ones_like(z)
    return g


def kept_bytes() -> int:
    """The bytes that a sweep may keep, temporaries included; one that would keep more recomputes.

    It runs as many residual blocks forward again as that takes. The values are the same to the last bit, so
    this may depend on the machine; running all of them again takes about a fifth more time.
    """
    return int(KEPT_OF_SHARE * share_of_memory())


def largest_output(plan: Plan, images: Tensor, dtype: torch.dtype) -> int:
    """Bytes of the output of the layer with the largest one, for all images."""
    largest = max(int(line.complexity.activations) for line in lines_of(plan, images.shape[-1]))
    return len(images) * largest * dtype.itemsize


def excess(plan: Plan, images: Tensor, needs: Evidence) -> int:
    """Bytes that a sweep which keeps all it needs would keep beyond `kept_bytes()`; 0 or less if there are none.

    What it keeps is about each convolution's output and, for the curvature, a tangent.
    """
    if "backward" not in plan_steps(needs):
        return 0
    activations = int(complexity_of_plan(plan, images.shape[-1]).activations)
    kept = len(images) * activations * images.element_size() * _copies(needs)
    return kept + TEMPORARIES * largest_output(plan, images, images.dtype) - kept_bytes()


def sum_buffer(plan: Plan, images: Tensor, needs: Evidence) -> Buffer:
    """Memory for the outputs of all residual sums in series."""
    resolution, outputs = images.shape[-1], 0
    for part in flattened([plan]):
        resolution = resolution_after(part, resolution)
        outputs += width_after(part) * resolution**2 if isinstance(part, Sum) else 0
    return Buffer(_copies(needs) * len(images) * outputs, images)


def _copies(needs: Evidence) -> int:
    return 2 if "tangents" in plan_steps(needs) else 1
