"""Activation codes: which units are on, and for how many each pair of images agrees. Accumulated, never stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

_aten = torch.ops.aten
_BLOCK = 8_192  # units whose codes are floats at a time, on a processor
# Activations with a code: whether the input is positive. Where it is exactly where the output is, the output is
# looked at, which costs nothing before the call.
_BY_OUTPUT = {
    *(F.relu, F.relu_, F.relu6, F.leaky_relu, F.leaky_relu_, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_),
    *(F.elu, F.elu_, F.selu, F.selu_, F.celu, F.celu_, torch.selu, torch.selu_, torch.celu, torch.celu_),
    *(_aten.relu, _aten.relu.default, _aten.relu_, _aten.relu_.default),
}
_BY_INPUT = {
    F.gelu,
    F.silu,
    F.mish,
    F.hardswish,
    F.prelu,
    torch.prelu,
    F.rrelu,
    F.rrelu_,
    torch.rrelu,
    torch.rrelu_,
}
_WITHOUT = {
    *(torch.sigmoid, Tensor.sigmoid, F.sigmoid, F.logsigmoid, F.hardsigmoid, torch.tanh, Tensor.tanh, F.tanh),
    *(F.softplus, F.softsign, F.tanhshrink, F.hardshrink, F.softshrink, F.glu, torch.sin, torch.cos),
}
# ReLU by another name, if an argument is zero: the lowest value, the threshold, or the other of two tensors.
_BY_ARGUMENT: dict[Any, tuple[str, float | None]] = {
    **dict.fromkeys((F.hardtanh, F.hardtanh_), ("min_val", -1.0)),
    **dict.fromkeys((torch.clamp, torch.clamp_, Tensor.clamp, Tensor.clamp_, torch.clip), ("min", None)),
    **dict.fromkeys((torch.clamp_min, torch.clamp_min_, Tensor.clamp_min, Tensor.clamp_min_), ("min", None)),
    **dict.fromkeys((F.threshold, torch.threshold), ("threshold", None)),
    **dict.fromkeys((torch.maximum, Tensor.maximum), ("other", None)),
}


class ActivationCodes(TorchFunctionMode):
    """While active, watches every call of an activation, of modules and of functions.

    A unit is on where its input is positive. ReLU, ReLU6, LeakyReLU, PReLU, RReLU, ELU, SELU, CELU, GELU, SiLU,
    Mish and Hardswish have codes, and so do `clamp` from zero, `threshold` at zero and `maximum` with zero.
    Sigmoid, tanh and other activations that bend elsewhere have none; the note says how many of their calls
    there were.

    With codes c in {0, 1} and P the matrix of products <c_i, c_j>, images i and j agree in
    A - P_ii - P_jj + 2 P_ij of A units: one matrix product a call. Sums are whole numbers and exact.

    Args:
        batch_size: Number of images, N. What does not have that many rows, or a
            multiple of them, image by image, belongs to no batch and is passed over.
    """

    def __init__(self, batch_size: int) -> None:
        super().__init__()
        self.length = 0
        self._without = self._passed_over = 0
        self.batch_size = batch_size
        self._products: Tensor | None = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function; if it is an activation with a code, count which units are on."""
        kwargs = kwargs or {}
        before = args[0].detach() > 0 if func in _BY_INPUT and args else None
        result = func(*args, **kwargs)
        if before is not None:
            self.add(before)
        elif has_code(func, args, kwargs):
            self.add(result.detach())
        self._without += func in _WITHOUT
        return result

    @property
    def note(self) -> str:
        """What has no codes, in words; empty if everything has."""
        found = []
        if self._without and self.length:
            found.append(f"{self._without} calls of activations without codes")
        if self._passed_over:
            found.append(f"{self._passed_over} calls of activations on other rows than the images'")
        return "; ".join(found)

    def kernel(self) -> Tensor:
        """Agreements for each pair of images, float64 (N, N)."""
        if self._products is None:
            return torch.zeros(self.batch_size, self.batch_size, dtype=torch.float64)
        return _agreements(self._products, self.length)

    def add(self, output: Tensor) -> None:
        """Count which units of a rectifier's output are on, shape (N, ...)."""
        if output.ndim == 0 or len(output) == 0 or len(output) % self.batch_size:
            self._passed_over += 1
            return
        # Positions that are folded into the batch, as windows are, belong to their images.
        with torch._C.DisableTorchFunction():  # it is no operation of the network's, so no other mode need see it
            rows = rows_of(output) if len(output) == self.batch_size else output.reshape(self.batch_size, -1)
            product = _products(rows > 0)
            self._products = product if self._products is None else self._products + product
        self.length += rows.shape[1]


def has_code(func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a call is that of an activation with a code."""
    of_zero = func in _BY_ARGUMENT and _is_zero(*_BY_ARGUMENT[func], args, kwargs)
    return func in _BY_OUTPUT or func in _BY_INPUT or of_zero


def agreements(codes: Tensor) -> Tensor:
    """For each pair of images the units in the same state, float64 (N, N), of codes, bool (N, units)."""
    return _agreements(_products(codes), codes.shape[1])


def _agreements(products: Tensor, length: int) -> Tensor:
    on = products.diagonal()
    return length - on[:, None] - on[None, :] + 2 * products


def _products(on: Tensor) -> Tensor:
    """on @ on.T, whole numbers, as float64."""
    if on.device.type == "cpu" and _has_integer_products():
        # Four to five times faster than with floats, and no copy.
        codes = on.view(torch.int8)
        return torch._int_mm(codes, codes.T).double()
    # Counts of up to 2^24 are exact in float32; a block of them stays in the cache.
    size = _BLOCK if on.device.type == "cpu" else 2**23
    found = torch.zeros(len(on), len(on), dtype=torch.float64, device=on.device)
    for start in range(0, on.shape[1], size):
        floats = on[:, start : start + size].float()
        found += floats @ floats.T
    return found


def _has_integer_products() -> bool:
    """Whether this processor multiplies bytes (VNNI); without, a product takes ten to twenty times that of
    floats."""
    has = getattr(torch.cpu, "_is_vnni_supported", None)
    return bool(has is not None and has() and torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]


def _is_zero(name: str, default: float | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether the second argument, of that name, is zero."""
    value = kwargs.get(name, args[1] if len(args) > 1 else default)
    if isinstance(value, Tensor):
        return not value.requires_grad and not bool(value.any())
    return value is not None and value == 0


def rows_of(tensor: Tensor) -> Tensor:
    """(N, ...) to (N, units) without a copy where the layout allows; the order of units is of no account."""
    if tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        tensor = tensor.permute(0, 2, 3, 1)
    return tensor.reshape(len(tensor), -1)
