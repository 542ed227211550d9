"""The forward pass over a batch and the backward passes through its graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from netlore.errors import InvalidInput
from netlore.networks.modules import Classifier, Convolution
from netlore.scoring.activation_codes import ActivationCodes
from netlore.scoring.evidence import BACKWARD, Evidence
from netlore.scoring.layers import Layer, borrowed, copied, layers_of, weight_names

T = TypeVar("T")

_WEIGHT_GRADIENTS = Evidence.LOSS_GRADIENT | Evidence.HESSIAN_GRADIENT | Evidence.IMAGE_GRADIENT_SQUARES
_LOSS = Evidence.LOSS_GRADIENT | Evidence.PARAMETER_GRADIENT | Evidence.CHANNEL_SALIENCY
_PASSES = {
    "loss": _LOSS | Evidence.HESSIAN_GRADIENT,
    "jacobian": Evidence.INPUT_JACOBIAN,
    "images": Evidence.IMAGE_GRADIENT_SQUARES,
    "hessian": Evidence.HESSIAN_GRADIENT,
}


class BatchPass:
    """One forward pass in training mode, and one backward pass for each kind of evidence that is read.

    The graph is kept while a pass that the needs imply is still to come, and freed with the last one. Arguments
    as in `Probe`.
    """

    def __init__(
        self, network: nn.Module, images: Tensor, labels: Tensor, needs: Evidence, dtype: torch.dtype
    ) -> None:
        self._network = network
        self._labels = labels
        self._needs = needs
        self._results: dict[str, Any] = {}
        self._pending = {name for name, evidence in _PASSES.items() if evidence & needs}
        self._saliency: dict[Layer, list[Tensor]] = {}
        self._listening = False
        self._called: dict[Layer, None] = {}
        self._codes = ActivationCodes()
        self._layers = layers_of(network)
        self._names = weight_names(network, self._layers)
        self._parameters = {name: copied(p, dtype) for name, p in network.named_parameters()}
        self._buffers = {name: copied(buffer, dtype) for name, buffer in network.named_buffers()}
        layout = torch.channels_last if images.ndim == 4 else torch.contiguous_format
        self._images = images.clone(memory_format=layout)
        self._require_gradients()

    @property
    def loss_gradient(self) -> dict[Layer, Tensor]:
        """dL/dW per layer that took part."""
        gradients = self._loss_gradients()
        return {layer: gradients[self._names[layer]].detach() for layer in self._called}

    @property
    def parameter_gradient(self) -> dict[str, Tensor]:
        """dL/dp per trainable parameter."""
        gradients = self._loss_gradients()
        trainable = [name for name, parameter in self._network.named_parameters() if parameter.requires_grad]
        return {name: gradients[name].detach() for name in trainable}

    @property
    def channel_saliency(self) -> dict[Layer, list[Tensor]]:
        """Sum over positions of a * dL/da, per layer and call."""
        self._loss_gradients()
        return self._saliency

    @property
    def hessian_gradient(self) -> dict[Layer, Tensor]:
        """H g per layer: the gradient of <g, constant g>."""
        return self._once("hessian", self._hessian_pass)

    @property
    def image_gradient_squares(self) -> dict[Layer, Tensor]:
        """Sum over images of the squared gradient of an image's own loss, per layer."""
        return self._once("images", self._image_passes)

    @property
    def input_jacobian(self) -> Tensor:
        """d(sum of logits)/d(images), a row per image."""
        return self._once("jacobian", self._jacobian_pass)

    @property
    def activation_kernel(self) -> Tensor:
        """Agreements of the activation codes."""
        self._logits()
        return self._codes.kernel(len(self._images))

    @property
    def relu_count(self) -> int:
        """Length of the activation codes."""
        self._logits()
        return self._codes.length

    def _require_gradients(self) -> None:
        """Mark what the backward passes start from; the images stand in where no weight gradient is asked for."""
        if Evidence.PARAMETER_GRADIENT & self._needs:
            for name, parameter in self._network.named_parameters():
                self._parameters[name].requires_grad_(parameter.requires_grad)
        if _WEIGHT_GRADIENTS & self._needs:
            for layer in self._layers:
                self._parameters[self._names[layer]].requires_grad_(True)
        alone = Evidence.CHANNEL_SALIENCY & self._needs and not self._trained()
        if alone or Evidence.INPUT_JACOBIAN & self._needs:
            self._images.requires_grad_(True)

    def _trained(self) -> dict[str, Tensor]:
        return {name: parameter for name, parameter in self._parameters.items() if parameter.requires_grad}

    def _once(self, name: str, compute: Callable[[], T]) -> T:
        """A pass's result, computed on the first call; an error is repeated, not the pass."""
        if name not in self._results:
            self._pending.discard(name)
            try:
                with torch.set_grad_enabled(bool(BACKWARD & self._needs)):
                    self._results[name] = compute()
            except Exception as error:
                # Without its traceback, which would keep the pass's tensors alive.
                self._results[name] = error.with_traceback(None)
        result = self._results[name]
        if isinstance(result, Exception):
            raise result
        found: T = result
        return found

    def _keeps_graph(self) -> bool:
        return bool(self._pending)

    def _logits(self) -> Tensor:
        return self._once("logits", self._forward)

    def _forward(self) -> Tensor:
        hooks = [layer.register_forward_hook(self._on_layer, always_call=False) for layer in self._layers]
        state = {**self._parameters, **self._buffers}
        watcher = self._codes if Evidence.ACTIVATION_KERNEL & self._needs else _Nothing()
        try:
            with borrowed(self._network, training=True), watcher:
                logits = functional_call(self._network, state, (self._images,))
        finally:
            for hook in hooks:
                hook.remove()
        self._check(logits)
        checked: Tensor = logits
        return checked

    def _check(self, logits: object) -> None:
        if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(self._images):
            shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
            raise InvalidInput(
                f"the network returned {shape} for {len(self._images)} images; it must return logits of shape "
                f"(images, classes)."
            )
        low, high = int(self._labels.min()), int(self._labels.max())
        if low < 0 or high >= logits.shape[1]:
            raise InvalidInput(
                f"label {low if low < 0 else high} is outside the network's {logits.shape[1]} classes; "
                f"labels must be 0 to {logits.shape[1] - 1}."
            )

    def _on_layer(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
        """Remember that a layer took part and, for channel saliency, wait for its output's gradient."""
        assert isinstance(layer, Layer)
        self._called[layer] = None
        if not Evidence.CHANNEL_SALIENCY & self._needs:
            return None
        value = output.detach()
        calls = self._saliency.setdefault(layer, [])
        slot = len(calls)
        calls.append(value.new_zeros(value.shape[:2]))

        def listen(gradient: Tensor) -> None:
            if self._listening:
                calls[slot] = _over_positions(value, gradient.detach())

        output.register_hook(listen)
        # A later operation may overwrite the output in place. netlore's own networks never do; others get a copy.
        return None if isinstance(layer, Convolution | Classifier) else output.clone()

    def _loss_gradients(self) -> dict[str, Tensor]:
        return self._once("loss", self._loss_pass)

    def _loss_pass(self) -> dict[str, Tensor]:
        trained = self._trained()
        loss = F.cross_entropy(self._logits(), self._labels)
        twice = bool(Evidence.HESSIAN_GRADIENT & self._needs)
        self._listening = True
        try:
            gradients = torch.autograd.grad(
                loss,
                list(trained.values()) or [self._images],
                create_graph=twice,
                retain_graph=twice or self._keeps_graph(),
                allow_unused=True,
            )
        finally:
            self._listening = False
        return {name: _or_zero(g, p) for (name, p), g in zip(trained.items(), gradients, strict=False)}

    def _hessian_pass(self) -> dict[Layer, Tensor]:
        gradients = self._loss_gradients()
        weights = {self._names[layer]: self._parameters[self._names[layer]] for layer in self._called}
        product = sum((gradients[n].detach() * gradients[n]).sum() for n in weights if gradients[n].requires_grad)
        if not isinstance(product, Tensor):
            return {layer: torch.zeros_like(layer.weight) for layer in self._called}
        found = torch.autograd.grad(
            product, list(weights.values()), retain_graph=self._keeps_graph(), allow_unused=True
        )
        second = {name: _or_zero(h, weights[name]) for name, h in zip(weights, found, strict=True)}
        # The first gradients hang on the same graph; what is kept of them must not keep it alive.
        self._results["loss"] = {name: gradient.detach() for name, gradient in gradients.items()}
        return {layer: second[self._names[layer]] for layer in self._called}

    def _image_passes(self) -> dict[Layer, Tensor]:
        losses = F.cross_entropy(self._logits(), self._labels, reduction="none")
        weights = {self._names[layer]: self._parameters[self._names[layer]] for layer in self._called}
        squares = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        for n, loss in enumerate(losses):
            keep = self._keeps_graph() or n + 1 < len(losses)
            found = torch.autograd.grad(loss, list(weights.values()), retain_graph=keep, allow_unused=True)
            for name, gradient in zip(weights, found, strict=True):
                squares[name] += _or_zero(gradient, weights[name]).square()
        return {layer: squares[self._names[layer]] for layer in self._called}

    def _jacobian_pass(self) -> Tensor:
        logits = self._logits()
        (jacobian,) = torch.autograd.grad(
            logits.sum(), [self._images], retain_graph=self._keeps_graph(), allow_unused=True
        )
        return _or_zero(jacobian, self._images).flatten(1)


class _Nothing:
    """A context that does nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _or_zero(gradient: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if gradient is None else gradient


def _over_positions(value: Tensor, gradient: Tensor) -> Tensor:
    """sum over positions of value * gradient, (N, C, ...) to (N, C)."""
    product = value * gradient
    return product.flatten(2).sum(dim=2) if product.ndim > 2 else product
