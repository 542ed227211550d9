"""Every predictor against its oracle, a second definition that shares no code with it."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
import torch

import netlore as nl
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from tests.oracles import predictors as oracles
from tests.oracles.networks import BY_HAND, BY_HAND_VALUES, ZOO, Entry, batch, by_hand_batch
from tests.scoring.cases import ARCHITECTURES, BUILT_IN, NAMES, expected, images_and_labels, plan_of, size


def test_every_built_in_predictor_has_an_oracle() -> None:
    """One of `tests.oracles`, or one beside its tests: a module of this folder names its own in `ORACLES`."""
    assert all(callable(getattr(oracles, name)) for name in NAMES)
    beside = set[str]()
    for found in pkgutil.iter_modules([str(Path(__file__).parent)]):
        module = importlib.import_module(f"{__package__}.{found.name}")
        beside |= {*getattr(module, "ORACLES", ())}
    assert {*BUILT_IN} == {*NAMES} | beside


@pytest.mark.parametrize("entry", ZOO, ids=[entry[0] for entry in ZOO])
def test_equal_to_the_oracle_on_the_zoo(entry: Entry) -> None:
    _, build, shape, classes = entry
    network, (images, labels) = build(), batch(shape, classes, 4, seed=0)
    scores = nl.probe(network, images, labels, predictors=NAMES, dtype="float64")
    for name in NAMES:
        if (entry[0], name) == ("convolution_as_classifier", "grasp_limit"):
            assert scores[name].status == "degenerate"
            continue
        value = expected(name, network, images, labels)
        tolerance = 1e-9 * size(name, value, network, images, labels)
        assert float(scores[name]) == pytest.approx(value, rel=0, abs=tolerance), name


@pytest.mark.parametrize("name", NAMES)
def test_equal_to_the_value_worked_by_hand(name: str) -> None:
    scores = nl.probe(BY_HAND[1](), *by_hand_batch(), predictors=name, dtype="float64")
    assert float(scores[name]) == pytest.approx(BY_HAND_VALUES[name], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("architecture", [a for a in ARCHITECTURES if a.family != "anynet-printed"], ids=str)
def test_equal_to_the_oracle_on_netlores_own_networks(architecture: nl.Architecture) -> None:
    plan = plan_of(architecture)
    network, (images, labels) = build_plan(plan, seed=7), images_and_labels(n=3, resolution=5)
    of_module = nl.probe(network, images, labels, predictors=NAMES, dtype="float64")
    subject = PlanEngine(plan, 7, torch.device("cpu"))
    of_plan = examine(subject, images, labels, resolve(NAMES), torch.float64)
    for name in NAMES:
        value = expected(name, network, images, labels)
        tolerance = 1e-9 * size(name, value, network, images, labels)
        assert float(of_module[name]) == pytest.approx(value, rel=0, abs=tolerance), name
        assert float(of_plan[name]) == pytest.approx(value, rel=0, abs=tolerance), name
