"""One forward pass of a network, on tensors of its own, and the backward pass of the loss through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.errors import Degenerate
from netlore.scoring.inputs import Inputs, batch_size, mapped, returned_by, tensors_of
from netlore.scoring.objective import Objective
from netlore.scoring.passes.derivatives import (
    constant,
    dual_level,
    gradients_of,
    make_dual,
    unpack_dual,
    without_rounding,
)
from netlore.scoring.passes.isolation import copied, restored_after, tensors_in_mode
from netlore.scoring.passes.layers import Layers
from netlore.scoring.passes.linear_maps import as_input, wanted
from netlore.scoring.passes.operations import Operations
from netlore.scoring.passes.recomputation import Recomputation
from netlore.scoring.passes.relu_codes import ActivationCodes
from netlore.scoring.passes.saliency import Saliency

Named = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Examined:
    """What is examined and how.

    Attributes:
        network: Any module.
        layers: Its weights that are looked at.
        inputs: As the network takes them, N rows.
        targets: As the objective wants them, N rows.
        objective: The loss, and the output that it looks at.
        dtype: Precision of real numbers.
        steps: What passes do; see `evidence`.
        classes: The lowest and the highest target, if they are classes.
        new_codes: Where activation codes go, made for a number of images.
    """

    network: nn.Module
    layers: Layers
    inputs: Inputs
    targets: Tensor
    objective: Objective
    dtype: torch.dtype
    steps: set[str]
    classes: tuple[int, int]
    new_codes: Callable[[int], ActivationCodes] = ActivationCodes

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return next(self.network.parameters()).device


class ForwardPass:
    """A forward pass in training mode, on copies of parameters, buffers and inputs.

    Tensors are marked by what backward passes start from. With `along`, all of it happens inside a dual level, and
    the weights named there have those tangents.

    Args:
        examined: What is examined.
        layout: Of images and kernels in memory.
        jacobian: Whether inputs are marked, if the steps want that.
        forgetful: Whether blocks of a large network may run again in backward passes.

    Attributes:
        layout: Of images and kernels in memory.
        parameters: By name.
        inputs: The batch.
        codes: The activation codes.
        saliency: Finds channel saliency.
        output: The output that counts.
        others: The outputs of auxiliary heads, with the weights of their losses.
        is_finite: Whether the output is, a scalar.
        classifier: The linear layer whose output the logits are, if any; looked for where `limit` is a step.
    """

    def __init__(
        self, examined: Examined, layout: torch.memory_format, jacobian: bool = True, forgetful: bool = False
    ) -> None:
        self._examined, self.layout = examined, layout
        self._forgetful = forgetful
        self._recomputation: Recomputation | None = None
        network, dtype, steps = examined.network, examined.dtype, examined.steps
        own = tensors_in_mode(network, training=True)
        copies = {name: copied(one, dtype, layout) for name, one in own.items()}
        self.parameters = {name: copies.pop(name) for name, _ in network.named_parameters()}
        self._buffers = copies
        self.inputs = mapped(examined.inputs, lambda one: copied(one.to(examined.device), dtype, layout))
        if "parameters" in steps:
            for name, parameter in network.named_parameters():
                self.parameters[name].requires_grad_(parameter.requires_grad)
        if {"weights", "jacobian"} & steps:
            # Also where only inputs are asked for: some operations compute otherwise for constant weights.
            for name in examined.layers.names.values():
                self.parameters[name].requires_grad_(True)
        if jacobian and "jacobian" in steps:
            for one in self.real_inputs:
                one.requires_grad_(True)
        self._images = batch_size(examined.inputs)
        self._targets = examined.targets.to(examined.device)
        self.codes, self.saliency = examined.new_codes(self._images), Saliency(self._images)
        self.output = torch.empty(0)
        self.others: list[tuple[float, Tensor]] = []
        self.classifier: nn.Linear | None = None

    @property
    def real_inputs(self) -> list[Tensor]:
        """The inputs that can be differentiated by."""
        return [one for one in tensors_of(self.inputs) if one.is_floating_point()]

    @property
    def outputs(self) -> list[Tensor]:
        """All outputs that the loss looks at."""
        return [self.output, *(other for _, other in self.others)]

    @property
    def forgot(self) -> bool:
        """Whether a block forgot what it computed, and runs again in backward passes."""
        return self._recomputation is not None and self._recomputation.used

    @property
    def state(self) -> dict[str, Tensor]:
        """All parameters and buffers, by name."""
        return {**self.parameters, **self._buffers}

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights that are looked at, each once."""
        return {name: self.parameters[name] for name in self._examined.layers.names.values()}

    @contextmanager
    def installed(self, own: Named | None = None) -> Iterator[None]:
        """Inside, the network computes with these tensors; backward passes, too, may call parts of it again."""
        parameters, steps = own or self.parameters, self._examined.steps
        layers = self._examined.layers.names.items()
        # Slices are known by what they are slices of: the parameter itself, also where it has a tangent.
        known = ((one[name], layer) for one in (parameters, self.parameters) for layer, name in layers)
        self.saliency.weights = {id(weight): layer for weight, layer in known}
        operations = Operations(self.saliency if "saliency" in steps else None)
        with (
            torch.set_grad_enabled("graph" in steps),
            restored_after(self._examined.network, True, {**self.state, **parameters}),
            sdpa_kernel(SDPBackend.MATH),  # the only kernel of attention with second derivatives
            operations,
        ):
            if self._forgetful:
                self._recomputation = Recomputation(operations, self.saliency, self._examined.device)
                self._recomputation.install(self._examined.network)
            yield

    @contextmanager
    def with_tangents(self, along: Named) -> Iterator[None]:
        """The same, with tangents of weights; they are gone afterwards."""
        with dual_level(), torch.enable_grad():
            dual = {name: make_dual(self.parameters[name], one) for name, one in along.items()}
            with self.installed({**self.parameters, **dual}):
                yield
            self.output = unpack_dual(self.output).primal
            self.others = [(weight, unpack_dual(other).primal) for weight, other in self.others]

    def run(self) -> ForwardPass:
        """Call the installed network and check what it returns."""
        examined, of_linear = self._examined, list[tuple[nn.Linear, Tensor]]()
        linear = [
            one for one in examined.network.modules() if isinstance(one, nn.Linear) and "limit" in examined.steps
        ]
        hooks = [one.register_forward_hook(lambda layer, _, y: of_linear.append((layer, y))) for one in linear]
        try:
            with self.codes if "codes" in examined.steps else nullcontext(), self.saliency.listening():
                returned = self._returned()
        finally:
            for hook in hooks:
                hook.remove()
        self.output, self.others = examined.objective.read(returned, self._images)
        examined.objective.check(self.output, self._targets, examined.classes)
        with constant():
            self.is_finite = self.output.detach().isfinite().all()
        # None if the logits are not what a linear layer returned, but made of it or of something else.
        self.classifier = next((layer for layer, output in reversed(of_linear) if output is self.output), None)
        return self

    def loss(self) -> Tensor:
        """L, by a call of the network for nothing else."""
        output, others = self._examined.objective.read(self._returned(), self._images)
        return self._examined.objective.mean(output, others, self._targets)

    def losses(self) -> list[Tensor]:
        """L of each image."""
        return self._examined.objective.of_each(self.output, self.others, self._targets)

    def gradients_of_loss(self, keep: bool) -> dict[str, Tensor]:
        """dL/dp of all marked parameters; `keep` the graph for a later pass."""
        trained = {name: parameter for name, parameter in self.parameters.items() if parameter.requires_grad}
        targets = [*trained.values()]
        if "weights" not in self._examined.steps:
            # So that the pass runs through every layer, whatever is trainable.
            targets += [one for one in self.real_inputs if one.requires_grad]
        of_inputs = any(one.requires_grad for one in self.real_inputs) and "weights" not in self._examined.steps
        with self.saliency.of_loss(), wanted("both" if of_inputs else "weights"):
            found = gradients_of(self.outputs, targets, keep, self._gradients_of_outputs())
        return dict(zip(trained, found, strict=False))

    def jacobian(self, keep: bool) -> Tensor:
        """Gradients of the sum of all outputs by the inputs, a row for each image; `keep` the graph."""
        images = self.real_inputs
        if not images:
            raise Degenerate("the inputs are whole numbers, by which nothing can be differentiated")
        with wanted("inputs"):
            found = gradients_of([self.output.sum()], images, keep)
        rows = torch.cat([one.flatten(1) if one.ndim > 1 else one[:, None] for one in found], dim=1)
        return without_rounding(rows, images, self.output.detach())

    def check(self) -> None:
        """Refuse what backward passes found by blocks that returned something else when they ran again."""
        if self._recomputation is not None:
            self._recomputation.check()

    def _gradients_of_outputs(self) -> list[Tensor]:
        """dL / d output, with their tangents where outputs have some.

        The loss is differentiated apart, twice by reverse mode, so that it may consist of any operations, and that
        tangents change no gradient by a bit.
        """
        both = [unpack_dual(one) for one in self.outputs]
        with constant(), torch.enable_grad():
            outputs = [one.primal.detach().requires_grad_(True) for one in both]
            others = [(weight, other) for (weight, _), other in zip(self.others, outputs[1:], strict=True)]
            loss = self._examined.objective.mean(outputs[0], others, self._targets)
            moving = [i for i, one in enumerate(both) if one.tangent is not None]
            gradients = gradients_of([loss], outputs, keep=False, twice=bool(moving))
            if not moving:
                return gradients
            along = torch.stack([(gradients[i] * both[i].tangent).sum() for i in moving]).sum()
            tangents = gradients_of([along], outputs, keep=False)
        pairs = zip(gradients, tangents, strict=True)
        return [make_dual(gradient.detach(), tangent) for gradient, tangent in pairs]

    def _returned(self) -> Any:
        # Copies, since a network may overwrite its inputs.
        return returned_by(self._examined.network, mapped(self.inputs, as_input))
