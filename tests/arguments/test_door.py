from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

import netlore as nl
from netlore.arguments import Count, validated
from netlore.arguments.door import checks_of
from netlore.errors import InvalidInput, WrongArgument

NAN, INF = float("nan"), float("inf")


@validated
def given(
    whole: int = 0,
    real: float = 0.0,
    text: str | Sequence[str] = "",
    truth: bool = False,
    pair: tuple[float, float] | None = None,
    names: Mapping[str, int] | None = None,
    word: Literal["a", "b"] = "a",
    many: Count = 1,
    series: Iterable[int] = (),
    array: NDArray[np.float64] | None = None,
    place: Path | None = None,
    what: Callable[[], object] | None = None,
    *rest: int,
    **more: int,
) -> dict[str, Any]:
    """All that a signature may ask for."""
    return {**locals(), **more}


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), torch.tensor(3)])
def test_whole_numbers_of_all_libraries_become_python_s(value):
    found = given(whole=value)["whole"]
    assert found == 3 and type(found) is int
    assert given(real=value if isinstance(value, np.generic) else 3)["real"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"whole": NAN}, "whole = nan is not a whole number; give an integer."),
        ({"whole": INF}, "whole = inf is not a whole number; give an integer."),
        ({"whole": 1.0}, "whole = 1.0 is not a whole number; give an integer."),
        ({"whole": True}, "whole = True is not a whole number; give an integer."),
        ({"whole": np.True_}, "is not a whole number"),
        ({"whole": "4"}, "whole = '4' is not a whole number; give an integer."),
        ({"real": NAN}, "real = nan is not a number; give one."),
        ({"real": np.float32("nan")}, "is not a number"),
        ({"real": True}, "real = True is not a number; give one."),
        ({"real": 1j}, "is not a number"),
        ({"text": 3}, "text = 3 is not a text or a sequence of which each is a text; give one."),
        ({"text": b"snip"}, "text = b'snip' is not a text or"),
        ({"text": ["snip", None]}, "text[1] = None is not a text; give one."),
        ({"truth": 1}, "truth = 1 is not True or False; give one."),
        ({"pair": (1,)}, "pair = (1,) is not a tuple (a number, a number) or None; give one."),
        ({"pair": (1, NAN)}, "pair[1] = nan is not a number; give one."),
        ({"names": {"a": 1.5}}, "names['a'] = 1.5 is not a whole number; give an integer."),
        ({"names": ["a"]}, "names = ['a'] is not a mapping of which each value is a whole number or None"),
        ({"names": {1: 1}}, "names key = 1 is not a text; give one."),
        ({"word": "c"}, "word = 'c' is not known; choose a, b."),
        ({"many": 0}, "many = 0 is not allowed: input should be greater than or equal to 1."),
        ({"series": "123"}, "series = '123' is not a series of which each is a whole number; give one."),
        ({"series": [1, 2.5]}, "series[1] = 2.5 is not a whole number; give an integer."),
        ({"series": 3}, "series = 3 is not a series"),
        ({"array": "12"}, "array = '12' is not an array of numbers or None; give one."),
        ({"array": ["a"]}, "array = ['a'] is not an array of numbers"),
        ({"array": [[1], [2, 3]]}, "is not an array of numbers"),
        ({"place": 3}, "place = 3 is not a path or None; give one."),
        ({"place": "\0"}, "is not a path"),
        ({"what": 3}, "what = 3 is not a function or None; give one."),
        ({"other": 1.5}, "other = 1.5 is not a whole number; give an integer."),
        ({"whole": "x" * 10**6}, "is not a whole number"),
        ({"text": 10**5000}, "text = a huge number is not a text"),
    ],
)
def test_wrong_arguments_are_refused_in_one_short_line(arguments, message):
    with pytest.raises(WrongArgument) as caught:
        given(**arguments)
    assert message in str(caught.value) and len(str(caught.value)) < 400 and "\n" not in str(caught.value)
    # Both a caller's TypeError and, on the command line, one line and exit code 2.
    assert isinstance(caught.value, InvalidInput) and isinstance(caught.value, TypeError)


def test_what_fits_is_passed_on_as_it_came():
    names, texts, array, function = {"a": 1}, ["a", "b"], np.ones(3), len
    found = given(text=texts, names=names, array=array, what=function)
    assert found["text"] is texts and found["names"] is names and found["array"] is array
    assert found["what"] is function
    assert given(real=3)["real"] == 3 and type(given(real=3)["real"]) is int and given(real=INF)["real"] == INF


