"""FLOPs, parameters and activations of a module, counted while it looks at one image."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from netlore.scoring.inputs import Inputs, returned_by, tensors_of
from netlore.scoring.passes.isolation import restored_after, undisturbed

_WITH_BIAS = (torch.ops.aten.addmm, torch.ops.aten._addmm_activation)


def module_complexity(network: nn.Module, one_image: Inputs) -> dict[str, int]:
    """The complexity of any module, in the convention of `netlore.complexity`, which it equals on its networks.

    FLOPs are multiply-adds of convolutions and matrix products, those of attention among them, as torch counts
    them, with the bias of linear layers; activations are the outputs of the same; parameters are all, shared ones
    once. The network is in evaluation mode, and left as it was. If it cannot be run on one image, there are only
    parameters.
    """
    found = {"params": sum(parameter.numel() for parameter in network.parameters())}
    counter = _Counter()
    device = next(network.parameters()).device
    try:
        with (
            undisturbed(device, torch.float32),
            # Other kernels of attention hide their products.
            torch.enable_grad(),
            sdpa_kernel(SDPBackend.MATH),
            restored_after(network, training=False),
            contextlib.redirect_stdout(sys.stderr),
            counter,
        ):
            returned_by(network, one_image)
    except Exception:  # whatever it raises, scoring will say it
        return found
    return {"flops": counter.flops, "activations": counter.activations, **found}


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
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
            outputs = next(tensors_of(found)).numel()
            # torch counts multiplications and additions apart.
            self.flops += flop_registry[operation](*args, **(kwargs or {}), out_val=found) // 2
            self.flops += outputs if operation in _WITH_BIAS else 0
            self.activations += outputs
        return found
