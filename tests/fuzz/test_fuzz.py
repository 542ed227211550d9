"""Bad input: exit code 0, 2 or 3, or an error at the first line; never a traceback, never a hang."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import netlore as nl
from netlore.errors import InvalidInput
from netlore.scoring.predictor import resolve
from netlore.space.budget import number, short
from netlore.space.named import parse
from tests.fuzz import cases
from tests.fuzz.case import Case, Result, call, command, tried
from tests.fuzz.room import Room, furnished

PARTS, CASES = 10, 500


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return furnished(tmp_path_factory.mktemp("fuzz") / "room")


def bad(numbers: range, room: Room) -> list[str]:
    """What should not have come of cases."""
    found = []
    for one in numbers:
        case = cases.numbered(one, 0, room)
        result = tried(case)
        if not result.good:
            found.append(f"{one}: {case.said}: {result.outcome}: {result.detail}")
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(PARTS))
def test_bad_input_is_refused_in_one_line(part: int, room: Room) -> None:
    size = CASES // PARTS
    assert bad(range(part * size, (part + 1) * size), room) == []


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.filterwarnings("ignore")
def test_ten_thousand_cases(room: Room) -> None:
    assert bad(range(CASES, 10_000), room) == []


def test_a_case_is_what_its_number_says(room: Room) -> None:
    assert [cases.numbered(one, 0, room).said for one in range(50)] == [
        cases.numbered(one, 0, room).said for one in range(50)
    ]
    assert {cases.numbered(one, 0, room).kind for one in range(300)} >= {"arguments", "options", "runs", "data"}


def _raise(error: BaseException) -> tuple[str, str]:
    raise error


def test_what_must_not_happen_is_seen(room: Room) -> None:
    def deep() -> None:
        def inner() -> None:
            len(3)  # type: ignore[arg-type]

        inner()

    def wait() -> tuple[str, str]:
        while True:
            pass

    assert tried(Case("x", "", lambda: _raise(KeyError("x")))).outcome == "traceback"
    assert tried(Case("x", "", wait), limit=0.2).outcome == "hang"
    assert call(deep)[0] == "deep"
    assert call(_raise, InvalidInput("two\nlines"))[0] == "not one line"
    assert call(nl.recipe, 3)[0] == "refused" and call(nl.recipe, "smoke")[0] == "accepted"
    assert command("show", "no such network")[0] == "refused"
    assert not Result("deep", "", 0).good and Result("refused", "", 0).good


def test_a_run_of_cases_goes_on_after_the_last_line(tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    line = json.dumps({"number": 0, "kind": "x", "case": "x", "outcome": "done", "detail": "", "seconds": 0})
    out.write_text(line + "\n" + line[:20])
    assert len(cases.results(out)) == 1 and out.read_text() == line + "\n"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@given(
    TEXTS
    | st.sampled_from(["anynet", "{", "|", "8:8", "64-", "0" * 8]).flatmap(lambda one: TEXTS.map(one.__add__))
)
def test_a_text_is_an_architecture_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except InvalidInput as error:
        assert "\n" not in str(error)
    else:
        assert parse(found.to_json()) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["d1", "d2", "d3", "w1", "g1", "b1", "x"]), JSON), JSON)
def test_values_of_any_type_make_an_architecture_or_are_refused(values: dict[str, object], family: object) -> None:
    for text in (json.dumps({"family": family, "values": values}), json.dumps({"values": values})):
        with pytest.raises(InvalidInput):
            parse(text)


@given(st.integers(min_value=0, max_value=10**18), st.sampled_from(["", "k", "M", "G"]))
def test_budgets_mean_what_they_say(value: int, letter: str) -> None:
    assert number(f"{value}{letter}") == float(value) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[letter]
    assert number(short(float(value))) == pytest.approx(value, rel=1e-5) or value >= 10**15


@given(TEXTS)
def test_what_is_no_number_is_no_budget(text: str) -> None:
    try:
        assert isinstance(number(text), float)
    except ValueError as error:
        assert "is no number" in str(error)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(st.sampled_from("logrank(snip, 2*synflow)1.5*/\\'\"[]{}:=\n é"), max_size=40))
def test_an_expression_is_a_predictor_or_refused(text: str) -> None:
    try:
        assert len(resolve(text)) >= 1
    except InvalidInput as error:
        assert "\n" not in str(error)


@given(JSON)
def test_seeds_are_whole_numbers_from_zero_or_several(seed: object) -> None:
    parts = seed if isinstance(seed, list) else [seed]
    whole = [isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in parts]
    if whole and all(whole):
        assert nl.sample(nl.nats_topology(), 1, seed)  # type: ignore[arg-type]
    else:
        with pytest.raises(InvalidInput, match="seed"):
            nl.sample(nl.nats_topology(), 1, seed)  # type: ignore[arg-type]