def test_lists_and_columns_become_arrays_and_texts_paths():
    assert given(array=[1, 2])["array"].dtype == np.float64
    assert given(array=pd.Series([1, 2]))["array"].tolist() == [1.0, 2.0]
    assert given(array=[])["array"].shape == (0,)
    assert given(place="a/b")["place"] == Path("a/b")
    assert given(pair=[1, 2])["pair"] == (1, 2)
    assert given(text=np.array(["a", "b"]))["text"] == ["a", "b"]
    assert given(series=np.arange(3))["series"] == [0, 1, 2]


def test_what_comes_one_after_the_other_is_taken_as_late_as_before():
    taken = []

    def numbers():
        for number in (1, 2, "three"):
            taken.append(number)
            yield number

    series = given(series=numbers())["series"]
    assert taken == [] and next(series) == 1 and taken == [1]
    with pytest.raises(WrongArgument, match=r"element 2 = 'three' is not a whole number; give an integer\."):
        list(series)


def test_arguments_that_are_missing_or_not_known_are_type_errors_that_name_the_function():
    with pytest.raises(TypeError, match=r"^complexity\(\) missing a required argument: 'num_classes'"):
        nl.complexity(nl.named("baseline/resnet-20"))
    with pytest.raises(TypeError, match=r"^probe\(\) got an unexpected keyword argument 'seed'"):
        nl.probe(torch.nn.Linear(2, 2), torch.ones(2, 2), torch.ones(2), seed=1)


def doors() -> dict[str, Callable[..., Any]]:
    """Every function of the package that has a door, by its place."""
    found = {}
    for module in pkgutil.walk_packages(nl.__path__, "netlore."):
        if module.name not in ("netlore.__main__", "netlore.takeaway"):
            for name, one in vars(importlib.import_module(module.name)).items():
                if getattr(one, "__code__", None) is given.__code__:
                    found[f"{one.__module__}.{name}"] = one
    return found


def test_every_door_looks_as_its_function_and_knows_all_of_its_types():
    for place, function in doors().items():
        bare = function.__wrapped__
        # Types that are imported for type checkers alone would be found out by the first caller.
        known = set(checks_of(bare, inspect.signature(bare)))
        assert known == set(inspect.signature(bare).parameters), place
        assert inspect.signature(function) == inspect.signature(bare) and function.__doc__ == bare.__doc__


def test_every_public_function_has_a_door():
    functions = [getattr(nl, name) for name in nl.__all__ if inspect.isfunction(getattr(nl, name))]
    assert [one.__name__ for one in functions if one.__code__ is not given.__code__] == []


@pytest.mark.parametrize("seed", [NAN, 1.5, "0", None, True, INF])
def test_seeds_are_whole_numbers(seed):
    task, space = nl.task("noise", batch_size=2), nl.nats_topology()
    calls = (
        lambda: nl.task("noise", seed=seed),
        lambda: nl.sample(space, 1, seed=seed),
        lambda: nl.score([], "snip", task, seed=seed),
        lambda: nl.refine(space, "snip", task, seed=seed),
        lambda: nl.build(nl.named("baseline/resnet-20"), 10, seed=seed),
        lambda: nl.validate(networks=1, seed=seed),
    )
    for call in calls:
        with pytest.raises(WrongArgument, match=r"^seed"):
            call()


@pytest.mark.parametrize("limit", [NAN, 1.5, INF, "2"])
def test_limits_of_rounds_are_whole_numbers(limit):
    with pytest.raises(WrongArgument, match=r"^round_limit"):
        nl.refine(nl.nats_topology(), "snip", nl.task("noise", batch_size=2), round_limit=limit)


@pytest.mark.parametrize("classes", [NAN, 1.5, INF])
def test_classes_are_whole_numbers(classes):
    with pytest.raises(WrongArgument, match=r"^num_classes"):
        nl.anynet(num_classes=classes)
    with pytest.raises(WrongArgument, match=r"^num_classes"):
        nl.complexity(nl.named("baseline/resnet-20"), num_classes=classes)


def test_numpy_s_numbers_give_what_python_s_give():
    space = nl.anynet(np.int64(10), resolution=np.int32(32), flops=(np.float64(10e6), np.int64(50_000_000)))
    assert space == nl.anynet(10, flops=(10e6, 50e6)) and json.dumps(space.to_document())
    assert nl.sample(space, np.int64(3), np.uint32(1)) == nl.sample(space, 3, 1)
