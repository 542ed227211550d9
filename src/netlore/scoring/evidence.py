"""Evidence: what a predictor may ask for about an untrained network and one batch."""

from __future__ import annotations

from enum import Flag, auto


class Evidence(Flag):
    """What must be settled before a pass; each member names the `Probe` property that holds it.

    `L` is the mean cross-entropy of the batch, in training mode (batch statistics). Layers are the network's
    convolutions and linear layers; each is its own key, also where two share a weight. The gradient of one that
    takes no part is zero.
    """

    LOSS_GRADIENT = auto()
    """`loss_gradient`: dL/dW per layer."""

    PARAMETER_GRADIENT = auto()
    """`parameter_gradient`: dL/dp of every trainable parameter, by name."""

    HESSIAN_GRADIENT = auto()
    """`hessian_gradient`: (H g) per layer, H and g over the layers' weights only."""

    CURVATURE = auto()
    """`curvature`: W^T H g, summed over the layers, a scalar."""

    LIMIT_HESSIAN_WEIGHT = auto()
    """`limit_hessian_weight`: (H W) per layer in the limit of batch norm's epsilon to 0, d<z, ds>/dW with
    ds = p (z - b - <p, z - b>) / N held constant; z are the logits, b the classifier's bias, p the softmax."""

    CHANNEL_SALIENCY = auto()
    """`channel_saliency`: per layer and call, the sum over positions of a * dL/da, shape (N, C)."""

    IMAGE_GRADIENT_SQUARES = auto()
    """`image_gradient_squares`: per layer, the sum over images of (dL_n/dW)^2; N backward passes."""

    INPUT_JACOBIAN = auto()
    """`input_jacobian`: gradient of the sum of all logits with respect to the images, shape (N, D)."""

    ACTIVATION_KERNEL = auto()
    """`activation_kernel`: how many ReLUs agree for each pair of images, shape (N, N), and `relu_count`."""

    SYNAPTIC_FLOW = auto()
    """`log_synaptic_flow`: ln sum |W dR/dW| over all layers of the network of absolute values."""


BACKWARD = (
    Evidence.LOSS_GRADIENT
    | Evidence.PARAMETER_GRADIENT
    | Evidence.HESSIAN_GRADIENT
    | Evidence.CURVATURE
    | Evidence.LIMIT_HESSIAN_WEIGHT
    | Evidence.CHANNEL_SALIENCY
    | Evidence.IMAGE_GRADIENT_SQUARES
    | Evidence.INPUT_JACOBIAN
)
"""Evidence that needs the forward pass to keep a graph."""

OF_THE_BATCH = BACKWARD | Evidence.ACTIVATION_KERNEL
"""Evidence that comes from the forward pass over the batch."""
