"""Synaptic flow of any network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.scoring.inputs import Inputs, mapped, returned_by
from netlore.scoring.objective import Objective
from netlore.scoring.passes.interception import Interception
from netlore.scoring.passes.isolation import copied, restored_after, tensors_in_mode
from netlore.scoring.passes.layers import layers_of

_NORMS = {F.batch_norm, F.layer_norm, F.group_norm, F.instance_norm, F.rms_norm, F.local_response_norm}
_GATES = {
    *(torch.sigmoid, Tensor.sigmoid, F.sigmoid, F.hardsigmoid, torch.tanh, Tensor.tanh, F.tanh),
    *(torch.softmax, Tensor.softmax, F.softmax, F.scaled_dot_product_attention),
}


class WithoutNorms(Interception):
    """While active, normalisations return their input; gates are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = 0

    def call(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function, if it is no normalisation."""
        if func in _NORMS:
            return args[0] if args else kwargs["input"]
        self.gates += func in _GATES
        return func(*args, **kwargs)


def log_synaptic_flow(network: nn.Module, inputs: Inputs, objective: Objective) -> tuple[Tensor, str]:
    """ln sum |W dR/dW| over all weights that count, a float64 scalar, or minus infinity; and what to know of it.

    R is the sum of the outputs for one image of ones, in evaluation mode, with parameters and buffers replaced by
    their absolute values, in float64. Normalisations are skipped, whoever calls them: batch, layer, group,
    instance and local response norm. Gates, such as those of squeeze-and-excitation, and attention stay as they
    are; with them R is no sum over paths, which the note says.

    Args:
        network: Any module; it is left as it was.
        inputs: As the network takes them; whole numbers, as of tokens, stay as they are in the first row.
        objective: Which output counts.

    Raises:
        InvalidInput: The network does not return what the objective looks at.
        Degenerate: A weight is computed from others, or hardly any is looked at.
    """
    layers = layers_of(network)
    layers.check()
    state = {name: _positive(tensor) for name, tensor in tensors_in_mode(network, training=False).items()}
    weights = {name: state[name].requires_grad_(True) for name in layers.names.values()}
    device = next(network.parameters()).device
    ones = mapped(inputs, lambda one: _ones(one[:1].to(device)))
    without = WithoutNorms()
    # Fused attention's exponentials are rounded to less than float64.
    plain = sdpa_kernel(SDPBackend.MATH)
    with restored_after(network, False, state), torch.enable_grad(), plain, without:
        returned = returned_by(network, ones)
        gates = without.gates
        total = objective.read(returned, images=1)[0].sum()
        flows = _flows(total, list(weights.values()))
    with torch.no_grad():
        flow = torch.stack(flows).sum() if flows else torch.zeros((), dtype=torch.float64)
    gated = f"no sum over paths, since {gates} gates or softmaxes take part" if gates else ""
    return flow.log(), "; ".join(filter(None, (layers.note, gated)))


def _flows(total: Tensor, weights: list[Tensor]) -> list[Tensor]:
    """sum |W dR/dW| for each weight, none of whose gradients is kept."""
    flows: list[Tensor] = []

    def add(weight: Tensor) -> None:
        assert weight.grad is not None
        flows.append((weight.detach() * weight.grad).abs().sum())
        weight.grad = None

    for weight in weights:
        weight.register_post_accumulate_grad_hook(add)  # type: ignore[no-untyped-call]
    if total.requires_grad:
        torch.autograd.backward(total)
    return flows


def _positive(tensor: Tensor) -> Tensor:
    copy = copied(tensor, torch.float64, torch.contiguous_format)
    if copy.is_complex():
        return copy.abs().to(torch.complex128)
    return copy.abs_() if copy.is_floating_point() else copy


def _ones(one: Tensor) -> Tensor:
    return torch.ones_like(one, dtype=torch.float64) if one.is_floating_point() else one
