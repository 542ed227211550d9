"""Figs. 6 to 9: a row for each predictor, a column for each stage, from the full grid to the principle."""

from __future__ import annotations

import dataclasses

import pytest
from matplotlib.patches import StepPatch

from netlore.errors import InvalidInput
from netlore.report.data import Published, RefinementData, StudyData
from netlore.report.figures.figure import Section
from netlore.report.figures.intervals import interval_figure, specs
from netlore.report.figures.overlaid import overlaid_figure
from netlore.report.figures.style import looks_of
from netlore.report.names import classes_of, vocabulary
from tests.report.conftest import altered, build
from tests.report.figures.conftest import assert_apart, assert_inside
from tests.report.tabled import only

LOOKS = looks_of(("synflow", "jacov"))
WORDS = vocabulary("anynet")


def test_a_band_goes_from_the_full_grid_to_the_principle(findings: StudyData) -> None:
    refinements = findings.refined("cifar10")
    widths = next(group for group in classes_of(refinements[0].grids, WORDS) if group.letters == "w")
    figure = interval_figure(refinements, widths, LOOKS, WORDS)
    assert len(figure.axes) == 2 * 3
    assert [figure.axes[index].get_ylabel() for index in (0, 3)] == ["synflow", "jacov"]
    assert figure.axes[1].get_title(loc="left") == "Stage 2, w2"
    for axes, name in zip(figure.axes[:3], widths.names, strict=True):
        story = refinements[0].first
        band = next(patch for patch in axes.patches if isinstance(patch, StepPatch))
        values, _, baseline = band.get_data()
        assert (baseline[0], values[0]) == (refinements[0].grids[name][0], refinements[0].grids[name][-1])
        assert (baseline[-1], values[-1]) == story.principles[name]


def test_further_seeds_are_thin_lines(findings: StudyData) -> None:
    one = findings.refinements[0]
    depths = classes_of(one.grids, WORDS)[0]
    alone = altered(one)
    both, single = (interval_figure([found], depths, LOOKS, WORDS) for found in (one, alone))
    assert len(both.axes[0].patches) == len(single.axes[0].patches) + 1
    assert both.axes[0].patches[-1].get_linewidth() < 1
    assert "Thin lines" in next(specs(findings)).caption
    without = (alone, *findings.refinements[2:])
    assert "Thin lines" not in next(specs(only(findings, refinements=without))).caption


def test_where_others_end_is_dashed_and_the_caption_says_whose_it_is(findings: StudyData) -> None:
    one, *others = findings.refinements
    known = Published("the survey", {"d1": (3, 7), "d2": (4, 4)}, {})
    first = dataclasses.replace(one, published=known)
    axes = interval_figure([first], classes_of(one.grids, WORDS)[0], LOOKS, WORDS).axes
    assert [[line.get_ydata()[0] for line in each.lines] for each in axes] == [[3, 7], [4], []]
    drawn = specs(only(findings, refinements=(first, *others)))
    captions = [spec.caption for spec in drawn if spec.number == 6]
    assert ["final intervals of the survey." in text for text in captions] == [True, False]
    assert not any("survey" in spec.caption for spec in specs(findings))


def renamed(one: RefinementData, names: dict[str, str]) -> RefinementData:
    """The first replicate with these hyperparameters alone, under other names."""

    def of(values: dict[str, object]) -> dict[str, object]:
        return {names[name]: value for name, value in values.items() if name in names}

    rounds = tuple(dataclasses.replace(entry, estimates=of(entry.estimates)) for entry in one.first.rounds)  # type: ignore[arg-type]
    return altered(one, space=dataclasses.replace(one.first.space, grids=of(one.grids)), rounds=rounds)  # type: ignore[arg-type, type-var]


@pytest.mark.parametrize("names", [{"d1": "kernel"}, {"d1": "x1", "w1": "x2", "g1": "x3", "b1": "x4"}])
def test_other_hyperparameters_have_figures_under_their_own_names(
    findings: StudyData, names: dict[str, str]
) -> None:
    one, other = (renamed(found, names) for found in findings.refined("cifar10"))
    (spec,) = specs(only(findings, refinements=(one, other)))
    assert spec.name == ("intervals-kernel" if "kernel" in names.values() else "intervals-x")
    assert spec.number is None
    assert len(spec.draw().axes) == 2 * len(names)


