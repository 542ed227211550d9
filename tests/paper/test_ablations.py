"""paper/ablate_memory.py and the table made of its rows: each variant lacks what it says it lacks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from paper.repeatability import WHOLE, ablation_table

import netlore as nl
from netlore.errors import InvalidInput
from paper import ablate_memory as script
from tests.refinement.landscape import SYNFLOW, WIDE, Landscape, finished, settings


@pytest.mark.parametrize("name", list(script.VARIANTS))
def test_every_variant_runs_and_begins_with_the_same_networks(name: str) -> None:
    found = finished(script.VARIANTS[name].search(settings(networks=40, limit=3)), Landscape(0.5))
    usual = finished(script.VARIANTS[WHOLE].search(settings(networks=40, limit=1)), Landscape(0.5))
    assert len(found.rounds) == 3
    assert found.rounds[0].frame.equals(usual.rounds[0].frame)


def test_without_memory_the_elites_are_those_of_the_last_round() -> None:
    search = script.Forgetful(settings(networks=40, limit=3))
    found = finished(search, Landscape(0.5))
    assert set(search.memory.scores) == {row.architecture for row in found.rounds[-1].table.rows}


def test_a_widened_box_is_one_step_wider_where_elites_crowd() -> None:
    search = script.Widened(settings(networks=40, limit=2))
    finished(search, Landscape(0.5))
    elites = search.elites()
    before = search.space
    search.ask(3)
    for name, grid in WIDE.grids.items():
        places = [grid.index(one.values[name]) for one in elites]
        old, new = before.grids[name], search.space.grids[name]
        crowded = [np.mean(np.asarray(places) == end) > 0.25 for end in (min(places), max(places))]
        assert grid.index(old[0]) - grid.index(new[0]) == (crowded[0] and min(places) > 0)
        assert grid.index(new[-1]) - grid.index(old[-1]) == (crowded[1] and max(places) < len(grid) - 1)


def test_pairs_of_the_box_are_pairs_of_elites() -> None:
    search = script.Paired(settings(networks=60, limit=3))
    finished(search, Landscape(0.5))
    drawn = search._in_the_box(4, 30)
    assert drawn
    for stage in (1, 2, 3):
        pairs = {(one.values[f"w{stage}"], one.values[f"g{stage}"]) for one in search.elites()}
        assert {(one.values[f"w{stage}"], one.values[f"g{stage}"]) for one in drawn} <= pairs


def test_a_row_has_the_result_of_a_search() -> None:
    task = nl.task("noise", batch_size=4)
    space = nl.anynet(flops=(1e6, 3.5e6)).restrict({f"d{stage}": (1, 2) for stage in (1, 2, 3)})
    search = script.VARIANTS[WHOLE].search(settings(space, networks=8, limit=2))
    row = script.result(search, task, 1)
    assert row["rounds"] == 2 and row["stopped"] == "round limit" and row["networks"] >= 16
    best = search.elites()
    again = [
        nl.score(best, SYNFLOW, task, seed=script.FRESH_SEED + draw).wide["synflow"]
        for draw in range(script.FRESH)
    ]
    assert row["fresh"] == pytest.approx(float(np.mean(np.log(again))))
    assert row["low_d1"] == min(one.values["d1"] for one in best)


def rows_of(
    variant: str, d1: list[tuple[int, int, int]], own: float, fresh: list[float]
) -> list[dict[str, object]]:
    """Rows of one variant whose intervals are whole grids, but for d1."""
    made: list[dict[str, object]] = []
    for seed, (ends, score) in enumerate(zip(d1, fresh, strict=True)):
        row: dict[str, object] = {"variant": variant, "seed": seed, "networks": 100 + seed, "own": own}
        row |= {"fresh": score, "noise": 0.5}
        for name, grid in WIDE.grids.items():
            low, middle, high = ends if name == "d1" else (grid[0], grid[0], grid[-1])
            row |= {f"low_{name}": low, f"middle_{name}": middle, f"high_{name}": high}
        made.append(row)
    return made


def test_the_table_has_the_measures_of_each_variant(tmp_path: Path) -> None:
    path = tmp_path / "synflow-cifar10.csv"
    rows = rows_of("other", [(1, 1, 1), (2, 2, 2)], 10.0, [9.0, 8.0])
    rows += rows_of(WHOLE, [(1, 2, 4), (1, 3, 4)], 10.0, [10.0, 9.5])
    pd.DataFrame(rows).to_csv(path, index=False)
    frame = ablation_table(path).frame.set_index("Variant")
    assert list(frame.index) == [WHOLE, "other"]
    assert frame.loc["other", "Selection bias, noise units"] == pytest.approx((1 + 2) / 2 / 0.5)
    assert frame.loc[WHOLE, "Containment"] == 1 and frame.loc["other", "Containment"] == pytest.approx(11 / 12)
    assert frame.loc["other", "Jaccard"] == pytest.approx(11 / 12)
    assert frame.loc[WHOLE, "Interval width"] == pytest.approx((11 + 4 / 16) / 12)
    assert frame.loc["other", "Lowest rescored elite score"] == 8.0


def test_a_table_without_the_whole_method_is_refused(tmp_path: Path) -> None:
    pd.DataFrame(rows_of("other", [(1, 1, 1)], 1.0, [1.0])).to_csv(tmp_path / "a-b.csv", index=False)
    with pytest.raises(InvalidInput, match="has no row 'as it is'"):
        ablation_table(tmp_path / "a-b.csv")
