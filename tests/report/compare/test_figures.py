"""Figures of a comparison fit, however many groups and methods there are."""

from __future__ import annotations

from netlore.report.compare.figures import comparison_figures
from tests.report.compare.methods import comparison, group, memory, method, paper, replicate, rescored_group
from tests.report.figures.conftest import assert_apart, assert_inside


def test_many_groups_and_methods_fit() -> None:
    methods = [
        method(name, *(replicate(name, i, 10.0 + i, 900, None) for i in (0, 1))) for name in ("a", "b", "c")
    ]
    found = comparison(
        group(*methods, paper(12), memory(18, 19)),
        rescored_group(group(memory(18, 19)), 2.0),
        group(paper(12, 13)),
    )
    for spec in comparison_figures(found):
        figure = spec.draw()
        assert_inside(figure)
        assert_apart(figure)


def test_without_replicates_nothing_repeats() -> None:
    specs = comparison_figures(comparison(group(paper(12), memory(18))))
    assert [spec.name for spec in specs] == ["method-courses"]
