"""Probe: one network, one batch, examined lazily in the fewest passes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import torch
from torch import Tensor

from netlore.errors import InvalidInput, UndeclaredEvidence
from netlore.scoring.batch_pass import BatchPass
from netlore.scoring.evidence import OF_THE_BATCH, Evidence
from netlore.scoring.layers import Layer
from netlore.scoring.subject import Subject


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

    Raises:
        InvalidInput: Images and labels do not fit together.
    """

    def __init__(
        self,
        subject: Subject,
        images: Tensor,
        labels: Tensor,
        needs: Evidence,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if len(images) == 0 or labels.shape != images.shape[:1]:
            raise InvalidInput(
                f"images of shape {tuple(images.shape)} and labels of shape {tuple(labels.shape)} do not fit; "
                f"give one label for each of one or more images."
            )
        self._subject = subject
        self._images = images
        self._labels = labels
        self._needs = needs
        self._declared = needs
        self._dtype = dtype

    def declare(self, needs: Evidence) -> None:
        """Let the next reader read `needs` and nothing else; they must be part of what the probe was made for."""
        self._declared = needs

    @property
    def loss_gradient(self) -> dict[Layer, Tensor]:
        """dL/dW of every convolution and linear layer that took part; L is the mean cross-entropy."""
        self._check(Evidence.LOSS_GRADIENT)
        return self._batch.loss_gradient

    @property
    def parameter_gradient(self) -> dict[str, Tensor]:
        """dL/dp of every trainable parameter, by its name in the network; zero where it took no part."""
        self._check(Evidence.PARAMETER_GRADIENT)
        return self._batch.parameter_gradient

    @property
    def hessian_gradient(self) -> dict[Layer, Tensor]:
        """H g per layer, where H and g are second and first derivatives of L over all layers' weights."""
        self._check(Evidence.HESSIAN_GRADIENT)
        return self._batch.hessian_gradient

    @property
    def channel_saliency(self) -> dict[Layer, list[Tensor]]:
        """Per layer, and call of it, the sum over positions of a * dL/da, shape (N, C); a is the layer's output."""
        self._check(Evidence.CHANNEL_SALIENCY)
        return self._batch.channel_saliency

    @property
    def image_gradient_squares(self) -> dict[Layer, Tensor]:
        """Per layer, the sum over images of (dL_n/dW)^2; L_n is the cross-entropy of image n in the batch."""
        self._check(Evidence.IMAGE_GRADIENT_SQUARES)
        return self._batch.image_gradient_squares

    @property
    def input_jacobian(self) -> Tensor:
        """Gradient of the sum of all logits with respect to the images, shape (N, D)."""
        self._check(Evidence.INPUT_JACOBIAN)
        return self._batch.input_jacobian

    @property
    def activation_kernel(self) -> Tensor:
        """For each pair of images the number of ReLUs in the same state, float64 (N, N)."""
        self._check(Evidence.ACTIVATION_KERNEL)
        return self._batch.activation_kernel

    @property
    def relu_count(self) -> int:
        """Number of ReLU outputs of one image."""
        self._check(Evidence.ACTIVATION_KERNEL)
        return self._batch.relu_count

    @property
    def log_synaptic_flow(self) -> Tensor:
        """ln sum |W dR/dW| over all convolutions and linear layers, a float64 scalar; see the predictor synflow."""
        self._check(Evidence.SYNAPTIC_FLOW)
        return self._flow

    @cached_property
    def _flow(self) -> Tensor:
        return self._subject.log_synaptic_flow(tuple(self._images.shape[1:]))

    @cached_property
    def _batch(self) -> BatchPass:
        device = self._subject.device
        images = self._images.detach().to(device, self._dtype)
        return BatchPass(
            self._subject.network, images, self._labels.to(device), self._needs & OF_THE_BATCH, self._dtype
        )

    def _check(self, wanted: Evidence) -> None:
        if wanted not in self._declared:
            raise UndeclaredEvidence(
                f"{wanted.name} was read but not declared; add Evidence.{wanted.name} to the predictor's `needs`."
            )


def sum_over_layers(terms: Iterable[Tensor]) -> Tensor:
    """The sum of all entries of all terms, accumulated in float64."""
    return torch.stack([term.sum(dtype=torch.float64) for term in terms]).sum()
