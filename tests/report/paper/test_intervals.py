"""Figs. 6 to 9: a row for each predictor, a column for each stage, from the full grid to the principle."""

from __future__ import annotations

import dataclasses

import pytest
from matplotlib.patches import StepPatch

from netlore.report.findings import RefinementFindings, StudyFindings
from netlore.report.naming import classes_of
from netlore.report.paper.intervals import interval_figure, plans
from netlore.report.paper.print_style import looks_of
from netlore.report.story import RefinementStory
from tests.report.tabled import only

LOOKS = looks_of(("synflow", "jacov"))


def test_a_band_goes_from_the_full_grid_to_the_principle(findings: StudyFindings) -> None:
    refinements = findings.refined("cifar10")
    widths = next(group for group in classes_of(refinements[0].first.grids) if group.key == "w")
    figure = interval_figure(refinements, widths, LOOKS)
    assert len(figure.axes) == 2 * 3
    assert [figure.axes[index].get_ylabel() for index in (0, 3)] == ["synflow", "jacov"]
    assert figure.axes[1].get_title(loc="left") == "Stage 2, w2"
    for axes, name in zip(figure.axes[:3], widths.names, strict=True):
        story = refinements[0].first
        band = next(patch for patch in axes.patches if isinstance(patch, StepPatch))
        values, _, baseline = band.get_data()
        assert (baseline[0], values[0]) == (story.grids[name][0], story.grids[name][-1])
        assert (baseline[-1], values[-1]) == story.principles[name]


def test_further_seeds_are_thin_lines(findings: StudyFindings) -> None:
    one = findings.refinements[0]
    depths = classes_of(one.first.grids)[0]
    alone = dataclasses.replace(one, replicates=one.replicates[:1])
    both, single = (interval_figure([found], depths, LOOKS) for found in (one, alone))
    assert len(both.axes[0].patches) == len(single.axes[0].patches) + 1
    assert both.axes[0].patches[-1].get_linewidth() < 1
    assert "Thin lines" in plans(findings)[0].caption
    assert "Thin lines" not in plans(only(findings, refinements=(alone,)))[0].caption


def renamed(story: RefinementStory, names: dict[str, str]) -> RefinementStory:
    def of(values: dict[str, object]) -> dict[str, object]:
        return {names[name]: value for name, value in values.items() if name in names}

    rounds = tuple(dataclasses.replace(entry, intervals=of(entry.intervals)) for entry in story.rounds)  # type: ignore[arg-type]
    return dataclasses.replace(story, grids=of(story.grids), principles=of(story.principles), rounds=rounds)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [{"d1": "kernel"}, {"d1": "x1", "w1": "x2", "g1": "x3", "b1": "x4"}])
def test_other_hyperparameters_have_figures_under_their_own_names(
    findings: StudyFindings, names: dict[str, str]
) -> None:
    story = renamed(findings.refinements[0].first, names)
    found = only(findings, refinements=(RefinementFindings((story,), None, findings.refinements[0].networks),))
    (plan,) = plans(found)
    assert plan.name == ("intervals-kernel" if "kernel" in names.values() else "intervals-x")
    assert len(plan.draw().axes) == len(names)
