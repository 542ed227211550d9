"""Linear regions: in how many of a network's linear pieces do points fall?"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Saturated
from netlore.scoring.kinds.patterns import distinct_patterns
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

_PATTERNS = distinct_patterns("images", View("normal", "kaiming_fan_in", images=1000, resolution=3))


@predictor(
    "linear_regions",
    needs=_PATTERNS,
    source="Chen et al. 2021, arXiv:2102.11535; VITA-Group/TENAS:lib/procedures/linear_region_counter.py:110-231",
    applies_to="Networks of ReLUs that take images of 3x3 pixels, and are thin.",
    layers="activations of shape (N, C, H, W)",
    reduction="number of distinct codes of images",
    version=1,
)
def linear_regions(probe: Probe) -> Tensor:
    """S = number of distinct activation codes of 1,000 images of N(0, 1), 3x3 pixels; Kaiming's weights, fan-in.

    Images with equal codes lie in one linear region of a network of ReLUs. Activations are those with 4 axes.
    """
    (found,) = probe[_PATTERNS]
    if found.distinct < found.images:
        return torch.tensor(float(found.distinct), dtype=torch.float64)
    raise Saturated(
        f"each of {found.images:,} images lies in a region of its own; thinner networks and images of one channel "
        "would share some"
    )
