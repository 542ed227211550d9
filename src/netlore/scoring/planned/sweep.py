"""The passes over a batch for a network that is known as a plan: no modules, no autograd graph.

Evidence is the same as that of `passes.autograd` up to rounding, in a fraction of the time and memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import torch
from torch import Tensor

from netlore.networks.initialisation import initial_weights
from netlore.scoring.evidence import Evidence, plan_steps
from netlore.scoring.passes.derivatives import change_of_loss_gradient
from netlore.scoring.passes.layers import check_labels
from netlore.scoring.passes.relu_codes import ActivationCodes
from netlore.scoring.planned.memory import excess, sum_buffer
from netlore.scoring.planned.units.batch_norm import Norm, Rectifier
from netlore.scoring.planned.units.convolution import Convolution, Linear, Pool
from netlore.scoring.planned.units.residual import Residual
from netlore.scoring.planned.units.signals import (
    Backward,
    Forward,
    PlannedLayer,
    Record,
    Unit,
    run_backward,
    run_forward,
)
from netlore.space.outline import flattened
from netlore.space.plan import Layer, Plan, Sum

# What may stand behind what, within a series.
_BEHIND = {
    "convolution": ("", "batch_norm", "relu", "sum"),
    "batch_norm": ("convolution",),
    "relu": ("batch_norm", "sum"),
    "sum": ("", "batch_norm", "relu", "sum"),
}


def is_supported(plan: Plan) -> bool:
    """Whether `PlannedPass` can examine a plan.

    Every convolution must have its batch norm, ReLUs stand behind batch norms and sums only, a sum's branch ends
    without a ReLU, and the plan begins with a convolution and ends with a pool and a classifier. The units write
    in place; in plans of another shape they would overwrite what others have yet to read.
    """
    parts = list(flattened([plan]))
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
            branch, shortcut = list(flattened([part.branch])), list(flattened([part.shortcut]))
            ends_well = bool(branch) and _kind(branch[-1]) != "relu"
            if not (ends_well and _is_series(branch) and _is_series(shortcut)):
                return False
    return before != "convolution"


def _kind(part: Layer | Sum) -> str:
    return "sum" if isinstance(part, Sum) else part.kind


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
    """

    def __init__(self, plan: Plan, seed: int, images: Tensor, labels: Tensor, needs: Evidence) -> None:
        self._images = images.contiguous(memory_format=torch.channels_last)
        # Where the labels are given; reading numbers off another device would wait for all its work.
        self._label_range = int(labels.min()), int(labels.max())
        self._labels = labels.to(images.device)
        self._steps = steps = plan_steps(needs)
        beyond = excess(plan, images, needs)
        self._record = Record(
            keep="backward" in steps,
            tangents="tangents" in steps,
            gradients="weights" in steps,
            saliency="saliency" in steps,
            codes=ActivationCodes(len(images)) if "codes" in steps else None,
            excess=beyond,
            buffer=sum_buffer(plan, images, needs) if beyond > 0 else None,
        )
        weights = (weight.to(images) for _, weight in initial_weights(plan, seed, images.device))
        self.layers: list[PlannedLayer] = []
        self._units = self._build([plan], weights)

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
    def limit_hessian_weight(self) -> dict[PlannedLayer, Tensor]:
        """H W in the limit of no epsilon, per layer."""
        _ = self._jacobian
        return self._record.limit_hessian_weight

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
        check_labels(self._label_range, logits.value.shape[1])
        return logits

    @cached_property
    def _jacobian(self) -> Tensor | None:
        """The backward sweep; what it wrote down is in the record."""
        logits = self._logits
        with torch.no_grad():
            return run_backward(self._units, _logit_gradients(logits, self._labels, self._steps)).total

    def _build(self, parts: list[Plan], weights: Iterator[Tensor], first: bool = True) -> list[Unit]:
        """The units of parts in series; `first` says whether they start from the images."""
        record = self._record
        units: list[Unit] = []
        flat = list(flattened(parts))
        for index, part in enumerate(flat):
            following = flat[index + 1] if index + 1 < len(flat) else None
            before = units[-1] if units else None
            if isinstance(part, Sum):
                branch = self._build([part.branch], weights, first=False)
                units.append(Residual(branch, self._build([part.shortcut], weights, first=False), record))
            elif part.kind == "convolution":
                layer = self._layer(next(weights), part.stride, int(part.groups))
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
    g = Backward(None, None, None, None)
    if "loss" in steps:
        y = labels[:, None] == torch.arange(z.shape[1], device=z.device)
        g.loss = (p - y.to(z)) / len(z)
    if logits.tangent is not None:
        g.tangent = change_of_loss_gradient(p, logits.tangent)
    if "limit" in steps:
        g.limit = change_of_loss_gradient(p, z)
    if "jacobian" in steps:
        g.total = torch.ones_like(z)
    return g
