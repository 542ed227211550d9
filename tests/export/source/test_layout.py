from __future__ import annotations

import ast

import pytest

from netlore.export.source.layout import Bracket, filled, flat, lines, literal, wrapped

LONG = "a" * 41


def test_what_fits_stays_on_its_line():
    call = Bracket("f(", ("1", Bracket("[", ("2", "3"))))
    assert lines(call, 1, ",") == ["    f(1, [2, 3]),"] and flat(call) == "f(1, [2, 3])"


def test_arguments_that_fit_on_a_line_of_their_own_share_it():
    assert lines(Bracket("function(", (LONG, LONG))) == ["function(", f"    {LONG}, {LONG}", ")"]


def test_longer_ones_stand_one_below_the_other():
    assert lines(Bracket("f(", (LONG, Bracket("g(", (LONG, LONG)))), 1) == [
        "    f(",
        f"        {LONG},",
        "        g(",
        f"            {LONG},",
        f"            {LONG},",
        "        ),",
        "    )",
    ]


def test_a_list_that_does_not_fit_has_a_line_for_each_element():
    assert lines(Bracket("some = [", (LONG, LONG))) == ["some = [", f"    {LONG},", f"    {LONG},", "]"]


def test_a_hundred_names_take_few_lines():
    found = filled("NAMES = (", [literal(f"name_{number:02}") for number in range(100)])
    assert len(found) == 17 and max(map(len, found)) <= 88
    assert found[0] == "NAMES = (" and found[-1] == ")  # fmt: skip"
    assert filled("NAMES = (", ['"a"', '"b"']) == ['NAMES = ("a", "b")']
    assert filled("NAMES = (", ['"a"']) == ['NAMES = ("a",)']


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("cat", '"cat"'),
        ("it's", '"it\'s"'),
        ('a "b"', "'a \"b\"'"),
        ("\t\\\ud800", '"\\t\\\\\\ud800"'),
        ("é", '"é"'),
    ],
)
def test_a_text_is_written_as_a_formatter_would(text, written):
    assert literal(text) == written and ast.literal_eval(written) == text


def test_a_paragraph_cannot_end_the_docstring():
    assert wrapped('one """\n two \\', before='"""') == ['"""one \\"\\"\\" two \\\\']
    assert all(len(line) <= 88 for line in wrapped("word " * 60, before='"""'))
