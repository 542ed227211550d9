"""The highest sum over stages, against enumeration of everything and against numbers that others found."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.refinement.searches.formulas import SUMMANDS, formula, heights, highest, optima, synflow_stage
from netlore.space.sampling import everything

NARROW = {"d1": (3, 5), "d2": (7, 10), "d3": (8, 9), "w1": (8, 16), "w2": (16, 32), "w3": (16, 32)}
NARROW |= {f"g{i}": (4, 16) for i in (1, 2, 3)} | {"b1": (1, 1), "b2": (1, 1), "b3": (1, 2)}


@pytest.mark.parametrize("name", SUMMANDS)
@pytest.mark.parametrize("flops", [(1e6, 14e6), (14e6, 14.5e6), (15e6, 60e6)])
def test_it_is_the_highest_of_all_networks_of_a_small_space(name: str, flops: tuple[float, float]) -> None:
    space = nl.anynet(flops=flops).restrict(NARROW)
    inside = space.architectures(everything(space))
    assert 10 < len(inside) < 8_000
    found = [highest(space, one) for one in SUMMANDS[name][1]]
    heights_inside = heights(name, space, inside)
    height = max(one for one, _ in found)
    assert height == pytest.approx(heights_inside.max())
    tied = {each for one, several in found if one == height for each in several}
    assert tied == {inside[i] for i in np.flatnonzero(heights_inside > heights_inside.max() - 1e-7)}


def test_the_closed_form_in_the_papers_space_has_the_optimum_that_was_found_by_enumeration() -> None:
    # d 16,16,16; w 8,16,32; g 8,16,32 by a loop over all 720^3 combinations with b = 1, in other code.
    found, tied = highest(nl.anynet(flops=(10e6, 50e6)), synflow_stage)
    gain = 6 * 2**0.5 * (2 / np.pi) ** 1.5
    by_hand = 4.8 + sum(16 * np.log(1 + gain * g * np.sqrt(w)) for w, g in ((8, 8), (16, 16), (32, 32)))
    assert found == pytest.approx(by_hand) == pytest.approx(274.79, abs=0.01)
    assert formula("closed_form").optimum == found and optima("closed_form") == tied
    assert {str(one).partition("; b")[0] for one in tied} == {"d 16,16,16; w 8,16,32; g 8,16,32"}
    half = 4.8 + sum(16 * np.log(1 + gain * g * np.sqrt(w)) for w, g in ((4, 4), (16, 8), (32, 32)))
    assert highest(nl.anynet(flops=(5e6, 25e6)), synflow_stage)[0] == pytest.approx(half)


def test_without_a_budget_everything_is_at_its_end() -> None:
    ends = {"d": np.array([16]), "w": np.array([512]), "g": np.array([32])}
    assert highest(nl.anynet(), synflow_stage)[0] == pytest.approx(
        sum(float(synflow_stage(stage, ends)[0]) for stage in range(3))
    )


def test_an_interaction_of_depths_has_no_main_effect_and_no_effect_of_pairs() -> None:
    space = nl.anynet()
    rest = {
        **{f"w{i}": 8 for i in (1, 2, 3)},
        **{f"g{i}": 8 for i in (1, 2, 3)},
        **{f"b{i}": 1 for i in (1, 2, 3)},
    }
    depths = [*product((2, 12), repeat=3)]
    rows = [{f"d{i}": d for i, d in enumerate(one, 1)} | rest for one in depths]
    values = {name: np.asarray([row[name] for row in rows]) for name in space.hyperparameters}
    networks = space.architectures(values)
    extra = heights("interaction", space, networks) - heights("closed_form", space, networks)
    signs = np.sign(np.asarray(depths) - 8)
    assert extra == pytest.approx(-25 * signs.prod(axis=1))
    for i, j in product(range(3), repeat=2):
        assert extra @ signs[:, i] == pytest.approx(0) and extra @ (signs[:, i] * signs[:, j]) == pytest.approx(0)


def test_permuted_grids_have_the_same_values_in_another_order() -> None:
    def curve(name: str, letter: str, grid: tuple[int, ...]) -> np.ndarray:
        space = nl.anynet()
        base = {"d": 4, "w": 32, "g": 32, "b": 1}
        rows = [
            {f"{k}{i}": (one if (k, i) == (letter, 2) else v) for k, v in base.items() for i in (1, 2, 3)}
            for one in grid
        ]
        values = {n: np.asarray([row[n] for row in rows]) for n in space.hyperparameters}
        return heights(name, space, space.architectures(values))

    depths = tuple(range(1, 17))
    plain, permuted = curve("closed_form", "d", depths), curve("permuted", "d", depths)
    assert (np.diff(plain) > 0).all() and not (np.diff(permuted) > 0).all()
    steps = [np.diff(np.sort(one)) for one in (plain, permuted)]
    assert np.ptp(steps[0]) == pytest.approx(0, abs=1e-9) and np.ptp(steps[1]) == pytest.approx(0, abs=1e-9)


def test_two_peaks_are_two() -> None:
    landscape = formula("two_peaks")
    broad, narrow = (highest(landscape.space, one)[0] for one in SUMMANDS["two_peaks"][1])
    assert landscape.optimum == narrow > broad + 5


def test_what_is_empty_or_unknown_is_refused() -> None:
    assert highest(nl.anynet(flops=(1, 2)), synflow_stage) == (-np.inf, [])
    with pytest.raises(InvalidInput, match="widen the budget"):
        formula("closed_form", flops=(1, 2))
    with pytest.raises(InvalidInput, match="landscape 'flat' is not known; choose one of closed_form"):
        formula("flat")
    with pytest.raises(InvalidInput, match=r"noise = -1 is no standard deviation"):
        formula("closed_form", noise=-1)
