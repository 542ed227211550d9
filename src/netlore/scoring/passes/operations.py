"""torch's operations as a network calls them, replaced where its own derivatives are slow or missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from weakref import ReferenceType, ref

import torch
import torch.nn.functional as F
from torch import Tensor

from netlore.scoring.inputs import tensors_of
from netlore.scoring.kernels.convolution import Geometry
from netlore.scoring.passes.attention import attention, softmax, softmax_of_tensor
from netlore.scoring.passes.derivatives import constant
from netlore.scoring.passes.functions import HARDSIGMOID, HARDSWISH, MISH, SILU, BatchNorm, Clamp, plain
from netlore.scoring.passes.interception import Interception
from netlore.scoring.passes.linear_maps import Convolution, Map, Product
from netlore.scoring.passes.norms import group_norm, instance_norm, layer_norm, of_channels, scaled_and_moved, stay


class Listener(Protocol):
    """Is asked before every call, and after every linear map.

    It takes the weight of a linear map, its output, the output's axis of channels, and whether positions come
    before images; what it returns is what the network sees.
    """

    def before(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None: ...
    def __call__(self, weight: Tensor, output: Tensor, channel_axis: int, positions_first: bool) -> Tensor: ...


def _convolution(positions: int, transposed: bool = False) -> Callable[..., Any]:
    """torch's function for a convolution of that many axes of positions."""

    def numbers(given: Any) -> tuple[int, ...]:
        found = (given,) if isinstance(given, int) else tuple(int(number) for number in given)
        return found * positions if len(found) == 1 else found

    def convolution(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: Any,
        padding: Any,
        extra: Any,
        groups: int,
        dilation: Any,
    ) -> Any:
        if x.ndim != positions + 2:
            return NotImplemented
        if isinstance(padding, str):
            spare = [d * (size - 1) for d, size in zip(numbers(dilation), weight.shape[2:], strict=True)]
            if padding == "same" and any(number % 2 for number in spare):
                return NotImplemented
            padding = [number // 2 for number in spare] if padding == "same" else 0
        geometry = Geometry(
            numbers(stride), numbers(padding), numbers(dilation), groups, transposed, numbers(extra)
        )
        return Map.apply(x, weight, bias, Convolution(geometry))

    if transposed:

        def adjoint(
            input: Tensor,  # noqa: A002 - torch's names
            weight: Tensor,
            bias: Tensor | None = None,
            stride: Any = 1,
            padding: Any = 0,
            output_padding: Any = 0,
            groups: int = 1,
            dilation: Any = 1,
        ) -> Any:
            return convolution(input, weight, bias, stride, padding, output_padding, groups, dilation)

        return adjoint

    def plain(
        input: Tensor,  # noqa: A002 - torch's names
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        return convolution(input, weight, bias, stride, padding, 0, groups, dilation)

    return plain


def _linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:  # noqa: A002 - torch's names
    if weight.ndim != 2:
        return NotImplemented
    return Map.apply(input, weight, bias, Product())


def _batch_norm(
    input: Tensor,  # noqa: A002 - torch's names
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    if not training or input.numel() == input.shape[1]:
        return NotImplemented
    if stay(weight, bias):
        return BatchNorm.apply(input, weight, bias, eps)[0]
    return scaled_and_moved(BatchNorm.apply(input, None, None, eps)[0], weight, bias, of_channels(input))


def _relu(input: Tensor, inplace: bool = False) -> Any:  # noqa: A002 - torch's names
    return Clamp.apply(input, None, inplace) if input.requires_grad else NotImplemented


def _relu_(input: Tensor) -> Any:  # noqa: A002 - torch's names
    return _relu(input, inplace=True)


def _hardtanh(
    input: Tensor,  # noqa: A002 - torch's names
    min_val: float = -1.0,
    max_val: float = 1.0,
    inplace: bool = False,
) -> Any:
    return Clamp.apply(input, (min_val, max_val), inplace) if input.requires_grad else NotImplemented


def _relu6(input: Tensor, inplace: bool = False) -> Any:  # noqa: A002 - torch's names
    return _hardtanh(input, 0.0, 6.0, inplace)


def _embedding(
    input: Tensor,  # noqa: A002 - torch's names
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """The padding's row is a constant in reverse mode; forward mode by itself does not know that."""
    if padding_idx is None or max_norm is not None or scale_grad_by_freq or sparse:
        return NotImplemented
    found = F.embedding(input, weight)
    with constant():
        still = found.detach()
    return torch.where((input == padding_idx % len(weight))[..., None], still, found)


def _mark(tensor: Tensor, requires_grad: bool = True) -> Any:
    """What networks may do to the batch while nothing is asked of it, torch refuses to the result of something."""
    return NotImplemented if tensor.is_leaf else tensor


_LINEAR_MAPS: dict[Any, Callable[..., Any]] = {
    F.conv1d: _convolution(1),
    F.conv2d: _convolution(2),
    F.conv3d: _convolution(3),
    F.conv_transpose1d: _convolution(1, transposed=True),
    F.conv_transpose2d: _convolution(2, transposed=True),
    F.conv_transpose3d: _convolution(3, transposed=True),
    F.linear: _linear,
}
_OTHERS: dict[Any, Callable[..., Any]] = {
    F.batch_norm: _batch_norm,
    F.embedding: _embedding,
    F.layer_norm: layer_norm,
    F.group_norm: group_norm,
    F.instance_norm: instance_norm,
    **dict.fromkeys([F.relu, torch.relu, Tensor.relu], _relu),
    **dict.fromkeys([F.relu_, torch.relu_, Tensor.relu_], _relu_),
    F.silu: SILU,
    F.mish: MISH,
    F.hardsigmoid: HARDSIGMOID,
    F.hardswish: HARDSWISH,
    F.hardtanh: _hardtanh,
    F.relu6: _relu6,
    Tensor.requires_grad_: _mark,
    vars(torch._C.TensorBase)["requires_grad"].__set__: _mark,
    F.scaled_dot_product_attention: attention,
    F.softmax: softmax,
    **dict.fromkeys([torch.softmax, Tensor.softmax], softmax_of_tensor),
}
_CONSTANT = {Tensor.detach, Tensor.detach_, vars(torch._C.TensorBase)["data"].__get__, torch.detach}


class Operations(Interception):
    """While active, a network's calls of those operations go to the functions above.

    Args:
        listener: Called before every operation and after every linear map.

    Attributes:
        bytes_of_outputs: Of all linear maps so far.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        super().__init__()
        self._listener = listener
        self.bytes_of_outputs = 0
        self._made: list[ReferenceType[Tensor]] | None = None

    @contextmanager
    def watching(self) -> Iterator[list[ReferenceType[Tensor]]]:
        """Inside, the real tensors that operations make are added to a list, without being kept."""
        self._made = made = list[ReferenceType[Tensor]]()
        try:
            yield made
        finally:
            self._made = None

    def call(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function, or what stands for it."""
        if self._listener is not None:
            self._listener.before(func, args, kwargs)
        if func not in _CONSTANT and torch.is_grad_enabled():
            found = self._called(func, args, kwargs)
        else:
            # Reverse mode takes what is detached, or found without gradients, for constant; forward mode by itself
            # does not. The same functions compute it, so that a pass without gradients rounds as one with them.
            with constant():
                found = self._called(func, args, kwargs)
        if self._made is not None:
            new = (one for one in tensors_of(found) if not any(one is arg for arg in args))
            self._made += [ref(one) for one in new if one.is_floating_point() or one.is_complex()]
        return found

    def _called(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        if func in _LINEAR_MAPS:
            found = _LINEAR_MAPS[func](*args, **kwargs)
            found = func(*args, **kwargs) if found is NotImplemented else found
            self.bytes_of_outputs += found.nbytes
            weight = kwargs["weight"] if "weight" in kwargs else args[1]
            axis = found.ndim - 1 if func is F.linear else found.ndim + 1 - weight.ndim
            if self._listener is None or not torch.is_grad_enabled():
                return found
            return self._listener(weight, found, axis, self.in_attention)
        found = _OTHERS[func](*args, **kwargs) if func in _OTHERS else NotImplemented
        return plain(func(*args, **kwargs), args) if found is NotImplemented else found
