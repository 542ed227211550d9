"""What a sweep would keep, and how many blocks run forward again to stay below the limit."""

from __future__ import annotations

import pytest
import torch

import netlore as nl
from netlore.executors.allocator import share_of_memory
from netlore.scoring.evidence import Evidence
from netlore.scoring.planned.sweep import TEMPORARIES, PlannedPass, excess, kept_bytes, largest_output
from netlore.scoring.planned.units.signals import Residual
from tests.scoring.cases import SWEPT, images_and_labels, plan_of, set_kept_bytes

PLAN = plan_of(nl.named("baseline/resnet-20"), 10)
IMAGES, LABELS = images_and_labels(2, 32, classes=10)
# Of one image, by hand: 16 channels at 32 x 32 are the most, and Table II has 200,714 activations.
LARGEST, ACTIVATIONS = 16 * 32 * 32, 200_714


def test_the_largest_output_is_counted_in_bytes_for_all_images() -> None:
    assert largest_output(PLAN, IMAGES, torch.float32) == 2 * LARGEST * 4
    assert largest_output(PLAN, IMAGES, torch.float64) == 2 * LARGEST * 8


@pytest.mark.parametrize(("needs", "copies"), [(Evidence.LOSS_GRADIENT, 1), (Evidence.CURVATURE, 2)])
def test_what_is_kept_beyond_the_limit(monkeypatch: pytest.MonkeyPatch, needs: Evidence, copies: int) -> None:
    kept = 2 * 4 * (copies * ACTIVATIONS + TEMPORARIES * LARGEST)
    set_kept_bytes(monkeypatch, kept)
    assert excess(PLAN, IMAGES, needs) == 0
    set_kept_bytes(monkeypatch, kept - 100)
    assert excess(PLAN, IMAGES, needs) == 100


def test_without_a_backward_sweep_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    set_kept_bytes(monkeypatch, 0)
    assert excess(PLAN, IMAGES, Evidence.ACTIVATION_KERNEL) == 0


def test_a_sweep_may_keep_two_fifths_of_the_share_of_its_process() -> None:
    assert 720_000_000 <= kept_bytes() == pytest.approx(0.4 * share_of_memory())


def recomputing(passes: PlannedPass) -> list[bool]:
    """Which residual blocks will run forward again, in order, after a forward sweep."""
    _ = passes._logits
    return [unit._x is not None for unit in passes._units if isinstance(unit, Residual)]


# A block has two convolutions, a projection is a third: of 2 images in float32 with a tangent, the first three
# blocks keep 2 * 2 * 16 * 1024 values each.
FIRST = 2 * 4 * 2 * 2 * LARGEST


@pytest.mark.parametrize(("beyond", "blocks"), [(0, 0), (1, 1), (FIRST, 1), (FIRST + 1, 2), (10**9, 9)])
def test_as_many_of_the_first_blocks_recompute_as_it_takes(
    monkeypatch: pytest.MonkeyPatch, beyond: int, blocks: int
) -> None:
    set_kept_bytes(monkeypatch, 0)
    needed = excess(PLAN, IMAGES, SWEPT)
    set_kept_bytes(monkeypatch, needed - beyond)
    passes = PlannedPass(PLAN, 0, IMAGES, LABELS, SWEPT)
    assert recomputing(passes) == [True] * blocks + [False] * (9 - blocks)


def test_some_recomputing_blocks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for limit in (10**12, None, 0):
        set_kept_bytes(monkeypatch, 0)
        some = excess(PLAN, IMAGES, SWEPT) - FIRST - 1
        set_kept_bytes(monkeypatch, some if limit is None else limit)
        passes = PlannedPass(PLAN, 0, IMAGES, LABELS, SWEPT)
        found.append(
            (passes[Evidence.CURVATURE], passes[Evidence.INPUT_JACOBIAN], passes[Evidence.ACTIVATION_KERNEL])
        )
    for other in found[1:]:
        assert all(torch.equal(one, two) for one, two in zip(found[0], other, strict=True))
