"""Costs of many networks at once, and which of them lack a score."""

from __future__ import annotations

import pytest

import netlore as nl
from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.scoring.draws import FirstDraws
from netlore.scoring.kept import InMemory, rows_of
from netlore.scoring.missing import cost, costs, jobs, missing
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Settings
from netlore.space.architecture import Architecture
from netlore.space.design_space import SPACES
from netlore.space.named import named
from netlore.space.sampling import sample
from netlore.storage.score_table import Score
from tests.scoring.small import TINY


def test_costs_of_all_families_at_once_are_those_of_each(task: nl.Task) -> None:
    networks = [one for name in ("anynet", "nats-topology", "mnasnet") for one in sample(SPACES.get(name)(), 3)]
    wide = nl.architecture("resnet", {"d1": 1, "d2": 1, "d3": 1, "w1": 5000, "w2": 2, "w3": 4})
    mixed = [*networks[::2], *TINY, wide, named("baseline/resnet-20"), *networks[1::2]]
    assert costs(mixed, task).tolist() == [cost(one, task) for one in mixed]
    assert costs([], task).tolist() == []


def test_what_cannot_be_a_network_is_refused_as_if_it_were_alone(task: nl.Task) -> None:
    with pytest.raises(InvalidArchitecture):
        costs([*TINY, Architecture("resnet", (*TINY[0].items[:-1], ("w3", -1)))], task)
    deep = nl.architecture("resnet", {"d1": 4000, "d2": 1, "d3": 1, "w1": 4000, "w2": 4, "w3": 4})
    with pytest.raises(InvalidInput) as alone:
        cost(deep, task)
    with pytest.raises(InvalidInput) as among:
        costs([*TINY, deep], task)
    assert str(among.value) == str(alone.value)


def test_networks_that_lack_a_score_the_largest_first(task: nl.Task) -> None:
    networks, settings, kept = FirstDraws(TINY), Settings(task, resolve(("snip", "logdet"))), InMemory()
    by_size = sorted(range(3), key=lambda place: -cost(TINY[place], task))
    assert missing(networks, settings, kept).tolist() == by_size
    kept.add(rows_of(networks[0], settings.seed, {"snip": Score(1.0)}))
    kept.add(rows_of(networks[1], settings.seed, {"snip": Score(1.0), "logdet": Score(None, "error")}))
    places = missing(networks, settings, kept)
    assert places.tolist() == [place for place in by_size if place != 1], "a status is a score"
    wanted = {job.network.architecture: job.predictors for job in jobs(networks, places, settings, kept)}
    assert wanted == {TINY[0]: ("logdet",), TINY[2]: ("snip", "logdet")}
