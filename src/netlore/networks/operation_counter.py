"""Multiply-adds and activations, counted operation by operation while a network runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

_WITH_BIAS = (torch.ops.aten.addmm, torch.ops.aten._addmm_activation)
_CONVOLUTION = torch.ops.aten.convolution  # its third argument is the bias


class OperationCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up over the operations that are run."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flops = self.activations = 0

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an operation, and count it."""
        found = func(*args, **(kwargs or {}))
        operation = getattr(func, "overloadpacket", func)
        if operation in flop_registry:
            outputs = (found[0] if isinstance(found, tuple) else found).numel()
            # torch counts multiplications and additions apart.
            self.flops += flop_registry[operation](*args, **(kwargs or {}), out_val=found) // 2
            with_bias = operation in _WITH_BIAS or (operation is _CONVOLUTION and args[2] is not None)
            self.flops += outputs if with_bias else 0
            self.activations += outputs
        return found
