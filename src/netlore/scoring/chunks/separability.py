"""What in a network looks at all images of a batch at once, so that it cannot be evaluated in chunks."""

from __future__ import annotations

from torch import nn

from netlore.errors import InvalidInput
from netlore.scoring.passes.layers import restored_after
from netlore.space.outline import flattened
from netlore.space.plan import Plan, Sum

BATCH_NORM = "batch norm"
DROPOUT = "dropout"

_EFFECTS = {
    BATCH_NORM: "the network's batch norms look at all images at once",
    DROPOUT: "the network's dropout draws for all images at once",
}
_BatchNorm = nn.modules.batchnorm._BatchNorm
_Dropout = nn.modules.dropout._DropoutNd


class Inseparable(InvalidInput):
    """A batch that this network cannot be shown in chunks."""


def refusal(images: int, chunk_size: int, why: str) -> Inseparable:
    """The error for a batch of so many images; `why` is one of the two names above, or a clause."""
    size = f"{chunk_size} image{'s' if chunk_size > 1 else ''}"
    return Inseparable(
        f"a batch of {images} cannot be evaluated in chunks of {chunk_size}: {_EFFECTS.get(why, why)}; "
        f"use a batch of {size}, or no chunks."
    )


def check_chunk_size(chunk_size: int | None) -> None:
    """Refuse chunks without an image.

    Raises:
        InvalidInput: There is not one.
    """
    if chunk_size is not None and chunk_size < 1:
        raise InvalidInput(f"chunk_size = {chunk_size} is not positive; choose 1 or more.")


def mixing_of(network: nn.Module) -> str:
    """What in a module makes an image's logits depend on the others in training mode; empty if no module does."""
    with restored_after(network, True):
        # The mode of each is asked: some networks keep a module in evaluation mode, where it is harmless.
        norms = any(_looks_at_all(module) for module in network.modules())
        draws = any(module.training and _draws(module) for module in network.modules())
    return BATCH_NORM if norms else DROPOUT if draws else ""


def mixing_of_plan(plan: Plan) -> str:
    """The same of a plan."""
    return BATCH_NORM if _has_batch_norm(plan) else ""


def _has_batch_norm(plan: Plan) -> bool:
    return any(
        _has_batch_norm(part.branch) or _has_batch_norm(part.shortcut)
        if isinstance(part, Sum)
        else part.kind == "batch_norm"
        for part in flattened([plan])
    )


def _looks_at_all(module: nn.Module) -> bool:
    """Whether it is a batch norm that takes the statistics of the batch; without any of its own it always does."""
    return isinstance(module, _BatchNorm) and (module.training or module.running_mean is None)


def _draws(module: nn.Module) -> bool:
    if isinstance(module, nn.RReLU):
        return module.lower < module.upper
    return isinstance(module, _Dropout) and module.p > 0
