"""Zen-score with the variances that batch norms keep, as its code has it."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.zen import MOVED, PLAIN, ZEN, score
from netlore.scoring.probe import Probe

_MOMENTUM = 0.1


@predictor(
    "zen_as_coded",
    needs=MOVED,
    source=ZEN,
    applies_to=PLAIN,
    transform="identity",
    layers="features before global pooling; batch norms",
    reduction="logarithm of the mean over images of sums of absolute differences, and of batch norms' deviations",
    version=1,
)
def zen_as_coded(probe: Probe) -> Tensor:
    """S = ln mean_n sum |f(x_n) - f(x_n + 0.01 x'_n)| + sum over batch norms of ln sqrt(mean_c r_c).

    r_c is the running variance after one pair of forward passes, x first, from 1 on: each call takes it to 0.9
    r_c + 0.1 v_c, v_c unbiased. Everything else is as in `zen`. In the published code each further repetition
    goes on with the r_c of the one before.
    """
    (moved,) = probe[MOVED]
    running = []
    for calls in moved.variances:
        kept = moved.distances.new_ones(len(calls[0][0]))
        for variances, count in calls:
            kept = (1 - _MOMENTUM) * kept + _MOMENTUM * variances * count / (count - 1)
        running.append(kept.mean())
    return score(moved, running)
