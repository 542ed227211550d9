"""The registry of methods: what is said of each is true of it, and an option that it lacks is refused."""

from __future__ import annotations

import numpy as np
import pytest

import netlore as nl
from netlore.analysis.elite_scores import elite
from netlore.errors import InvalidInput, UnknownName
from netlore.refinement.elites import scaled
from netlore.refinement.loop import SearchSettings
from netlore.refinement.methods import METHODS, PAPER
from netlore.refinement.refine import run_method
from netlore.refinement.result import StopReason
from tests.refinement.cases import SPACE
from tests.refinement.landscape import SYNFLOW, Landscape, finished, settings


@pytest.mark.parametrize("name", METHODS.names())
def test_an_entry_is_registered_under_its_name_and_says_what_it_is(name: str) -> None:
    method = METHODS.get(name)
    assert method.name == name and method.label and method.summary.endswith(".")
    assert method.networks >= 1 and (method.rounds is None) == (not method.settles)
    assert all(sentence.endswith(".") for sentence in method.stop_reasons.values())
    assert method.why_stopped("unfinished").startswith("It was interrupted")


@pytest.mark.parametrize("name", METHODS.names())
def test_whether_it_has_elites_and_settles_is_true(name: str) -> None:
    method = METHODS.get(name)
    found = finished(method.search(settings(networks=40, limit=60)), Landscape(0.5))
    assert bool(found.elites) == method.has_elites
    assert (found.stopped_because != StopReason.ROUND_LIMIT) == method.settles
    if method.settles:
        assert found.stopped_because in method.stop_reasons


@pytest.mark.parametrize("name", ["random", "evolution"])
def test_the_elites_of_a_run_are_the_same_for_every_reader(name: str) -> None:
    found = finished(METHODS.get(name).search(settings(networks=20, limit=5)), Landscape(0.5))
    scores = [pair for one in found.rounds for pair in scaled(one.table, SYNFLOW)]
    ids, values = zip(*((architecture.id, value) for architecture, value in scores), strict=True)
    assert elite(np.asarray(values), ids) == tuple(one.id for one in found.elites)


def test_reasons_have_sentences_of_the_method_before_those_of_the_loop() -> None:
    assert METHODS.get("random").why_stopped("round limit") == "As many rounds were asked for."
    assert PAPER.why_stopped("round limit") == "The limit of rounds was reached."
    assert PAPER.why_stopped("tired") == "It ended: tired."


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownName, match="method 'grid' is not known; choose one of evolution, memory"):
        METHODS.get("grid")
    task = nl.task("noise", batch_size=2)
    with pytest.raises(InvalidInput, match="the method random has no option bootstrap; its options: none"):
        run_method(METHODS.get("random"), SearchSettings(SPACE, SYNFLOW, options={"bootstrap": None}), task)
