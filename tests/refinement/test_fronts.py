"""The front of refinements, and the search for it, against every network of a small space."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import netlore as nl
from netlore.analysis.pareto import hypervolume, pareto_front
from netlore.errors import InvalidInput
from netlore.refinement.baselines import RandomSearch
from netlore.refinement.nsga2 import Nsga2
from netlore.scoring.draws import numbered
from tests.refinement.cases import SPACE
from tests.refinement.landscape import Landscape, finished, settings


def dominated(found: list[tuple[float, int]]) -> list[bool]:
    return [any(s >= a and c <= b and (s, c) != (a, b) for s, c in found) for a, b in found]


def test_the_front_of_a_refinement_is_what_none_of_its_networks_dominates() -> None:
    task = nl.task("noise", batch_size=4)
    found = nl.random_search(SPACE, "params", task, networks=40, round_limit=1)
    # Parameters against FLOPs: both rise together, but not always.
    front, frame = nl.front(found), found.rounds[0].frame
    pairs = list(zip(frame["params"].astype(float), frame["flops"], strict=True))
    kept = [one for one, lost in zip(frame["architecture"], dominated(pairs), strict=True) if not lost]
    assert sorted(front["architecture"]) == sorted(kept)
    assert front["flops"].is_monotonic_increasing and front["score"].is_monotonic_increasing
    with pytest.raises(InvalidInput, match="measure 'watts' is not known"):
        nl.front(found, "watts")


def test_finalists_lie_on_the_front_of_score_against_depth() -> None:
    refined = nl.random_search(SPACE, "synflow", nl.task("noise", batch_size=4), networks=40, round_limit=1)
    scores = {row.architecture: float(row.score) for row in refined.rounds[0].table.rows}
    depths = {
        one: nl.complexity(one, SPACE.num_classes, SPACE.resolution, measures=("longest_path",)).others[
            "longest_path"
        ]
        for one in scores
    }
    found = nl.finalists(refined, 100)
    best: dict[int, nl.Architecture] = {}
    for one in sorted(scores, key=lambda one: -scores[one]):
        best.setdefault(depths[one], one)
    front = [
        one for depth, one in sorted(best.items()) if all(scores[one] > scores[best[d]] for d in best if d < depth)
    ]
    assert found == front and len(found) > 3
    some = nl.finalists(refined, 3)
    assert len(some) == 3 and (some[0], some[-1]) == (found[0], found[-1]) and some[1] in found
    assert nl.finalists(refined, 1) == [max(scores, key=scores.get)]
    depth_of_front = nl.front(refined, "longest_path")
    assert [*depth_of_front["architecture"]] == [one.id for one in front]
    with pytest.raises(InvalidInput, match="number"):
        nl.finalists(refined, 0)


def test_nsga2_comes_nearer_to_the_front_than_chance() -> None:
    volumes = {}
    for kind in (Nsga2, RandomSearch):
        options = {"cost": "params"} if kind is Nsga2 else {}
        found = finished(kind(settings(networks=40, limit=8, **options)), Landscape())
        rows = [row for one in found.rounds for row in one.table.rows]
        assert len(rows) == 320, "every network is new, and one of the space"
        assert len({row.architecture for row in rows}) == 320
        scores = np.log([float(row.score) for row in rows])
        costs = np.asarray([nl.complexity(row.architecture, 10).params for row in rows], dtype=np.float64)
        volumes[kind] = hypervolume(scores, costs, 0.0, 1e6)
        if kind is Nsga2:
            place = pareto_front(scores, costs)
            assert [one.id for one in reversed(found.elites)] == [rows[i].architecture.id for i in place]
    assert volumes[Nsga2] > 1.1 * volumes[RandomSearch]


def test_a_front_that_no_longer_moves_is_a_plateau() -> None:
    found = finished(Nsga2(settings(SPACE, networks=12)), Landscape())
    assert found.stopped_because in ("plateau", "exhausted") and len(found.rounds) < 60


def test_a_search_by_another_version_of_optuna_is_not_gone_on_with() -> None:
    found = finished(Nsga2(settings(SPACE, networks=10, limit=3)), Landscape())
    other = finished(Nsga2(settings(SPACE, seed=1, networks=10, limit=3)), Landscape())
    search = Nsga2(settings(SPACE, networks=10, limit=4))
    search.tell(found.rounds[0].table)
    with pytest.raises(InvalidInput, match="round 2 of this search holds other networks"):
        search.tell(other.rounds[1].table)


def test_costs_below_one_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def milliseconds(found: list[nl.Architecture], space: nl.DesignSpace) -> dict[str, float]:
        return {"latency": nl.complexity(found[0], 10).params / 1e7}

    monkeypatch.setattr("netlore.refinement.nsga2.costs_of", milliseconds)
    search = Nsga2(settings(SPACE, networks=12, limit=1, cost="latency"))
    monkeypatch.setattr("netlore.refinement.nsga2.ranges", lambda elites, space: {})
    asked = search.ask(1)
    search.tell(Landscape()(1, numbered(asked, Counter())))
    costs = [nl.complexity(one, 10).params for one in search.elites()]
    assert len(costs) > 1 and costs == sorted(costs, reverse=True)


def test_a_measure_that_the_space_lacks_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no measure 'watts'; choose one of flops"):
        finished(Nsga2(settings(SPACE, networks=4, cost="watts")), Landscape())
