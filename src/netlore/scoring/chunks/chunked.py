"""The passes over a batch that does not fit in memory, a chunk of images at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from netlore.scoring.chunks.call_pattern import Call, Pattern, pattern_of
from netlore.scoring.chunks.packed_codes import PackedCodes, joined
from netlore.scoring.chunks.separability import Inseparable, mixing_of, refusal
from netlore.scoring.evidence import Evidence
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.passes.derivatives import along_weights
from netlore.scoring.passes.layers import Layer
from netlore.scoring.passes.relu_codes import ActivationCodes

_HESSIAN = Evidence.HESSIAN_GRADIENT | Evidence.CURVATURE
_UNLIKE = "the network's layers are not called alike for all images"


class ChunkedPass:
    """The evidence of `BatchPass` up to rounding, with at most `chunk_size` images at a time.

    For networks whose logits for an image do not depend on the images beside it. Then L is a mean over images, and
    all evidence is a sum over chunks, weighted n_chunk / N, or has rows for each image. H g takes a second sweep,
    after the one that g is the sum of. Arguments as in `BatchPass`; `chunk_size` is less than N.

    Raises:
        Inseparable: The network looks at all images at once. Modules that do are found at once, anything else
            when evidence is read.
    """

    def __init__(
        self, network: nn.Module, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int
    ) -> None:
        self._network = network
        self._images = images
        self._labels = labels
        self._needs = needs
        self._chunk_size = chunk_size
        mixing = mixing_of(network)
        if mixing:
            raise self._refusal(mixing)

    @property
    def loss_gradient(self) -> dict[Layer, Tensor]:
        """dL/dW per layer."""
        found: dict[Layer, Tensor] = self._of_first_sweep(Evidence.LOSS_GRADIENT)
        return found

    @property
    def parameter_gradient(self) -> dict[str, Tensor]:
        """dL/dp per trainable parameter."""
        found: dict[str, Tensor] = self._of_first_sweep(Evidence.PARAMETER_GRADIENT)
        return found

    @property
    def limit_hessian_weight(self) -> dict[Layer, Tensor]:
        """H W in the limit of no epsilon, per layer."""
        found: dict[Layer, Tensor] = self._of_first_sweep(Evidence.LIMIT_HESSIAN_WEIGHT)
        return found

    @property
    def image_gradient_squares(self) -> dict[Layer, Tensor]:
        """Sum over images of the squared gradient of an image's own loss, per layer."""
        found: dict[Layer, Tensor] = self._of_first_sweep(Evidence.IMAGE_GRADIENT_SQUARES)
        return found

    @property
    def hessian_gradient(self) -> dict[Layer, Tensor]:
        """H g per layer."""
        found: dict[Layer, Tensor] = _unless_error(self._second_sweep[Evidence.HESSIAN_GRADIENT])
        return found

    @property
    def curvature(self) -> Tensor:
        """W^T H g over all layers' weights."""
        return along_weights(self.hessian_gradient)

    @cached_property
    def input_jacobian(self) -> Tensor:
        """d(sum of logits)/d(images), a row per image."""
        return torch.cat(self._of_first_sweep(Evidence.INPUT_JACOBIAN))

    @cached_property
    def channel_saliency(self) -> dict[Layer, list[Tensor]]:
        """Sum over positions of a * dL/da, per layer and call."""
        parts, layers = self._of_first_sweep(Evidence.CHANNEL_SALIENCY), self._pattern.layers
        sizes = [len(images) for images, _ in self._chunks()]
        if layers is None or not all(_alike(part, layers, n) for part, n in zip(parts, sizes, strict=True)):
            raise self._refusal(_UNLIKE)
        return {
            layer: [_together([part[layer][i] for part in parts], call) for i, call in enumerate(layers[layer])]
            for layer in parts[0]
        }

    @property
    def activation_kernel(self) -> Tensor:
        """Agreements of the activation codes."""
        return self._codes.kernel()

    @property
    def relu_count(self) -> int:
        """Length of the activation codes."""
        return self._codes.length

    @cached_property
    def _codes(self) -> ActivationCodes:
        chunks, calls = self._of_first_sweep(Evidence.ACTIVATION_KERNEL), self._pattern.rectifiers
        if calls is None or not all(_lawful(codes, calls) for codes in chunks):
            raise self._refusal(_UNLIKE)
        if any(not call.follows and call.rows == len(self._images) for call in calls):
            rows = len(self._images)
            raise self._refusal(f"a ReLU's output has {rows} rows however many images there are, as if of a batch")
        if any([units for _, units in codes.calls] != [units for _, units in chunks[0].calls] for codes in chunks):
            raise self._refusal(_UNLIKE)
        return joined(chunks)

    @cached_property
    def _pattern(self) -> Pattern:
        return pattern_of(self._network, self._images, self._chunk_size)

    def _of_first_sweep(self, kind: Evidence) -> Any:
        return _unless_error(self._first_sweep[kind])

    @cached_property
    def _first_sweep(self) -> dict[Evidence, Any]:
        """Everything but H g, which it finds g for."""
        needs = self._needs & ~_HESSIAN
        if self._needs & _HESSIAN:
            needs |= Evidence.LOSS_GRADIENT
        try:
            _ = self._pattern
        except Exception as error:
            return dict.fromkeys(needs, error.with_traceback(None))
        return self._sweep(needs)

    @cached_property
    def _second_sweep(self) -> dict[Evidence, Any]:
        return self._sweep(Evidence.HESSIAN_GRADIENT, self.loss_gradient)

    def _sweep(self, needs: Evidence, along: Mapping[Layer, Tensor] | None = None) -> dict[Evidence, Any]:
        """Pass over all chunks: each kind of evidence, joined, or the error that it met."""
        found: dict[Evidence, Any] = dict.fromkeys(needs)
        counted = [call.follows and call.rows == 1 for call in self._pattern.rectifiers or ()]
        for images, labels in self._chunks():
            codes = PackedCodes(len(images), counted)
            part = BatchPass(self._network, images, labels, needs, codes, along)
            _join(found, part, len(images) / len(self._images))
            # Before there is another one.
            del part
        return found

    def _chunks(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(self._images), self._chunk_size):
            chosen = slice(start, start + self._chunk_size)
            yield self._images[chosen], self._labels[chosen]

    def _refusal(self, why: str) -> Inseparable:
        return refusal(len(self._images), self._chunk_size, why)


