"""The passes over a batch that does not fit in memory, a chunk of images at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netlore.errors import NotSeparable
from netlore.scoring.chunks.separability import batch_coupling, refusal
from netlore.scoring.evidence import Evidence, Kind
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.passes.derivatives import along_weights
from netlore.scoring.passes.layers import Layer
from netlore.scoring.passes.relu_codes import ActivationCodes

_HESSIAN = Evidence.HESSIAN_GRADIENT | Evidence.CURVATURE
_BLOCK = 2**19  # bytes of packed codes that are unpacked at a time, eight codes each


class ChunkedPass:
    """The evidence of `BatchPass` up to rounding, with at most `chunk_size` images at a time.

    For networks that act on each image alone. Then L is a mean over images, and all evidence is a sum over chunks,
    a mean weighted with n_chunk / N, or has rows for each image. H g takes a second sweep, after the one that g is
    the mean of. Arguments as in `BatchPass`, and so are the names of evidence; `chunk_size` is less than N.

    Raises:
        NotSeparable: The network is not known to act on each image alone.
    """

    def __init__(
        self, network: nn.Module, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int
    ) -> None:
        self._network, self._images, self._labels = network, images, labels
        self._needs, self._chunk_size = needs, chunk_size
        if why := batch_coupling(network):
            raise refusal(len(images), chunk_size, why)

    def __getitem__(self, kind: Kind[Any]) -> Any:
        """Evidence of a kind, which the needs must name."""
        if kind is Evidence.CURVATURE:
            return along_weights(self[Evidence.HESSIAN_GRADIENT])
        found = (self._second_sweep if kind is Evidence.HESSIAN_GRADIENT else self._first_sweep)[kind]
        if isinstance(found, Exception):
            raise found
        return found.kernel() if kind is Evidence.ACTIVATION_KERNEL else found

    @cached_property
    def _first_sweep(self) -> dict[Kind[Any], Any]:
        """Everything but H g, which it finds g for."""
        needs = self._needs - _HESSIAN
        return self._sweep(needs | Evidence.LOSS_GRADIENT if self._needs & _HESSIAN else needs)

    @cached_property
    def _second_sweep(self) -> dict[Kind[Any], Any]:
        return self._sweep(Evidence.HESSIAN_GRADIENT, self[Evidence.LOSS_GRADIENT])

    def _sweep(self, needs: Evidence, along: Mapping[Layer, Tensor] | None = None) -> dict[Kind[Any], Any]:
        """Pass over all chunks: each kind of evidence, joined, or the error that it met, as in `BatchPass`."""
        parts: dict[Kind[Any], Any] = {kind: [] if kind.join == "rows" else None for kind in needs}
        for images, labels in self._chunks():
            part = BatchPass(self._network, images, labels, needs, _KeptCodes(len(images)), along)
            for kind, before in parts.items():
                if not isinstance(before, Exception):
                    parts[kind] = _caught(partial(self._added, kind, before, part, len(images)))
            # Before there is another one.
            del part
        rows = {kind: found for kind, found in parts.items() if kind.join == "rows" and isinstance(found, list)}
        return {**parts, **{kind: _caught(partial(_together, kind, found)) for kind, found in rows.items()}}

    def _added(self, kind: Kind[Any], before: Any, part: BatchPass, images: int) -> Any:
        """What there was of the chunks before, with that of one more."""
        share = images / len(self._images)
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

    def _chunks(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(self._images), self._chunk_size):
            chosen = slice(start, start + self._chunk_size)
            yield self._images[chosen], self._labels[chosen]


def _caught(compute: Callable[[], Any]) -> Any:
    """The result, or the error without its traceback, which would keep the chunk's tensors alive."""
    try:
        return compute()
    except Exception as error:
        return error.with_traceback(None)


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
