"""FLOPs, parameters and activations of a module, counted while it looks at one image."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.networks.operation_counter import OperationCounter
from netlore.scoring.inputs import Inputs, returned_by
from netlore.scoring.passes.isolation import restored_after, undisturbed


def module_complexity(network: nn.Module, one_image: Inputs) -> dict[str, int]:
    """The complexity of any module, in the convention of `netlore.complexity`, which it equals on its networks.

    FLOPs are multiply-adds of convolutions and matrix products, those of attention among them, as torch counts
    them, with the biases of convolutions and linear layers; activations are the outputs of the same; parameters
    are all, shared ones once. The network is in evaluation mode, and left as it was. If it cannot be run on one
    image, there are only parameters.
    """
    found = {"params": sum(parameter.numel() for parameter in network.parameters())}
    counter = OperationCounter()
    try:
        with looking_at_one_image(network), counter:
            returned_by(network, one_image)
    except (Exception, SystemExit):  # whatever it raises, scoring will say it
        return found
    return {"flops": counter.flops, "activations": counter.activations, **found}


@contextlib.contextmanager
def looking_at_one_image(network: nn.Module) -> Iterator[None]:
    """Inside, a network is in evaluation mode and its operations can be watched; afterwards it is as it was."""
    device = next(network.parameters()).device
    with (
        undisturbed(device, torch.float32),
        torch.enable_grad(),
        # Other kernels of attention hide their products.
        sdpa_kernel(SDPBackend.MATH),
        _without_fast_path(),
        restored_after(network, training=False),
        contextlib.redirect_stdout(sys.stderr),
    ):
        yield


@contextlib.contextmanager
def _without_fast_path() -> Iterator[None]:
    """Inside, layers of transformers are no single operation, as in evaluation they are if nothing is trained."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
