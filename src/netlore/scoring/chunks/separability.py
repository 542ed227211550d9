"""Which networks act on each image alone, so that batches may come in chunks: declared by types of modules."""

from __future__ import annotations

from torch import nn

from netlore.errors import InvalidInput, NotSeparable
from netlore.networks.layers import Classifier, Convolution, GlobalPool, Residual
from netlore.scoring.passes.layers import restored_after
from netlore.space.outline import flattened
from netlore.space.plan import Layer, Plan, Sum

BATCH_NORM = "the network's batch norms look at all images at once"
DROPOUT = "the network's dropout draws for all images at once"

# Exact types, since a subclass may do anything: each has one row of output per image, whatever the others are.
_ALONE: frozenset[type[nn.Module]] = frozenset(
    [
        *(nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.Identity, Residual, Convolution, Classifier, GlobalPool),
        *(nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Linear),
        *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish),
        *(nn.Sigmoid, nn.Tanh, nn.Softplus, nn.Softsign, nn.Hardtanh, nn.Hardswish, nn.Hardsigmoid, nn.Threshold),
        *(nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
        *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
        *(nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
        *(nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm, nn.ZeroPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d),
        *(nn.Upsample, nn.PixelShuffle, nn.PixelUnshuffle),
    ]
)
_BatchNorm = nn.modules.batchnorm._BatchNorm
_Dropout = nn.modules.dropout._DropoutNd


def refusal(images: int, chunk_size: int, why: str) -> NotSeparable:
    """The error for a batch of that many images, with the clause that says why."""
    size = f"{chunk_size} image{'s' if chunk_size > 1 else ''}"
    rule = f"a batch of {images} cannot be evaluated in chunks of {chunk_size}: {why}"
    return NotSeparable(f"{rule}; use a batch of {size}, or no chunks.")


def check_chunk_size(chunk_size: int | None) -> None:
    """Refuse chunks without an image.

    Raises:
        InvalidInput: There is not one.
    """
    if chunk_size is not None and chunk_size < 1:
        raise InvalidInput(f"chunk_size = {chunk_size} is not positive; choose 1 or more.")


def batch_coupling(network: nn.Module) -> str:
    """Why a module may need all images of a batch at once in training mode, as a clause; empty if it does not.

    A module of another type than the known ones declares that it acts on each image alone, with one row per image
    in all its layers and ReLUs, by an attribute of its class: `acts_on_each_image = True`. Its parts are asked as
    well.
    """
    tensors = [*network.named_parameters(), *network.named_buffers()]
    state = {name: tensor.detach().clone() for name, tensor in tensors}
    with restored_after(network, True, state):  # since some keep a module in evaluation mode, where it is harmless
        found = [_coupling(module) for module in network.modules()]
    return next((why for why in (BATCH_NORM, DROPOUT) if why in found), next(filter(None, found), ""))


def batch_coupling_of_plan(plan: Plan) -> str:
    """The same of a plan."""
    for part in flattened([plan]):
        of_paths = map(batch_coupling_of_plan, (part.branch, part.shortcut) if isinstance(part, Sum) else ())
        if any(of_paths) or (isinstance(part, Layer) and part.kind == "batch_norm"):
            return BATCH_NORM
    return ""


def _coupling(module: nn.Module) -> str:
    kind = type(module)
    if isinstance(module, _BatchNorm):
        # Without statistics of its own it takes the batch's in either mode.
        return BATCH_NORM if module.training or module.running_mean is None else ""
    if isinstance(module, _Dropout | nn.RReLU):
        return DROPOUT if module.training and _draws(module) else ""
    if "forward" in vars(module) or module._forward_hooks or module._forward_pre_hooks:
        return f"a module of type {kind.__name__} has a hook or a forward of its own"
    behind = (kind is nn.Flatten and module.start_dim) or (kind is nn.Unflatten and module.dim)
    if kind in _ALONE or (isinstance(behind, int) and behind > 0) or getattr(kind, "acts_on_each_image", False):
        return ""
    return f"modules of type {kind.__name__} are not known to act on each image alone"


def _draws(module: nn.Module) -> bool:
    return module.lower < module.upper if isinstance(module, nn.RReLU) else bool(module.p)
