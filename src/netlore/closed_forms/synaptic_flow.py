"""Synaptic flow without a network: what it comes to in the mean over initial weights.

Synaptic flow S is computed with absolute values of the weights, without batch norm, for an image of ones. All
signals are positive, so rectifiers do nothing; the sum of logits R is a sum over paths, each a product of weights
of different layers, and so is S = sum W dR/dW. Weights are independent, so the mean of a product is the product of
the means:

    E[S] = S of the network in which every weight of a layer is E|w|.

That is exact, whatever the widths. In such a network all channels of a signal are equal, so that one number for
each pixel stands for all of them: a convolution multiplies it by C_in / groups times E|w| for each tap that lies
within the image. A fold over the plan computes x and its derivative x' along all weights: y = G x and
y' = G x' + G x behind a layer of gain G; S is the last x'. ln S is below ln E[S], by about half its variance.

Without borders, as on a torus, all pixels are alike too, and a bottleneck block of width w, group width g and
inner width w b multiplies the signal by 1 + gamma. For weights of variance 2 / (k^2 C_out), whose mean absolute
value is a = sqrt(2 / pi) standard deviations, its three convolutions give

    gamma = w a sqrt(2 / (w b)) * 9 g a sqrt(2 / (9 w b)) * w b a sqrt(2 / w) = 3 (2 sqrt 2) a^3 g sqrt w,

where b cancels: ln S grows by d ln(1 + 4.31 g sqrt w) with each stage of d blocks, all else nearly constant.

Source: synaptic flow, Tanaka et al. 2020, arXiv:2006.05467. Its mean over initial weights is our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np

from netlore.analysis import Column, Floats
from netlore.arguments import Count, Shape, validated
from netlore.closed_forms.mean_flow import Fold, Signal, on_image, on_torus
from netlore.closed_forms.mean_weights import gain, rule_of
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.family import plan_of
from netlore.space.plan import Chain, Layer, Plan

Initialisation = Literal["normal", "kaiming", "uniform"]
Stages = Annotated[Floats, Shape("n", "stages")]
_PIECE = 256  # networks whose images are in memory together, 2 MB for each image of 32 x 32 pixels


@validated
def log_mean_synflow(
    architectures: Sequence[Architecture],
    num_classes: Count,
    resolution: Count = 32,
    channels: Count = 3,
    initialisation: Initialisation | None = None,
) -> Floats:
    """ln E[S] of n architectures, exactly, borders of images included; shape (n,).

    Args:
        architectures: Of families whose plans are linear for positive signals, such as AnyNet, ResNet and RegNetX.
        num_classes: Outputs of the classifier.
        resolution: Side of the square image of ones, in pixels, which has `channels` channels.
        initialisation: The rule of initial weights; None: the family's own. See `mean_weights`.

    Raises:
        InvalidInput: A network has layers that are not linear, such as gates, or is none of its family.

    >>> from netlore.space.named import named
    >>> log_mean_synflow([named("baseline/resnet-20")], num_classes=10).round(2).tolist()
    [56.5]
    """
    found = np.empty(len(architectures))
    places: dict[str, list[int]] = {}
    for place, one in enumerate(architectures):
        families.check(one)
        places.setdefault(one.family, []).append(place)
    for family, own in places.items():
        rows = [architectures[place].values for place in own]
        values = {name: np.asarray([row[name] for row in rows]) for name in rows[0]}
        found[own] = log_mean_of_values(family, values, num_classes, resolution, channels, initialisation)
    return found


def log_mean_of_values(
    family: str,
    values: Mapping[str, Any],
    num_classes: int,
    resolution: int = 32,
    channels: int = 3,
    initialisation: Initialisation | None = None,
) -> Floats:
    """`log_mean_synflow` of hyperparameter values that are known to be valid: arrays of shape (n,)."""
    count = len(next(iter(values.values())))
    found = np.empty(count)
    for start in range(0, count, _PIECE):
        piece = slice(start, start + _PIECE)
        plan = plan_of(family, {name: column[piece] for name, column in values.items()}, num_classes, channels)
        end = Fold(rule_of(plan, initialisation), on_image).run(plan, Signal.of_image(resolution))
        found[piece] = end.log_total()
    return found


def log_gain(plan: Plan, initialisation: Initialisation | None = None) -> Floats:
    """ln of how much a part multiplies the mean signal of a channel where images have no borders; shape (n,) of a
    plan of arrays, else (1,). Parts of a chain add up: it is what of ln E[S] belongs to stages.

    >>> from netlore.space.families.anynet import bottleneck_block
    >>> block = bottleneck_block(16, 16, inner=16, groups=2, stride=1)
    >>> np.expm1(log_gain(block)).round(3).tolist(), round(float(block_gain(16.0, 8.0)), 3)
    ([137.923], 137.923)
    """
    end = Fold(rule_of(plan, initialisation), on_torus).run(plan, Signal.of_image(1))
    return end.log_of_channel()


@validated
def block_gain(
    widths: float | Floats,
    group_widths: float | Floats,
    ratios: float | Floats = 1.0,
    initialisation: Initialisation = "normal",
) -> Any:
    """gamma: a bottleneck block of inner width b w multiplies the mean signal by 1 + gamma; arrays of one shape.

    With a = sqrt(2 / pi): 6 sqrt(2) a^3 g sqrt(w) = 4.31 g sqrt(w) for the paper's normal weights,
    6 sqrt(2) a^3 w sqrt(g b) for Kaiming's, (3 / 8) w sqrt(g b) for uniform ones.

    >>> [round(float(block_gain(16.0, 8.0, 4.0, rule)), 2) for rule in ("normal", "kaiming", "uniform")]
    [137.92, 390.1, 33.94]
    """
    rule = rule_of(Chain(()), initialisation)
    w, g, v = np.asarray(widths), np.asarray(group_widths), np.multiply(widths, ratios)
    convolutions: tuple[Any, ...] = (
        Layer("convolution", w, v),
        Layer("convolution", v, v, kernel=3, groups=v / g),
        Layer("convolution", v, w),
    )
    return np.prod([gain(one, rule) for one in convolutions], axis=0)


@validated
def synflow_form(depths: Stages, widths: Stages, group_widths: Stages) -> Column:
    """The closed form: sum over stages of d_i ln(1 + 4.31 g_i sqrt(w_i)), shape (n,), for the paper's weights.

    ln S is this plus what is nearly constant: it leaves out that first blocks project their input, that S counts
    layers, and that images have borders, all of which `log_mean_synflow` has.

    >>> found = synflow_form(np.array([[16.0] * 3]), np.array([[8.0, 16.0, 32.0]]), np.array([[8.0, 16.0, 32.0]]))
    >>> found.round(2).tolist()
    [269.99]
    """
    return np.asarray((depths * np.log1p(block_gain(widths, group_widths))).sum(axis=1))
