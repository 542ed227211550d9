"""Every module of the zoo against its definitions, and against what the page says of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import pytest

import netlore as nl
from netlore.errors import InvalidInput, NetloreError
from netlore.scoring.inputs import mapped
from tests.scoring.cases import nothing_changes
from tests.zoo.cases import Case
from tests.zoo.catalogue import PARTS, cases, missing
from tests.zoo.scores import PREDICTORS, judged
from tests.zoo.table import recorded

_recorded = cache(recorded)
_UNREADABLE = ("lazy layers", "on the meta device", "quantised")  # their tensors have no values to compare


def _all() -> Iterator[Any]:
    for part in PARTS:
        if library := missing(part):
            yield pytest.param(None, marks=pytest.mark.skip(f"{library} is not installed"), id=part)
        else:
            yield from (pytest.param(case, id=case.name) for case in cases(part))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Other libraries warn of what they will change."""
    with warnings.catch_warnings(action="ignore"):
        yield


@pytest.mark.parametrize("case", list(_all()))
def test_scores_equal_their_definitions_or_are_refused_as_the_page_says(case: Case) -> None:
    found = judged(case)
    assert "!" not in [mark for mark, _ in found.values()]
    assert found == _recorded()[case.name]


@pytest.mark.parametrize("case", [one for one in _all() if one.id not in _UNREADABLE])
def test_modules_are_as_they_were_also_after_errors(case: Case) -> None:
    network, (inputs, targets) = case.network(), case.batch

    def interrupt(_: Any) -> Any:
        raise KeyboardInterrupt

    def fail(_: Any) -> Any:
        raise ArithmeticError

    with nothing_changes(network), suppress(NetloreError):
        nl.probe(network, inputs, targets, PREDICTORS, loss=case.loss, output=case.output)
    for name in ("synflow", "grasp"):
        with nothing_changes(network), suppress(KeyboardInterrupt, NetloreError):
            nl.probe(network, inputs, targets, name, loss=case.loss, output=interrupt)
    with nothing_changes(network), suppress(NetloreError):
        nl.probe(network, inputs, targets, PREDICTORS, loss=case.loss, output=fail)


@pytest.mark.parametrize("case", [one for one in _all() if one.id not in _UNREADABLE])
def test_scores_alone_are_those_in_company_bit_for_bit(case: Case) -> None:
    network, (inputs, targets) = case.network().float(), case.batch
    inputs = mapped(inputs, lambda one: one.float() if one.is_floating_point() else one)
    targets = targets.float() if targets.is_floating_point() else targets

    def found(names: Any) -> dict[str, nl.Score]:
        return nl.probe(network, inputs, targets, names, "float32", loss=case.loss, output=case.output)

    try:
        together = found(PREDICTORS)
    except InvalidInput:  # which other tests are about
        return
    for name, one in together.items():
        alone = found(name)[name]
        assert (alone.value, alone.status) == (one.value, one.status), name


def test_the_page_has_a_row_for_every_module_and_no_other() -> None:
    if any(map(missing, PARTS)):
        pytest.skip("a library is not installed")
    names = [case.name for part in PARTS for case in cases(part)]
    assert len(set(names)) == len(names) >= 60
    assert list(_recorded()) == names
