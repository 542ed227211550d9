"""What definitions of predictors see of a module: calls, the weights that count, attention step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

LINEAR_MAPS = {
    *(F.conv1d, F.conv2d, F.conv3d, F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d),
    F.linear,
}
NORMS = {F.batch_norm, F.layer_norm, F.group_norm, F.instance_norm, F.rms_norm, F.local_response_norm}
ACTIVATIONS = {
    *(F.relu, F.relu_, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_, torch.ops.aten.relu),
    *(F.relu6, F.leaky_relu, F.leaky_relu_, F.elu, F.elu_, F.selu, F.selu_, F.celu, F.celu_, F.prelu, torch.prelu),
    *(F.rrelu, F.rrelu_, F.gelu, F.silu, F.mish, F.hardswish),
}
POSITIVE_PARTS = {torch.clamp, Tensor.clamp, Tensor.clamp_, F.threshold, torch.maximum, F.hardtanh}


class Calls(TorchFunctionMode):
    """Hands every call of a function of torch to `see`."""

    def __init__(self, see: Callable[[Callable[[], Any], Any, tuple[Any, ...], Mapping[str, Any]], Any]) -> None:
        super().__init__()
        self._see = see

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        return self._see(lambda: func(*args, **kwargs), func, args, kwargs)


def counted(network: nn.Module) -> list[nn.Parameter]:
    """The weights that count, each once."""
    found: dict[int, nn.Parameter] = {}
    for module in network.modules():
        names: list[str] = []
        if isinstance(module, nn.modules.conv._ConvNd | nn.Linear):
            names = ["weight"]
        elif isinstance(module, nn.MultiheadAttention):
            names = ["in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"]
        elif isinstance(module, nn.RNNBase | nn.RNNCellBase):
            names = [name for name, _ in module.named_parameters(recurse=False) if "weight" in name]
        for name in names:
            if (weight := getattr(module, name)) is not None:
                found[id(weight)] = weight
    return list(found.values())


def attention(
    layer: nn.MultiheadAttention, query: Tensor, key: Tensor, value: Tensor, *_: Any, **options: Any
) -> tuple[Tensor, None]:
    """What `nn.MultiheadAttention` computes without masks, image by image: (N, L, E) everywhere."""
    if not layer.batch_first:
        query, key, value = (one.transpose(0, 1) for one in (query, key, value))
    q, k, v = F.linear(query, layer.in_proj_weight, layer.in_proj_bias).chunk(3, dim=2)
    heads = [one.unflatten(2, (layer.num_heads, -1)).transpose(1, 2) for one in (q, k, v)]
    weights = (heads[0] @ heads[1].transpose(2, 3) / math.sqrt(heads[0].shape[3])).softmax(dim=3)
    found = layer.out_proj((weights @ heads[2]).transpose(1, 2).flatten(2))
    return found if layer.batch_first else found.transpose(0, 1), None


def gradients_of(value: Tensor, tensors: Sequence[Tensor], twice: bool = False) -> list[Tensor]:
    if not value.requires_grad:
        return [torch.zeros_like(tensor) for tensor in tensors]
    found = torch.autograd.grad(value, tensors, retain_graph=True, create_graph=twice, allow_unused=True)
    return [torch.zeros_like(tensor) if g is None else g for tensor, g in zip(tensors, found, strict=True)]


def sum_of(parts: Sequence[Tensor]) -> float:
    return math.fsum(float(part.detach().sum()) for part in parts)


def mapped(inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(inputs, Mapping):
        return {name: mapped(each, change) for name, each in inputs.items()}
    if isinstance(inputs, tuple | list):
        return tuple(mapped(each, change) for each in inputs)
    return change(inputs)


def called(network: nn.Module, inputs: Any) -> Any:
    if isinstance(inputs, Tensor):
        return network(inputs)
    return network(**inputs) if isinstance(inputs, Mapping) else network(*inputs)


def leaves(inputs: Any) -> list[Tensor]:
    if isinstance(inputs, Tensor):
        return [inputs]
    parts = inputs.values() if isinstance(inputs, Mapping) else inputs
    return [leaf for part in parts for leaf in leaves(part)]


def is_positive_part(func: Any, args: Any, kwargs: Any) -> bool:
    named = {"threshold": "threshold", "hardtanh": "min_val", "maximum": "other"}.get(func.__name__, "min")
    bound = kwargs.get(named, args[1] if len(args) > 1 else None)
    return bound is not None and not bool(torch.as_tensor(bound).any())
