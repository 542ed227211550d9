"""The predictors of any module, by their definitions: plain reverse mode, twice where needed, in float64.

Nothing of the package is used. Every pass works on a network of its own in float64 and in training mode, whose
random numbers start from seed 0. Attention is computed from matrix products, and the weights that count are found
by the types of modules: those of convolutions, linear layers, attention's projections and recurrent layers, each
once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from tests.oracles.operations import (
    ACTIVATIONS,
    LINEAR_MAPS,
    NORMS,
    POSITIVE_PARTS,
    Calls,
    attention,
    called,
    counted,
    gradients_of,
    is_positive_part,
    leaves,
    mapped,
    sum_of,
)

Outputs = list[tuple[float, Tensor]]
"""The output that counts, and those of auxiliary heads, each with the weight of its loss."""


class Definitions:
    """The predictors of one network and batch; an attribute for each, a float.

    Args:
        make: Makes the network, the same at each call.
        inputs: A tensor, or several in a tuple or dictionary.
        targets: What the loss wants.
        loss: L of an output and targets, a mean over images.
        read: The outputs that count, of what the network returns.
    """

    def __init__(
        self,
        make: Callable[[], nn.Module],
        inputs: Any,
        targets: Tensor,
        loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
        read: Callable[[Any], Outputs] = lambda returned: [(1.0, returned)],
    ) -> None:
        self._make, self._targets, self._loss, self._read = make, targets, loss, read
        self._inputs = mapped(inputs, lambda one: one.double() if one.is_floating_point() else one)
        self._images = len(targets)

    @contextmanager
    def _twin(self, training: bool = True) -> Iterator[tuple[nn.Module, list[Tensor]]]:
        with torch.random.fork_rng(devices=[]), sdpa_kernel(SDPBackend.MATH), torch.enable_grad():
            twin = self._make().train(training).double()
            weights = counted(twin)
            for weight in weights:
                weight.requires_grad_(True)
            for module in twin.modules():
                if isinstance(module, nn.MultiheadAttention):
                    module.forward = partial(attention, module)  # type: ignore[method-assign]
            torch.manual_seed(0)
            yield twin, list(weights)

    def _outputs(self, twin: nn.Module, inputs: Any = None) -> Outputs:
        return self._read(called(twin, mapped(self._inputs if inputs is None else inputs, Tensor.clone)))

    def _mean(self, outputs: Outputs, one: slice = slice(None)) -> Tensor:
        losses = [weight * self._loss(output[one], self._targets[one]) for weight, output in outputs]
        return torch.stack(losses).sum()

    @cached_property
    def _derivatives(self) -> list[tuple[Tensor, Tensor, Tensor]]:
        """W, g and H g of every weight."""

        def see(call: Callable[[], Any], func: Any, args: Any, kwargs: Any) -> Any:
            # torch's own has no second derivative.
            return (args[0] + 3).clamp(0, 6) / 6 if func is F.hardsigmoid else call()

        with self._twin() as (twin, weights), Calls(see):
            gradients = gradients_of(self._mean(self._outputs(twin)), weights, twice=True)
            inner = torch.stack([(g * g.detach()).sum() for g in gradients]).sum()
            products = gradients_of(inner, weights)
        triples = zip(weights, gradients, products, strict=True)
        return [(w.detach(), g.detach(), h.detach()) for w, g, h in triples]

    @property
    def grad_norm(self) -> float:
        return math.fsum(float(g.norm()) for _, g, _ in self._derivatives)

    @property
    def snip(self) -> float:
        return sum_of([(w * g).abs() for w, g, _ in self._derivatives])

    @property
    def grasp(self) -> float:
        return -sum_of([w * h for w, _, h in self._derivatives])

    @property
    def grasp_l1(self) -> float:
        return sum_of([(w * h).abs() for w, _, h in self._derivatives])

    @property
    def grad_norm_l2(self) -> float:
        with self._twin() as (twin, _):
            own = [name for name, one in self._make().named_parameters() if one.requires_grad]
            parameters = dict(twin.named_parameters())
            gradients = gradients_of(self._mean(self._outputs(twin)), [parameters[name] for name in own])
        return math.sqrt(sum_of([g.abs().square() for g in gradients]))

    @property
    def grasp_limit(self) -> float:
        return -sum_of(self._parts_of_limit)

    @property
    def grasp_limit_size(self) -> float:
        return sum_of([part.abs() for part in self._parts_of_limit])

    @cached_property
    def _parts_of_limit(self) -> list[Tensor]:
        """g * d<z, ds>/dW, ds = p (z - b - <p, z - b>) / N held constant."""
        biases: list[Tensor] = []

        def remember(_: Any, __: Any, output: Tensor, layer: nn.Linear) -> None:
            bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias
            biases.append(bias.detach().double())

        with self._twin() as (twin, weights):
            for module in twin.modules():
                if isinstance(module, nn.Linear):
                    module.register_forward_hook(partial(remember, layer=module))
            (_, z), *_ = self._outputs(twin)
            p, moved = z.detach().softmax(1), z.detach() - biases[-1]
            ds = p * (moved - (p * moved).sum(1, keepdim=True)) / self._images
            along = gradients_of((z * ds).sum(), weights)
        return [g * part for (_, g, _), part in zip(self._derivatives, along, strict=True)]

    @property
    def fisher_parameter(self) -> float:
        with self._twin() as (twin, weights):
            outputs = self._outputs(twin)
            total = 0.0
            for n in range(self._images):
                of_image = gradients_of(self._mean(outputs, slice(n, n + 1)), weights)
                total += sum_of([(w * g).square() for w, g in zip(weights, of_image, strict=True)])
        return total

    @property
    def fisher(self) -> float:
        calls: list[tuple[int, int, Tensor, Tensor]] = []

        with self._twin() as (twin, weights):
            known = {id(weight) for weight in weights}

            def see(call: Callable[[], Any], func: Any, args: Any, kwargs: Any) -> Any:
                output = call()
                if func not in LINEAR_MAPS:
                    return output
                weight = kwargs["weight"] if "weight" in kwargs else args[1]
                if id(weight) not in known and id(weight._base) not in known:
                    return output
                zero = torch.zeros_like(output, requires_grad=True)
                axis = output.ndim - 1 if func is F.linear else output.ndim + 1 - weight.ndim
                calls.append((axis, weight.numel() // output.shape[axis], output, zero))
                # The derivative with respect to an added zero is the one with respect to the output.
                return output + zero

            with Calls(see):
                loss = self._mean(self._outputs(twin))
            gradients = gradients_of(loss, [call[-1] for call in calls])
        total = 0.0
        for (axis, fan_in, activation, _), gradient in zip(calls, gradients, strict=True):
            product = (activation * gradient).detach().movedim(axis, -1)
            # Rows that positions were folded into are image by image.
            rows = self._images if len(product) % self._images == 0 else len(product)
            of_rows = product.reshape(rows, -1, product.shape[-1]).sum(dim=1)
            total += fan_in * 0.5 * float(of_rows.square().sum()) / rows
        return total

    @property
    def jacov(self) -> float:
        with self._twin() as (twin, _):
            inputs = mapped(self._inputs, lambda one: one.clone().requires_grad_(one.is_floating_point()))
            images = [one for one in leaves(inputs) if one.requires_grad]
            # A copy of them is what the network may overwrite.
            found = gradients_of(self._outputs(twin, inputs)[0][1].sum(), images)
        rows = torch.cat([one.reshape(self._images, -1) for one in found], dim=1).numpy()
        eigenvalues = np.linalg.eigvalsh(np.corrcoef(rows))
        return -math.fsum(math.log(v + 1e-5) + 1.0 / (v + 1e-5) for v in eigenvalues.tolist())

    @cached_property
    def codes(self) -> Tensor:
        """Whether the input of each activation is positive, one row an image."""
        columns = [torch.zeros(self._images, 0, dtype=torch.bool)]

        def see(call: Callable[[], Any], func: Any, args: Any, kwargs: Any) -> Any:
            if func in ACTIVATIONS or (func in POSITIVE_PARTS and is_positive_part(func, args, kwargs)):
                on = args[0].detach() > 0
                if on.ndim and len(on) % self._images == 0:
                    columns.append(on.reshape(self._images, -1).clone())
            return call()

        with self._twin() as (twin, _), Calls(see):
            self._outputs(twin)
        return torch.cat(columns, dim=1)

    @property
    def logdet(self) -> float:
        on = self.codes.double()
        agreements = on @ on.T + (1 - on) @ (1 - on).T
        return float(np.linalg.slogdet(agreements.numpy())[1])

    @cached_property
    def log_synflow(self) -> float:
        """ln sum |W dR/dW| of the network of absolute values, whose normalisations return their input."""

        def see(call: Callable[[], Any], func: Any, args: Any, kwargs: Any) -> Any:
            return (args[0] if args else kwargs["input"]) if func in NORMS else call()

        with self._twin(training=False) as (twin, weights):
            with torch.no_grad():
                for tensor in [*twin.parameters(), *twin.buffers()]:
                    if tensor.is_floating_point() or tensor.is_complex():
                        tensor.copy_(tensor.abs())
            ones = mapped(
                self._inputs, lambda one: torch.ones_like(one[:1]) if one.is_floating_point() else one[:1]
            )
            with Calls(see):
                total = self._outputs(twin, ones)[0][1].sum()
            flow = sum_of([(w * g).abs() for w, g in zip(weights, gradients_of(total, weights), strict=True)])
        return math.log(flow) if flow else -math.inf

    @property
    def synflow(self) -> float:
        return math.exp(self.log_synflow)
