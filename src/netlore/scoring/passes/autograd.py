"""The forward pass over a batch and the backward passes through its graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.evidence import Evidence, Kind, module_steps
from netlore.scoring.passes.derivatives import (
    SaliencyHook,
    along_weights,
    caught,
    change_of_loss_gradient,
    found_or_raised,
    gradients_of,
    hooked,
)
from netlore.scoring.passes.layers import (
    Layer,
    check_labels,
    checked_logits,
    copied,
    layers_of,
    layout_of,
    restored_after,
    weight_names,
)
from netlore.scoring.passes.relu_codes import ActivationCodes

T = TypeVar("T")

_BACKWARD_PASSES = {"loss", "limit", "jacobian", "images", "hessian"}


class BatchPass:
    """One forward pass in training mode, and one backward pass for each kind of evidence that is read.

    The graph is kept while a pass that the needs imply is still to come, and freed with the last one. Arguments
    as in `Probe`; the precision is that of the images. `codes` is where activation codes go, if they are not just
    added up; `along` is what the Hessian is multiplied with, if not the gradient.
    """

    def __init__(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        needs: Evidence,
        codes: ActivationCodes | None = None,
        along: Mapping[Layer, Tensor] | None = None,
    ) -> None:
        dtype = images.dtype
        self._network = network
        # Where the labels are given; reading numbers off another device would wait for all its work.
        self._label_range = int(labels.min()), int(labels.max())
        self._labels = labels.to(images.device)
        self._steps = module_steps(needs)
        self._results: dict[str, Any] = {}
        self._pending = _BACKWARD_PASSES & self._steps
        self._saliency = SaliencyHook()
        self._codes = codes or ActivationCodes(len(images))
        self._layers = layers_of(network)
        self._names = weight_names(network, self._layers)
        self._along = {self._names[layer]: direction for layer, direction in (along or {}).items()}
        layout = layout_of(self._layers)
        self._parameters = {name: copied(p, dtype, layout) for name, p in network.named_parameters()}
        self._buffers = {name: copied(buffer, dtype, layout) for name, buffer in network.named_buffers()}
        self._images = copied(images, dtype, layout)
        self._mark_gradients()

    def __getitem__(self, kind: Kind[Any]) -> Any:
        """Evidence of a kind, which the needs must name."""
        if kind is Evidence.CURVATURE:
            return along_weights(self[Evidence.HESSIAN_GRADIENT])
        if kind is Evidence.ACTIVATION_KERNEL:
            return self.codes.kernel()
        if kind is Evidence.HESSIAN_GRADIENT:
            return self._once("hessian", self._hessian_pass)
        if kind is Evidence.LIMIT_HESSIAN_WEIGHT:
            return self._once("limit", self._limit_pass)
        if kind is Evidence.IMAGE_GRADIENT_SQUARES:
            return self._once("images", self._image_passes)
        if kind is Evidence.INPUT_JACOBIAN:
            return self._once("jacobian", self._jacobian_pass)
        gradients = self._first_gradients()
        if kind is Evidence.CHANNEL_SALIENCY:
            return self._saliency.saliency
        if kind is Evidence.LOSS_GRADIENT:
            return self._by_layer({name: gradient.detach() for name, gradient in gradients.items()})
        trainable = [name for name, parameter in self._network.named_parameters() if parameter.requires_grad]
        return {name: gradients[name].detach() for name in trainable}

    @property
    def codes(self) -> ActivationCodes:
        """The activation codes."""
        self._logits()
        return self._codes

    def _mark_gradients(self) -> None:
        """Mark what the backward passes start from."""
        if "parameters" in self._steps:
            for name, parameter in self._network.named_parameters():
                self._parameters[name].requires_grad_(parameter.requires_grad)
        if "weights" in self._steps:
            for layer in self._layers:
                self._parameters[self._names[layer]].requires_grad_(True)
        if "jacobian" in self._steps:
            self._images.requires_grad_(True)

    def _once(self, name: str, compute: Callable[[], T]) -> T:
        """A pass's result, computed on the first call; an error is repeated, not the pass."""
        if name not in self._results:
            self._pending.discard(name)
            state = {**self._parameters, **self._buffers}
            # Backward passes as well, since checkpointing runs modules forward again in them.
            with torch.set_grad_enabled("graph" in self._steps), restored_after(self._network, True, state):
                self._results[name] = caught(compute)
        found: T = found_or_raised(self._results[name])
        return found

    def _logits(self) -> Tensor:
        return self._once("logits", self._forward)

    def _forward(self) -> Tensor:
        steps, linear = self._steps, [layer for layer in self._layers if isinstance(layer, nn.Linear)]
        outputs: list[tuple[nn.Linear, Tensor]] = []
        with (
            self._codes if "codes" in steps else nullcontext(),
            hooked(self._layers if "saliency" in steps else [], self._saliency),
            hooked(linear if "limit" in steps else [], lambda layer, _, output: outputs.append((layer, output))),
        ):
            # A copy, since a network may overwrite its input.
            logits = self._network(self._images.clone())
        # None if the logits are not what a linear layer returned, but made of it or of something else.
        self._classifier = next((layer for layer, output in reversed(outputs) if output is logits), None)
        logits = checked_logits(logits, len(self._images))
        check_labels(self._label_range, logits.shape[1])
        return logits

    def _first_gradients(self) -> dict[str, Tensor]:
        return self._once("loss", self._loss_pass)

    def _loss_pass(self) -> dict[str, Tensor]:
        trained = {name: parameter for name, parameter in self._parameters.items() if parameter.requires_grad}
        loss = F.cross_entropy(self._logits(), self._labels)
        targets = [*trained.values(), *self._saliency.roots]
        if self._images.requires_grad and "weights" not in self._steps:
            # So that the pass runs through every layer, whatever is trainable.
            targets.append(self._images)
        self._saliency.is_of_loss = True
        try:
            gradients = gradients_of(loss, targets, bool(self._pending), twice="hessian" in self._steps)
        finally:
            self._saliency.is_of_loss = False
        return dict(zip(trained, gradients, strict=False))

    def _weights(self) -> dict[str, Tensor]:
        """The layers' weights, each once."""
        return {name: self._parameters[name] for name in self._names.values()}

    def _gradients_by_layer(self, product: Tensor) -> dict[Layer, Tensor]:
        weights = self._weights()
        found = gradients_of(product, list(weights.values()), keep=bool(self._pending))
        return self._by_layer(dict(zip(weights, found, strict=True)))

    def _by_layer(self, found: dict[str, Tensor]) -> dict[Layer, Tensor]:
        return {layer: found[name] for layer, name in self._names.items()}

    def _hessian_pass(self) -> dict[Layer, Tensor]:
        """H g per layer: the gradient of <g, constant g>."""
        gradients, weights = self._first_gradients(), self._weights()
        # Those that do not depend on any weight are constants.
        moving = {name: gradients[name] for name in weights if gradients[name].requires_grad}
        along = self._along or {name: g.detach() for name, g in moving.items()}
        terms = [(along[name] * g).sum() for name, g in moving.items()]
        product = torch.stack(terms).sum() if terms else torch.zeros(())
        found = self._gradients_by_layer(product)
        # The first gradients hang on the same graph; what is kept of them must not keep it alive.
        self._results["loss"] = {name: gradient.detach() for name, gradient in gradients.items()}
        return found

    def _limit_pass(self) -> dict[Layer, Tensor]:
        """H W in the limit of no epsilon, per layer: the gradient of <z, constant ds>."""
        logits = self._logits()
        if self._classifier is None:
            raise Degenerate("the logits are not what a linear layer returns, so grasp has no such limit")
        z, bias = logits.detach(), self._classifier.bias
        tangent = z if bias is None else z - bias.detach().to(z)
        return self._gradients_by_layer((logits * change_of_loss_gradient(z.softmax(dim=1), tangent)).sum())

    def _image_passes(self) -> dict[Layer, Tensor]:
        losses = F.cross_entropy(self._logits(), self._labels, reduction="none")
        weights = self._weights()
        squares = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        for n, loss in enumerate(losses):
            keep = bool(self._pending) or n + 1 < len(losses)
            for name, gradient in zip(weights, gradients_of(loss, list(weights.values()), keep), strict=True):
                squares[name] += gradient.square()
        return self._by_layer(squares)

    def _jacobian_pass(self) -> Tensor:
        (jacobian,) = gradients_of(self._logits().sum(), [self._images], keep=bool(self._pending))
        return jacobian.flatten(1)
