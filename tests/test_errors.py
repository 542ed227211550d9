from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from netlore import errors


@pytest.mark.parametrize(
    "kind",
    [
        errors.InvalidInput,
        errors.UnknownName,
        errors.InvalidArchitecture,
        errors.BudgetUnreachable,
        errors.UnreadableData,
        errors.DifferentConfiguration,
    ],
)
def test_bad_input_is_a_value_error_of_netlore(kind):
    # The command line answers these with exit code 2.
    assert issubclass(kind, errors.InvalidInput) and issubclass(kind, ValueError)
    assert issubclass(kind, errors.NetloreError)


def test_other_errors_are_not_bad_input():
    assert not issubclass(errors.WorkerLost, errors.InvalidInput)
    assert not issubclass(errors.UndeclaredEvidence, errors.InvalidInput)


def test_an_unknown_name_is_answered_with_the_known_ones_in_order():
    error = errors.UnknownName("predictor", "snap", ["synflow", "snip"])
    assert str(error) == "predictor 'snap' is not known; choose one of snip, synflow."


@pytest.mark.parametrize(
    "error",
    [
        errors.UnknownName("predictor", "snap", ["snip"]),
        errors.InvalidInput("no"),
        errors.DifferentConfiguration(Path("run"), {"seed": 0}, {"seed": 1}),
    ],
)
def test_errors_survive_the_way_from_a_worker_process(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and str(again) == str(error)


def test_a_word_without_end_is_cut_in_its_middle() -> None:
    endless = "x" * 100_000
    for error in (
        errors.InvalidInput(f"loss {endless} is unknown."),
        errors.UnknownName("loss", endless, ["mse"]),
    ):
        assert len(str(error)) < 1_100 and str(error) == str(pickle.loads(pickle.dumps(error)))
    path = "/".join(["folder"] * 100)
    assert str(errors.InvalidInput(path)) == path


def test_a_long_difference_is_cut_in_its_middle() -> None:
    error = errors.DifferentConfiguration(Path("x"), {"a": ["b" * 10_000, "end"]}, {"a": 1})
    assert (
        len(str(error)) < 500
        and '["bbb' in str(error)
        and '..."' not in str(error)
        and 'end"] there' in str(error)
    )