def _join(found: dict[Evidence, Any], part: BatchPass, share: float) -> None:
    """Add a chunk's evidence to what was found; an error ends its own kind only, as in `BatchPass`."""
    for kind, before in found.items():
        if isinstance(before, Exception):
            continue
        try:
            found[kind] = _JOINED[kind](before, part, share)
        except Exception as error:
            # Without its traceback, which would keep the chunk's tensors alive.
            found[kind] = error.with_traceback(None)


def _sum(
    evidence: Callable[[BatchPass], Mapping[Any, Tensor]], weighted: bool = True
) -> Callable[[Any, BatchPass, float], Any]:
    """From a sum so far, a chunk's pass and its share of the images to the sum with that chunk's."""

    def joined_with(before: dict[Any, Tensor] | None, part: BatchPass, share: float) -> dict[Any, Tensor]:
        factor = share if weighted else 1.0
        if before is None:
            return {key: factor * tensor for key, tensor in evidence(part).items()}
        return {key: before[key].add(tensor, alpha=factor) for key, tensor in evidence(part).items()}

    return joined_with


def _list(evidence: Callable[[BatchPass, float], Any]) -> Callable[[Any, BatchPass, float], Any]:
    """The same for evidence that is kept chunk by chunk."""
    return lambda before, part, share: [*(before or ()), evidence(part, share)]


def _scaled_saliency(part: BatchPass, share: float) -> dict[Layer, list[Tensor]]:
    """That of the mean loss of all images, of which a chunk's is a share."""
    return {layer: [share * call for call in calls] for layer, calls in part.channel_saliency.items()}


_JOINED: dict[Evidence, Callable[[Any, BatchPass, float], Any]] = {
    Evidence.LOSS_GRADIENT: _sum(lambda part: part.loss_gradient),
    Evidence.PARAMETER_GRADIENT: _sum(lambda part: part.parameter_gradient),
    Evidence.HESSIAN_GRADIENT: _sum(lambda part: part.hessian_gradient),
    Evidence.LIMIT_HESSIAN_WEIGHT: _sum(lambda part: part.limit_hessian_weight),
    Evidence.IMAGE_GRADIENT_SQUARES: _sum(lambda part: part.image_gradient_squares, weighted=False),
    Evidence.CHANNEL_SALIENCY: _list(_scaled_saliency),
    Evidence.INPUT_JACOBIAN: _list(lambda part, _: part.input_jacobian),
    Evidence.ACTIVATION_KERNEL: _list(lambda part, _: part.activation_codes),
}


def _unless_error(found: Any) -> Any:
    if isinstance(found, Exception):
        raise found
    return found


def _alike(part: Mapping[Layer, Sequence[Tensor]], layers: Mapping[Layer, Sequence[Call]], images: int) -> bool:
    """Whether a chunk of so many images called the layers as the pattern says."""
    rows = {layer: [len(saliency) for saliency in calls] for layer, calls in part.items()}
    return rows == {layer: [call.rows_for(images) for call in calls] for layer, calls in layers.items()}


def _lawful(codes: PackedCodes, calls: Sequence[Call]) -> bool:
    """The same for ReLUs."""
    return codes.lengths == [call.rows_for(codes.images) for call in calls]


def _together(parts: Sequence[Tensor], call: Call) -> Tensor:
    """A call's saliency. What has no rows for the images, such as a learned constant, is seen by all chunks."""
    return torch.cat(list(parts)) if call.follows else torch.stack(list(parts)).sum(dim=0)
