"""The structure of a network is read from its plan alone, and its parts add up to the network."""

from __future__ import annotations

import pytest

import netlore as nl
from netlore.errors import NetloreError
from netlore.report.explorer.structure import Stage, structure
from netlore.space import named as catalogue
from netlore.space.architecture import Architecture
from netlore.space.complexity import complexity
from netlore.space.totals import NOTHING

SYNFLOW = nl.anynet_architecture((15, 16, 16), (8, 16, 64), (8, 16, 16), (1, 2, 1))


def total(stages: tuple[Stage, ...]) -> object:
    return sum((part.complexity.times(times) for stage in stages for part, times in stage.runs), NOTHING)


def test_an_anynet_has_a_stem_three_stages_and_a_head() -> None:
    stages = structure(SYNFLOW, 10, 32)
    assert [(stage.name, stage.blocks) for stage in stages] == [
        ("stem", 1),
        ("stage 1", 15),
        ("stage 2", 16),
        ("stage 3", 16),
        ("head", 1),
    ]
    assert [[times for _, times in stage.runs] for stage in stages[1:4]] == [[1, 14], [1, 15], [1, 15]]
    assert [(stage.runs[-1][0].width, stage.runs[-1][0].resolution) for stage in stages] == [
        (64, 32),
        (8, 32),
        (16, 16),
        (64, 8),
        (10, 8),
    ]


def test_a_block_lists_its_layers() -> None:
    """Stage 2: w = 16, b = 2, g = 16, so the inner width is 32 in 2 groups; it enters from 8 with stride 2."""
    first, rest = (part for part, _ in structure(SYNFLOW, 10, 32)[2].runs)
    assert first.layers == (
        ("branch", "convolution", 8, 32, 1, 1, 1),
        ("branch", "convolution", 32, 32, 3, 2, 2),
        ("branch", "convolution", 32, 16, 1, 1, 1),
        ("shortcut", "convolution", 8, 16, 1, 2, 1),
    )
    assert [layer[0] for layer in rest.layers] == ["branch"] * 3


def test_the_complexity_of_a_block_is_known_by_hand() -> None:
    """Stem: 27 * 64 weights and 128 of batch norm; 32 * 32 positions."""
    stem = structure(SYNFLOW, 10, 32)[0].runs[0][0].complexity
    assert (stem.flops, stem.params, stem.activations) == (27 * 64 * 1024, 27 * 64 + 128, 64 * 1024)


@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize("resolution", [32, 33])
def test_parts_add_up_to_the_network(name: str, resolution: int) -> None:
    architecture = catalogue.named(name)
    assert total(structure(architecture, 10, resolution)) == complexity(architecture, 10, resolution)


def test_equal_widths_in_all_stages_are_still_three_stages() -> None:
    alike = nl.anynet_architecture((1, 1, 1), (64, 64, 64), (8, 8, 8), (1, 1, 1))
    assert [stage.name for stage in structure(alike, 10, 32)] == ["stem", "stage 1", "stage 2", "stage 3", "head"]


def test_equal_blocks_of_different_networks_are_measured_once() -> None:
    other = nl.anynet_architecture((15, 3, 16), (8, 16, 64), (8, 16, 16), (1, 2, 1))
    first, second = (structure(one, 10, 32)[2].runs for one in (SYNFLOW, other))
    assert [times for _, times in second] == [1, 2]
    assert all(one is same for (one, _), (same, _) in zip(first, second, strict=True))


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(NetloreError, match="nowhere"):
        structure(Architecture("nowhere", (("d1", 1),)), 10, 32)
