"""Activation codes: which ReLUs are on, and for how many each pair of images agrees. Accumulated, never stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

# Every way to call a rectifier whose output is positive exactly where its input is. nn.ReLU calls F.relu.
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

    With s in {-1, +1} for off and on, images i and j agree in (A + <s_i, s_j>) / 2 of A units: one matrix product a
    call. Sums are whole numbers and exact.
    """

    def __init__(self) -> None:
        super().__init__()
        self.length = 0
        self._products: Tensor | None = None

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call the function; if it is a rectifier, take down its output's signs."""
        result = func(*args, **(kwargs or {}))
        if func in _RECTIFIERS:
            self._add(result.detach())
        return result

    def kernel(self, batch_size: int) -> Tensor:
        """Agreements for each pair of images, float64 (N, N)."""
        if self._products is None:
            return torch.zeros(batch_size, batch_size, dtype=torch.float64)
        return (self.length + self._products) / 2

    def _add(self, output: Tensor) -> None:
        on = _rows(output > 0)
        # Products of up to 2^24 signs are exact in float32.
        signs = on.to(torch.float32 if on.shape[1] < 2**24 else torch.float64).mul_(2).sub_(1)
        product = (signs @ signs.T).double()
        self._products = product if self._products is None else self._products + product
        self.length += on.shape[1]


def _rows(tensor: Tensor) -> Tensor:
    """(N, ...) to (N, units) without a copy where the layout allows; the order of units is of no account."""
    if tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        tensor = tensor.permute(0, 2, 3, 1)
    return tensor.reshape(len(tensor), -1)