def test_a_predictor_that_lacks_a_stage_keeps_its_name_and_the_columns_their_rounds(
    findings: StudyData,
) -> None:
    first, second = findings.refined("cifar10")
    lacking = renamed(second, {"d2": "d2", "d3": "d3"})
    short = renamed(second, {"d1": "d1"})
    both = [first, lacking]
    depths = classes_of(["d1", "d2", "d3"], WORDS)[0]
    figure = interval_figure(both, depths, LOOKS, WORDS)
    assert [axes.get_ylabel() for axes in figure.axes] == ["synflow", "", "", "jacov", ""]
    assert [axes.get_xlabel() for axes in figure.axes] == ["round", "", "", "round", "round"]
    assert_inside(figure)
    assert_apart(figure)
    figure = interval_figure([short], depths, LOOKS, WORDS)
    assert len(figure.axes) == 1


@pytest.mark.parametrize(("stages", "rounds"), [(1, 1), (4, 40), (8, 12)])
def test_texts_lie_inside_and_labels_apart(stages: int, rounds: int) -> None:
    grids = {f"w{stage + 1}": tuple(2**k for k in range(12)) for stage in range(stages)}
    ends = dict.fromkeys(grids, (16, 64))
    names = ("nuclear_norm_of_activations", "synflow", "jacov")
    found = [build(ends, rounds=rounds, grids=grids, predictor=name) for name in names]
    figure = interval_figure(found, classes_of(grids, WORDS)[0], looks_of(names), WORDS)
    assert_inside(figure)
    assert_apart(figure)
    below = [axes for axes in figure.axes if axes.get_xlabel()]
    assert below == figure.axes[-stages:]


def test_a_caption_names_data_networks_and_seed_and_a_name_its_figure(findings: StudyData) -> None:
    found = list(specs(findings))
    first, other = found[:4], found[4:]
    assert [spec.name for spec in first[:2]] == ["fig6-depths", "fig7-widths"]
    assert [spec.name for spec in other[:2]] == ["fig6-depths-my-data-1-50", "fig7-widths-my-data-1-50"]
    assert found[0].caption.endswith("cifar10 (synflow, jacov): 500 networks a round, seed 0.")


def test_the_only_refinement_has_one_figure_of_all_hyperparameters(findings: StudyData) -> None:
    (spec,) = specs(only(findings, refinements=findings.refinements[:1]))
    assert (spec.name, spec.section) == ("intervals", Section.OVERVIEW)
    figure = spec.draw()
    assert len(figure.axes) == 12
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["seed 0", "seed 1"]
    assert [axes.get_xlabel() for axes in figure.axes] == [""] * 9 + ["round"] * 3
    assert_inside(figure)
    assert_apart(figure)


def test_two_refinements_over_each_other_print_where_both_end(
    synflow: RefinementData, jacov: RefinementData
) -> None:
    figure = overlaid_figure({"synflow": synflow.first, "jacov": jacov.first}, list(synflow.grids))
    assert len(figure.axes) == 12
    assert [text.get_text() for text in figure.axes[0].texts] == ["15", "[2, 3]"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["synflow", "jacov"]
    assert_inside(figure)
    assert_apart(figure)


def test_only_what_both_spaces_have_can_be_compared(synflow: RefinementData, jacov: RefinementData) -> None:
    with pytest.raises(InvalidInput, match="need x1; draw only what they have in common"):
        overlaid_figure({"synflow": synflow.first, "jacov": jacov.first}, ["d1", "x1"])


@pytest.mark.parametrize("stages", [1, 2, 5])
def test_any_number_of_stages_can_be_drawn(stages: int) -> None:
    grids: dict[str, tuple[int, ...]] = {f"{key}{i + 1}": (1, 2, 4) for key in "dk" for i in range(stages)}
    grids["k1"] = (3,)
    one = build({name: (grid[0], grid[0]) for name, grid in grids.items()}, rounds=3, grids=grids)
    figure = overlaid_figure({"one": one.first, "other": one.first}, list(grids))
    assert len(figure.axes) == 2 * stages
    assert_inside(figure)
