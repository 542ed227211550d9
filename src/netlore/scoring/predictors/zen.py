"""Zen-score: how far images that change a little move the features."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.perturbation import Perturbed, perturbed
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

ZEN = "Lin et al. 2021, arXiv:2102.01063; ZenNAS:ZeroShotProxy/compute_zen_score.py:15-78"
PLAIN = (
    "Networks that end in global pooling behind convolutions with batch norm, without other norms or "
    "squeeze-and-excitation; with shortcuts its author calls it not theoretically meaningful."
)
MOVED = perturbed(View(inputs="normal", initialisation="normal", images=16))


@predictor(
    "zen",
    needs=MOVED,
    source=ZEN,
    applies_to=PLAIN,
    transform="identity",
    layers="features before global pooling; batch norms",
    reduction="logarithm of the mean over images of sums of absolute differences, and of batch norms' deviations",
    version=1,
)
def zen(probe: Probe) -> Tensor:
    """S = ln mean_n sum |f(x_n) - f(x_n + 0.01 x'_n)| + sum over batch norms of ln sqrt(mean_c v_c).

    f are the features (C, H, W) before global pooling; x and x' from N(0, 1), as all weights are; v_c is the
    variance of channel c that the batch norm finds for x and divides by. `zen_as_coded` takes kept variances in
    its place.
    """
    (moved,) = probe[MOVED]
    # The first half of a batch norm's calls is for x.
    return score(moved, [v.mean() for calls in moved.variances for v, _ in calls[: len(calls) // 2]])


def score(moved: Perturbed, variances: Iterable[Tensor]) -> Tensor:
    """The logarithm of the distance, and of the square roots of variances that batch norms took out."""
    distance = moved.distances.mean()
    scales = torch.stack(list(variances))
    if distance == 0:
        raise Degenerate("the features do not depend on the images")
    if bool((scales == 0).any()):
        raise Degenerate("a batch norm is given the same numbers for all images and positions")
    return distance.log() + 0.5 * scales.log().sum()
