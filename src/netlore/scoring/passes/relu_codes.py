"""Activation codes: which ReLUs are on, and for how many each pair of images agrees. Accumulated, never stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

# Every way to call a rectifier whose output is positive exactly where its input is. nn.ReLU calls F.relu; nn.ReLU6
# calls F.hardtanh, which is another one if its lowest value is 0.
_RECTIFIERS = {
    F.relu,
    F.relu_,
    F.relu6,
    F.leaky_relu,
    torch.relu,
    torch.relu_,
    Tensor.relu,
    Tensor.relu_,
}


class ActivationCodes(TorchFunctionMode):
    """While active, watches every ReLU call, of modules and of functions.

    With codes c in {0, 1} and P the matrix of products <c_i, c_j>, images i and j agree in
    A - P_ii - P_jj + 2 P_ij of A units: one matrix product a call. Sums are whole numbers and exact.

    Args:
        batch_size: Number of images, N. What does not have that many rows belongs to no batch and is passed over.
    """

    def __init__(self, batch_size: int) -> None:
        super().__init__()
        self.length = 0
        self._batch_size = batch_size
        self._products: Tensor | None = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function; if it is a rectifier, count its output's signs."""
        result = func(*args, **(kwargs or {}))
        if func in _RECTIFIERS or (func is F.hardtanh and _lowest(*args[1:], **(kwargs or {})) == 0.0):
            self.add(result.detach())
        return result

    def kernel(self) -> Tensor:
        """Agreements for each pair of images, float64 (N, N)."""
        if self._products is None:
            return torch.zeros(self._batch_size, self._batch_size, dtype=torch.float64)
        on = self._products.diagonal()
        return self.length - on[:, None] - on[None, :] + 2 * self._products

    def add(self, output: Tensor) -> None:
        """Count which units of a rectifier's output are on, shape (N, ...)."""
        if output.ndim == 0 or len(output) != self._batch_size:
            return
        rows = _rows(output)
        product = _products(rows > 0)
        self._products = product if self._products is None else self._products + product
        self.length += rows.shape[1]


def _products(on: Tensor) -> Tensor:
    """on @ on.T, whole numbers, as float64."""
    if on.device.type == "cpu" and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        # Four to five times faster than with floats, and no copy.
        codes = on.view(torch.int8)
        return torch._int_mm(codes, codes.T).double()
    # Counts of up to 2^24 are exact in float32.
    floats = on.to(torch.float32 if on.shape[1] < 2**24 else torch.float64)
    return (floats @ floats.T).double()


def _lowest(min_val: float = -1.0, *_: object, **__: object) -> float:
    """The argument `min_val` of `F.hardtanh`."""
    return min_val


def _rows(tensor: Tensor) -> Tensor:
    """(N, ...) to (N, units) without a copy where the layout allows; the order of units is of no account."""
    if tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        tensor = tensor.permute(0, 2, 3, 1)
    return tensor.reshape(len(tensor), -1)
