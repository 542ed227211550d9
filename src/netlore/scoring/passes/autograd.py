"""The forward pass over a batch and the backward passes through its graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.evidence import Evidence, Kind, WeightedLayer, module_steps
from netlore.scoring.inputs import Inputs, tensors_of
from netlore.scoring.objective import USUAL, Objective, class_range
from netlore.scoring.passes.along_weights import along_weights
from netlore.scoring.passes.derivatives import (
    caught,
    change_of_loss_gradient,
    found_or_raised,
    gradients_of,
    of_weights,
)
from netlore.scoring.passes.forward import Examined, ForwardPass, Named
from netlore.scoring.passes.hessian import change_along, first_line, raise_for_good
from netlore.scoring.passes.layers import Layers, layers_of
from netlore.scoring.passes.relu_codes import ActivationCodes

T = TypeVar("T")

_BACKWARD_PASSES = {"loss", "limit", "jacobian", "images"}
_LAYOUTS = (torch.channels_last, torch.contiguous_format)


class BatchPass:
    """One forward pass in training mode, and one backward pass for each kind of evidence that is read.

    Tangents along the weights go with the forward pass and the backward pass of the loss. The graph is kept while
    a pass that the needs imply is still to come, and freed with the last one. Arguments as in `Probe`; `new_codes`
    makes what activation codes go to, if they are not just added up; `along` is what the Hessian is multiplied
    with, if not the gradient.

    Networks compute in the channels-last layout, in which torch's kernels on the CPU are faster, and in the usual
    one if they cannot: some ask for that with `view`.

    Attributes:
        layers: The weights that are looked at.
    """

    def __init__(
        self,
        network: nn.Module,
        inputs: Inputs,
        targets: Tensor,
        needs: Evidence,
        dtype: torch.dtype = torch.float32,
        objective: Objective = USUAL,
        new_codes: Callable[[int], ActivationCodes] = ActivationCodes,
        along: Mapping[WeightedLayer, Tensor] | None = None,
    ) -> None:
        self.layers: Layers = layers_of(network)
        self._steps = module_steps(needs)
        how = (objective, dtype, self._steps, class_range(targets), new_codes)
        self._examined = Examined(network, self.layers, inputs, targets, *how)
        self._along = None if along is None else {self.layers.names[layer]: one for layer, one in along.items()}
        four = any(one.ndim == 4 for one in [*network.parameters(), *tensors_of(inputs)])
        self._layouts = _LAYOUTS if four else _LAYOUTS[1:]
        self._pending = _BACKWARD_PASSES & self._steps
        self._results: dict[str, Any] = {}
        self._no_tangents = ""

    def __getitem__(self, kind: Kind[Any]) -> Any:
        """Evidence of a kind, which the needs must name."""
        if kind not in (Evidence.INPUT_JACOBIAN, Evidence.PARAMETER_GRADIENT, Evidence.ACTIVATION_KERNEL):
            self.layers.check()
        if kind is Evidence.HESSIAN_GRADIENT:
            return self._by_layer(self._hessian_gradient())
        forward = self._forward()  # with tangents, it goes backward for the loss while others are still to come
        if kind is Evidence.ACTIVATION_KERNEL:
            return forward.codes.kernel()
        if kind is Evidence.INPUT_JACOBIAN:
            return self._once("jacobian", lambda: self._through(self._jacobian_pass))
        if kind is Evidence.CURVATURE:
            return self._curvature()
        if kind is Evidence.LIMIT_HESSIAN_WEIGHT:
            return self._once("limit", lambda: self._through(self._limit_pass))
        if kind is Evidence.IMAGE_GRADIENT_SQUARES:
            return self._once("images", lambda: self._through(self._image_passes))
        gradients = self._loss_gradients()
        if kind is Evidence.CHANNEL_SALIENCY:
            self._once("saliency", self._check_saliency)
            return forward.saliency.found
        if kind is Evidence.PARAMETER_GRADIENT:
            parameters = self._examined.network.named_parameters()
            return {name: gradients[name].detach() for name, one in parameters if one.requires_grad}
        return self._by_layer(gradients)

    def note(self, kind: Kind[Any]) -> str:
        """What is to be known of evidence that was read; empty: nothing."""
        if kind is Evidence.ACTIVATION_KERNEL:
            return self.codes.note
        if kind in (Evidence.INPUT_JACOBIAN, Evidence.PARAMETER_GRADIENT):
            return ""
        second = kind in (Evidence.CURVATURE, Evidence.HESSIAN_GRADIENT) and self._no_tangents
        return "; ".join(
            filter(None, (self.layers.note, f"by double backward, since {second.rstrip('.')}" if second else ""))
        )

    @property
    def is_finite(self) -> Tensor:
        """Whether the output of the network is."""
        found: Tensor = self._forward().is_finite
        return found

    @property
    def codes(self) -> ActivationCodes:
        """The activation codes."""
        return self._forward().codes

    def _once(self, name: str, compute: Callable[[], T]) -> T:
        """A pass's result, computed on the first call; an error is repeated, not the pass."""
        if name not in self._results:
            self._pending.discard(name)
            self._results[name] = caught(compute)
        found: T = found_or_raised(self._results[name])
        return found

    def _forward(self) -> ForwardPass:
        return self._once("forward", self._first_that_works)

    def _first_that_works(self) -> ForwardPass:
        """With tangents where they are needed, in the first layout that the network can compute in."""
        ways: list[Callable[[torch.memory_format], ForwardPass]] = [self._plain_forward]
        if "tangents" in self._steps:
            ways.insert(0, self._forward_with_tangents)
        tries = [(way, layout) for layout in self._layouts for way in ways]
        for way, layout in tries[:-1]:
            try:
                return way(layout)
            except Exception as error:
                raise_for_good(error)
                self._no_tangents = first_line(error)
        return self._plain_forward(tries[-1][1])

    def _plain_forward(self, layout: torch.memory_format) -> ForwardPass:
        forward = ForwardPass(self._examined, layout)
        with forward.installed():
            return forward.run()

    def _forward_with_tangents(self, layout: torch.memory_format) -> ForwardPass:
        keep = bool(self._pending - {"loss", "jacobian"})
        found = along_weights(self._examined, layout, "jacobian" in self._pending, keep)
        self._no_tangents = ""
        self._results |= {"loss": found.gradients, "curvature": found.curvature}
        self._pending.discard("loss")
        if found.jacobian is not None:
            self._results["jacobian"] = found.jacobian
            self._pending.discard("jacobian")
        return found.forward

    def _through(self, backward: Callable[[ForwardPass], T]) -> T:
        """What a backward pass finds; a graph that was made with tangents may not serve once they are gone."""
        forward = self._forward()
        if "curvature" in self._results:
            try:
                return backward(forward)
            except Exception as error:
                raise_for_good(error)
            forward = self._once("plain", lambda: self._plain_forward(forward.layout))
        return backward(forward)

    def _loss_gradients(self) -> dict[str, Tensor]:
        forward = self._forward()

        def compute() -> dict[str, Tensor]:
            with forward.installed():
                return forward.gradients_of_loss(bool(self._pending))

        return self._once("loss", compute)

    def _check_saliency(self) -> None:
        """Refuse saliency where a weight takes part, but not as that of a linear map whose output was seen."""
        saliency = self._forward().saliency
        for layer in saliency.strange:
            raise Degenerate(f"attention with {self.layers.names[layer]} has other rows than the images")
        for layer in saliency.overwritten:
            raise Degenerate(f"the output of {self.layers.names[layer]} is overwritten where it cannot be seen")
        names = [self.layers.names[layer] for layer in saliency.unseen()]
        if not names:
            return
        forward = ForwardPass(self._examined, torch.contiguous_format, jacobian=False)
        for name, parameter in forward.parameters.items():
            parameter.requires_grad_(name in names)
        with forward.installed():
            found = gradients_of([forward.loss()], [forward.parameters[name] for name in names], keep=False)
        hidden = [name for name, gradient in zip(names, found, strict=True) if bool(gradient.any())]
        if hidden:
            raise Degenerate(f"the activations behind {hidden[0]} are not seen, so they have no saliency")

    def _curvature(self) -> Tensor:
        """<g, H W>, which is W^T H g."""
        if "curvature" not in self._results:
            return of_weights(self._by_layer(self._hessian_gradient()))
        if not self.layers.names:
            raise Degenerate("the network has no convolution and no linear layer")
        found: Tensor = self._results["curvature"]
        return found

    def _hessian_gradient(self) -> dict[str, Tensor]:
        """H g: how the gradient changes along itself."""
        along = self._along
        if along is None:
            gradients = self._loss_gradients()
            along = {name: gradients[name].detach() for name in self.layers.names.values()}

        def compute() -> dict[str, Tensor]:
            found, self._no_tangents = change_along(self._examined, self._layouts, along)
            return found

        return self._once("hessian", compute)

    def _limit_pass(self, forward: ForwardPass) -> dict[WeightedLayer, Tensor]:
        """H W in the limit of no epsilon, per layer: the gradient of <z, constant ds>."""
        if not self._examined.objective.is_usual or forward.output.ndim != 2 or forward.others:
            raise Degenerate(
                "grasp has such a limit for the cross-entropy of one head's logits (images, classes) only"
            )
        if forward.classifier is None:
            raise Degenerate("the logits are not what a linear layer returns, so grasp has no such limit")
        z, bias = forward.output.detach(), forward.classifier.bias
        tangent = z if bias is None else z - bias.detach().to(z)
        with forward.installed():
            value = (forward.output * change_of_loss_gradient(z.softmax(dim=1), tangent)).sum()
            found = gradients_of([value], list(forward.weights.values()), bool(self._pending))
        return self._by_layer(dict(zip(forward.weights, found, strict=True)))

    def _image_passes(self, forward: ForwardPass) -> dict[WeightedLayer, Tensor]:
        weights = forward.weights
        squares = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        with forward.installed():
            losses = forward.losses()
            for n, loss in enumerate(losses):
                keep = bool(self._pending) or n + 1 < len(losses)
                for name, gradient in zip(
                    weights, gradients_of([loss], list(weights.values()), keep), strict=True
                ):
                    squares[name] += gradient.square()
        return self._by_layer(squares)

    def _jacobian_pass(self, forward: ForwardPass) -> Tensor:
        with forward.installed():
            return forward.jacobian(bool(self._pending))

    def _by_layer(self, found: Named) -> dict[WeightedLayer, Tensor]:
        return {layer: found[name].detach().contiguous() for layer, name in self.layers.names.items()}
