"""Counts of activation patterns against sets of rows and columns."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.errors import InvalidInput, Saturated
from netlore.scoring.kinds.patterns import Patterns, distinct_patterns
from netlore.scoring.kinds.view import View
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.predictors.swap import reg_swap
from tests.scoring.cases import images_and_labels, seeded
from tests.scoring.kinds.seen import found_by, twin
from tests.scoring.predictors.group import NETWORKS, batches_of, check_against, score


class Watch(torch.overrides.TorchFunctionMode):
    """Keeps which units of ReLUs are on, of those with 4 axes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function."""
        found = func(*args, **(kwargs or {}))
        if func in (torch.relu, F.relu, Tensor.relu, torch.relu_, Tensor.relu_) and found.ndim == 4:
            self.seen.append(found.flatten(1) > 0)
        return found


def codes(network: nn.Module, x: Tensor, view: View) -> list[list[list[bool]]]:
    """For each draw of the view, for each image, which units of ReLUs are on."""
    own = OwnPass(((x.double(), torch.zeros(len(x), dtype=torch.long)),), lambda: twin(network))
    found = []
    for draw in view.drawn(own):
        with torch.no_grad(), Watch() as watch:
            draw.network(draw.inputs)
        found.append(torch.cat(watch.seen, dim=1).tolist())
    return found


def swap(network: nn.Module, x: Tensor, *_: Tensor) -> float:
    """Mean over draws of the number of distinct columns."""
    draws = codes(network, x, View(initialisation="normal", draws=32, images=16))
    return sum(len(set(zip(*rows, strict=True))) for rows in draws) / len(draws)


def linear_regions(network: nn.Module, x: Tensor, *_: Tensor) -> float:
    """Number of distinct rows, as a sum of one over the number of equal ones."""
    (rows,) = codes(network, x, View("normal", "kaiming_fan_in", images=1000, resolution=3))
    same = [tuple(row) for row in rows]
    times = {row: same.count(row) for row in set(same)}
    return sum(1 / times[row] for row in same)


ORACLES = ("swap", "linear_regions")


@pytest.mark.parametrize("case", NETWORKS)
def test_swap_is_the_number_of_distinct_columns(case: str) -> None:
    check_against(swap, "swap", case, n=18)


def thin() -> nn.Module:
    """A network of one channel; without batch norm."""
    return seeded(
        lambda: nn.Sequential(
            nn.Conv2d(3, 1, 3, padding=1), nn.ReLU(), nn.Conv2d(1, 1, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
            nn.Flatten(), nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 4),
        )
    )  # fmt: skip


def test_linear_regions_is_the_number_of_distinct_rows() -> None:
    batches = batches_of(6)
    expected = linear_regions(thin(), *batches[0])
    assert 1 < expected < 1000
    assert float(score("linear_regions", thin(), batches)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("case", ["with batch norm", "anynet"])
def test_linear_regions_says_when_all_are_distinct(case: str) -> None:
    build, resolution = NETWORKS[case]
    batches = batches_of(resolution)
    assert linear_regions(build(), *batches[0]) == 1000
    found = score("linear_regions", build(), batches)
    assert found.status == "saturated" and found.reason.startswith(
        "each of 1,000 images lies in a region of its own"
    )


def test_networks_that_take_no_such_images_are_degenerate() -> None:
    build, resolution = NETWORKS["without"]
    found = score("linear_regions", build(), batches_of(resolution))
    assert found.status == "degenerate" and found.reason.startswith(
        "the network does not compute with 1,000 images of N(0, 1) of 3x3 pixels: "
    )
    flat = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(108, 4), nn.ReLU(), nn.Linear(4, 4)))
    assert score("swap", flat, batches_of(6, 16)).reason == (
        "the network has no activations of shape (N, C, H, W) with codes"
    )


def test_swap_says_when_it_cannot_tell_networks_apart() -> None:
    batches = batches_of(6, 16)
    few = seeded(lambda: nn.Sequential(nn.Conv2d(3, 2, 5), nn.ReLU(), nn.Flatten(), nn.Linear(8, 4)))
    assert score("swap", few, batches).reason == (
        "each of 8 units has a pattern of its own, so S is their number; give larger images"
    )
    assert "16 images, and the batch has 5" in score("swap", few, batches_of(6, 5)).reason


def test_swap_says_when_all_patterns_are_there() -> None:
    (kind,) = PREDICTORS.get("swap").needs
    everything = {kind: [Patterns(distinct=2**16, units=70_000, images=16)] * 32}
    with pytest.raises(Saturated, match="the units show all 65,536 patterns that there are; give smaller images"):
        PREDICTORS.get("swap").compute(everything)


@pytest.mark.parametrize("images", [3, 25, 62])
def test_patterns_of_units_for_any_number_of_images(images: int) -> None:
    batch = images_and_labels(n=images, resolution=6)
    view = View(initialisation="normal", draws=2)
    found = found_by(distinct_patterns("units", view), thin(), batch)
    rows = codes(thin(), batch[0], view)
    assert [one.distinct for one in found] == [len(set(zip(*draw, strict=True))) for draw in rows]
    assert {(one.units, one.images) for one in found} == {(72, images)}
    with pytest.raises(InvalidInput, match="up to 62 images, not 63"):
        found_by(distinct_patterns("units"), thin(), images_and_labels(n=63, resolution=6))


def test_reg_swap_prefers_a_number_of_parameters() -> None:
    build, resolution = NETWORKS["with batch norm"]
    batches = batches_of(resolution, 16)
    network = build()
    network.get_submodule("0").auxiliary_head = nn.Linear(100, 100)
    thousands = sum(one.numel() for one in build().parameters()) / 1000
    made = reg_swap(0.25, 2.0)
    assert made.name == "reg_swap(mu=0.25, sigma=2)"
    expected = float(score("swap", network, batches)) * math.exp(-((thousands - 0.25) ** 2) / 2.0)
    assert float(score(made, network, batches)) == pytest.approx(expected, rel=1e-9)
    with pytest.raises(InvalidInput, match="sigma positive"):
        reg_swap(1.0, 0.0)
