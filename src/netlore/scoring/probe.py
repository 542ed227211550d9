"""Probe: one network, one batch, examined lazily in the fewest passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from netlore.errors import InvalidInput, UndeclaredEvidence
from netlore.scoring.chunks.separability import check_chunk_size
from netlore.scoring.engine import BatchEvidence, Subject
from netlore.scoring.evidence import OF_THE_BATCH, Evidence
from netlore.scoring.passes.layers import Layer
from netlore.scoring.planned.units import PlannedLayer
from netlore.scoring.predictor import Degenerate

AnyLayer = Layer | PlannedLayer
"""What evidence is keyed by: an object with a `weight`."""


_WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


class Probe:
    """What one network shows of itself on one batch, before any training.

    A forward pass is shared by everything that needs one, and nothing is kept or computed that no declared
    evidence needs. Whatever is read is computed once. The network, its buffers, gradients, modes and the global
    random generators are left bit for bit as they were, also after an error.

    Args:
        subject: The network, from images to logits (N, classes).
        images: The batch, shape (N, ...), on any device; it is moved to the network's.
        labels: Classes of the images, shape (N,).
        needs: The union of what will be read.
        dtype: Precision of every pass but synaptic flow, which is always float64.
        chunk_size: At most so many images are evaluated at a time; None: all.

    Raises:
        InvalidInput: Images and labels do not fit together, or a chunk is empty.
    """

    def __init__(
        self,
        subject: Subject,
        images: Tensor,
        labels: Tensor,
        needs: Evidence,
        dtype: torch.dtype = torch.float32,
        chunk_size: int | None = None,
    ) -> None:
        if images.ndim == 0 or len(images) == 0 or labels.shape != images.shape[:1]:
            raise InvalidInput(
                f"images of shape {tuple(images.shape)} and labels of shape {tuple(labels.shape)} do not fit; "
                f"give one label for each of one or more images."
            )
        if labels.dtype not in _WHOLE:
            raise InvalidInput(f"labels of type {labels.dtype} are no classes; give whole numbers, 0 or more.")
        check_chunk_size(chunk_size)
        self._subject = subject
        self._images = images
        self._labels = labels
        self._needs = needs
        self._declared = needs
        self._dtype = dtype
        # What is no smaller than the batch makes no chunks.
        self._chunk_size = chunk_size if chunk_size is not None and chunk_size < len(images) else None

    def declare(self, needs: Evidence) -> None:
        """Let the next reader read `needs` and nothing else; they must be part of what the probe was made for."""
        self._declared = needs

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return self._subject.device

    @property
    def loss_gradient(self) -> dict[AnyLayer, Tensor]:
        """dL/dW of every convolution and linear layer; L is the mean cross-entropy."""
        found: dict[AnyLayer, Tensor] = self._from_batch(Evidence.LOSS_GRADIENT).loss_gradient
        return found

    @property
    def parameter_gradient(self) -> dict[str, Tensor]:
        """dL/dp of every trainable parameter, by its name in the network; zero where it took no part."""
        found: dict[str, Tensor] = self._from_batch(Evidence.PARAMETER_GRADIENT).parameter_gradient
        return found

    @property
    def hessian_gradient(self) -> dict[AnyLayer, Tensor]:
        """H g per layer, where H and g are second and first derivatives of L over all layers' weights."""
        found: dict[AnyLayer, Tensor] = self._from_batch(Evidence.HESSIAN_GRADIENT).hessian_gradient
        return found

    @property
    def curvature(self) -> Tensor:
        """W^T H g, a scalar, over the weights of all convolutions and linear layers; H and g as above."""
        found: Tensor = self._from_batch(Evidence.CURVATURE).curvature
        return found

    @property
    def limit_hessian_weight(self) -> dict[AnyLayer, Tensor]:
        """H W per layer in the limit of batch norm's epsilon to 0; see `Evidence`."""
        found: dict[AnyLayer, Tensor] = self._from_batch(Evidence.LIMIT_HESSIAN_WEIGHT).limit_hessian_weight
        return found

    @property
    def channel_saliency(self) -> dict[AnyLayer, list[Tensor]]:
        """Per layer and call of it, the sum over positions of a * dL/da, shape (N, C); a is the layer's output."""
        found: dict[AnyLayer, list[Tensor]] = self._from_batch(Evidence.CHANNEL_SALIENCY).channel_saliency
        return found

    @property
    def image_gradient_squares(self) -> dict[AnyLayer, Tensor]:
        """Per layer, the sum over images of (dL_n/dW)^2; L_n is the cross-entropy of image n in the batch."""
        found: dict[AnyLayer, Tensor] = self._from_batch(Evidence.IMAGE_GRADIENT_SQUARES).image_gradient_squares
        return found

    @property
    def input_jacobian(self) -> Tensor:
        """Gradient of the sum of all logits with respect to the images, shape (N, D)."""
        found: Tensor = self._from_batch(Evidence.INPUT_JACOBIAN).input_jacobian
        return found

    @property
    def activation_kernel(self) -> Tensor:
        """For each pair of images the number of ReLUs in the same state, float64 (N, N)."""
        found: Tensor = self._from_batch(Evidence.ACTIVATION_KERNEL).activation_kernel
        return found

    @property
    def relu_count(self) -> int:
        """Number of ReLU outputs of one image."""
        found: int = self._from_batch(Evidence.ACTIVATION_KERNEL).relu_count
        return found

    @property
    def log_synaptic_flow(self) -> Tensor:
        """ln sum |W dR/dW| over convolutions and linear layers, a float64 scalar; see the predictor synflow."""
        self._check(Evidence.SYNAPTIC_FLOW)
        return self._flow

    @cached_property
    def _flow(self) -> Tensor:
        return self._subject.log_synaptic_flow(tuple(self._images.shape[1:]))

    @cached_property
    def _passes(self) -> Mapping[Evidence, BatchEvidence]:
        device = self._subject.device
        images = self._images.detach().to(device, self._dtype)
        labels = self._labels.to(torch.int64, copy=True)
        return self._subject.batch_passes(images, labels, self._needs & OF_THE_BATCH, self._chunk_size)

    def _from_batch(self, wanted: Evidence) -> Any:
        """The passes that give a kind of evidence, which must have been declared."""
        self._check(wanted)
        return self._passes[wanted]

    def _check(self, wanted: Evidence) -> None:
        if wanted not in self._declared:
            raise UndeclaredEvidence(
                f"{wanted.name} was read but not declared; add Evidence.{wanted.name} to the predictor's `needs`."
            )


def sum_over_layers(terms: Iterable[Tensor]) -> Tensor:
    """The sum of all entries of all terms, accumulated in float64.

    Raises:
        Degenerate: There is no term.
    """
    sums = [term.sum(dtype=torch.float64) for term in terms]
    if not sums:
        raise Degenerate("the network has no convolution, linear layer or trainable parameter to add up over")
    return torch.stack(sums).sum()
