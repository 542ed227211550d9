"""The inverted residual block of MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) and what came after it."""

from __future__ import annotations

import numpy as np

from netlore.space.plan import Chain, Kind, Layer, Plan, Repeat, Size, convolution, whole


def inverted_block(
    w_in: Size, w_out: Size, expansion: Size, kernel: Size, stride: int, activation: Kind, gate: Plan
) -> Chain:
    """1x1 to `expansion` times the width (nothing for 1), depthwise with the stride, a gate, 1x1 to `w_out`, each
    convolution with batch norm; an activation behind the first two. A sum is not part of it."""
    width = w_in * expansion
    active = Layer(activation, width, width)
    widened = Chain((convolution(w_in, width, 1), active))
    return Chain(
        (
            Repeat(widened, whole(np.greater(expansion, 1))),
            convolution(width, width, kernel, stride, groups=width),
            active,
            gate,
            convolution(width, w_out, 1),
        )
    )
