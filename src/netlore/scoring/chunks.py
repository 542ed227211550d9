"""Batches in chunks: which networks act on each image alone, by types of modules, and the passes over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netlore.errors import InvalidInput, NotSeparable
from netlore.networks.layers import Classifier, Convolution, GlobalPool, Residual
from netlore.scoring.evidence import Evidence, Kind, WeightedLayer
from netlore.scoring.inputs import Inputs, batch_size, mapped
from netlore.scoring.objective import Objective
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.passes.derivatives import caught, found_or_raised, of_weights
from netlore.scoring.passes.isolation import restored_after
from netlore.scoring.passes.relu_codes import ActivationCodes
from netlore.space.outline import flattened
from netlore.space.plan import Layer, Plan, paths

_HESSIAN = Evidence.HESSIAN_GRADIENT | Evidence.CURVATURE
_BLOCK = 2**19  # bytes of packed codes that are unpacked at a time, eight codes each
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
    """Refuse chunks without an image."""
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
        if isinstance(part, Layer):
            coupled = part.kind == "batch_norm"
        else:
            coupled = any(batch_coupling_of_plan(path) for _, path in paths(part))
        if coupled:
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


def sweeps(needs: Evidence) -> tuple[Evidence, Evidence]:
    """What each of two sweeps over the chunks finds: H g takes a second one, after the one that gives g."""
    if not needs & _HESSIAN:
        return needs, Evidence()
    return (needs - _HESSIAN) | Evidence.LOSS_GRADIENT, Evidence.HESSIAN_GRADIENT


class ChunkedPass:
    """The evidence of `BatchPass` up to rounding, with at most `chunk_size` images at a time.

    For networks that act on each image alone. Then L is a mean over images, and all evidence is a sum over chunks,
    a mean weighted with n_chunk / N, or has rows for each image. Arguments as in `BatchPass`; `chunk_size` is less
    than N.

    Raises:
        NotSeparable: The network is not known to act on each image alone.
    """

    def __init__(
        self,
        network: nn.Module,
        inputs: Inputs,
        targets: Tensor,
        needs: Evidence,
        dtype: torch.dtype,
        objective: Objective,
        chunk_size: int,
    ) -> None:
        self._network, self._inputs, self._targets = network, inputs, targets
        self._needs, self._dtype, self._objective, self._chunk_size = needs, dtype, objective, chunk_size
        self._images = batch_size(inputs)
        self._finite: list[Tensor] = []
        self._notes: dict[Kind[Any], str] = {}
        if why := batch_coupling(network):
            raise refusal(self._images, chunk_size, why)

    def __getitem__(self, kind: Kind[Any]) -> Any:
        """Evidence of a kind, which the needs must name."""
        if kind is Evidence.CURVATURE:
            return of_weights(self[Evidence.HESSIAN_GRADIENT])
        sweep = self._second_sweep if kind is Evidence.HESSIAN_GRADIENT else self._first_sweep
        found = found_or_raised(sweep[kind])
        return found.kernel() if kind is Evidence.ACTIVATION_KERNEL else found

    def note(self, kind: Kind[Any]) -> str:
        """As in `BatchPass`; of the last chunk."""
        return self._notes.get(Evidence.HESSIAN_GRADIENT if kind is Evidence.CURVATURE else kind, "")

    @property
    def is_finite(self) -> Tensor:
        """Whether the outputs of all chunks are."""
        _ = self._first_sweep
        return torch.stack(self._finite).all()

    @cached_property
    def _first_sweep(self) -> dict[Kind[Any], Any]:
        return self._sweep(sweeps(self._needs)[0])

    @cached_property
    def _second_sweep(self) -> dict[Kind[Any], Any]:
        return self._sweep(Evidence.HESSIAN_GRADIENT, self[Evidence.LOSS_GRADIENT])

    def _sweep(self, needs: Evidence, along: Mapping[WeightedLayer, Tensor] | None = None) -> dict[Kind[Any], Any]:
        """Pass over all chunks: each kind of evidence, joined, or the error that it met, as in `BatchPass`."""
        parts: dict[Kind[Any], Any] = {kind: [] if kind.join == "rows" else None for kind in needs}
        for inputs, targets in self._chunks():
            how = (needs, self._dtype, self._objective, _KeptCodes, along)
            part = BatchPass(self._network, inputs, targets, *how)
            for kind, before in parts.items():
                if not isinstance(before, Exception):
                    parts[kind] = caught(partial(self._added, kind, before, part, len(targets)))
                    self._notes[kind] = part.note(kind) if not isinstance(parts[kind], Exception) else ""
            if along is None:
                self._finite.append(part.is_finite)
            # Before there is another one.
            del part
        rows = {kind: found for kind, found in parts.items() if kind.join == "rows" and isinstance(found, list)}
        return {**parts, **{kind: caught(partial(_together, kind, found)) for kind, found in rows.items()}}

    def _added(self, kind: Kind[Any], before: Any, part: BatchPass, images: int) -> Any:
        """What there was of the chunks before, with that of one more."""
        share = images / self._images
        found: Any = part.codes if kind is Evidence.ACTIVATION_KERNEL else part[kind]
        if kind is Evidence.CHANNEL_SALIENCY:
            calls = [call for of_layer in found.values() for call in of_layer]
            if any(len(call) != images for call in calls):
                raise NotSeparable("a layer's output does not have one row per image; use no chunks.")
            # That of the mean loss of all images, of which a chunk's is a share.
            return [*before, {layer: [share * call for call in of_layer] for layer, of_layer in found.items()}]
        if kind.join == "rows":
            return [*before, found]
        weight = share if kind.join == "mean" else 1.0
        if before is None:
            return {key: weight * tensor for key, tensor in found.items()}
        return {key: before[key].add(tensor, alpha=weight) for key, tensor in found.items()}

    def _chunks(self) -> Iterator[tuple[Inputs, Tensor]]:
        for start in range(0, self._images, self._chunk_size):
            chosen = slice(start, start + self._chunk_size)
            yield mapped(self._inputs, partial(self._rows, chosen)), self._targets[chosen]

    def _rows(self, chosen: slice, one: Tensor) -> Tensor:
        """Those of a chunk; what has other rows than one per image is the same for all."""
        return one[chosen] if one.ndim and len(one) == self._images else one


def _together(kind: Kind[Any], chunks: list[Any]) -> Any:
    """Rows of all images from those of chunks."""
    if kind is Evidence.INPUT_JACOBIAN:
        return torch.cat(chunks)
    if kind is Evidence.ACTIVATION_KERNEL:
        return _joined(chunks)
    return {
        layer: [torch.cat(calls) for calls in zip(*(chunk[layer] for chunk in chunks), strict=True)]
        for layer in chunks[0]
    }


class _KeptCodes(ActivationCodes):
    """Keeps the code of every ReLU of n images, one bit each, until those of all images are there."""

    def __init__(self, images: int) -> None:
        super().__init__(images)
        self.images = images
        self.calls: list[tuple[NDArray[np.uint8], int]] = []

    def add(self, output: Tensor) -> None:
        """Keep which units of a rectifier's output are on, shape (n, ...)."""
        rows = len(output) if output.ndim else 0
        if rows != self.images:
            raise NotSeparable(f"a ReLU's output has {rows} rows for {self.images} images; use no chunks.")
        codes = (output > 0).reshape(rows, -1).cpu().numpy()
        self.calls.append((np.packbits(codes, axis=1), codes.shape[1]))


def _joined(chunks: list[_KeptCodes]) -> ActivationCodes:
    """The codes of the images of all chunks, in order."""
    codes = ActivationCodes(sum(chunk.images for chunk in chunks))
    for of_call in zip(*(chunk.calls for chunk in chunks), strict=True):
        packed, units = np.concatenate([bits for bits, _ in of_call]), of_call[0][1]
        step = max(1, _BLOCK // len(packed))
        for start in range(0, packed.shape[1], step):
            bits = np.unpackbits(packed[:, start : start + step], axis=1)[:, : units - 8 * start]
            codes.add(torch.from_numpy(bits).bool())
    return codes
