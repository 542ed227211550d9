"""Everything that a reader sees of a space with categories and real numbers: its names, on every kind of axis."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from netlore.experiments.config import RefineConfiguration, ScoreConfiguration
from netlore.experiments.refine import refine_run
from netlore.experiments.score import score_run
from netlore.report.compare.collect import find_methods
from netlore.report.compare.tables import comparison_tables
from netlore.report.data import StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import renderings
from netlore.report.names import by_vocabulary, vocabulary
from netlore.report.page.page import Report
from netlore.report.text.phrases import value_words
from netlore.report.write import write_report
from netlore.space import families
from tests.report.driving import count, open_explorer, says
from tests.report.figures.conftest import assert_inside, texts_of
from tests.report.page.browsers import browser
from tests.report.tabled import only
from tests.space.small import BLOCKS, SLOPES, mixed

__all__ = ["browser"]  # a fixture

RUNS = {"synflow": ("synflow", "paper", 16), "memory": ("synflow", "memory", 12), "snip": ("snip", "memory", 12)}


@dataclass(frozen=True)
class Written:
    """A report of a sample and of two refinements, one by each method, and the folders of all runs."""

    folder: Path
    report: Report[StudyData]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("mixed")
    common: dict[str, Any] = {"space": "mixed", "data": "digits", "flops": None, "batch_size": 2}
    with mixed():
        score_run(ScoreConfiguration(**common, networks=40, predictors=("synflow", "snip")), folder / "sample")
        for name, (predictor, method, networks) in RUNS.items():
            given = {"predictor": predictor, "method": method, "networks": networks, "round_limit": 3}
            refine_run(RefineConfiguration(**common, **given), folder / name, replicates=2)
        shown = [folder / name for name in ("sample", "synflow", "snip")]
        yield Written(folder, write_report(shown, folder / "report"))


def rows(written: Written, name: str) -> list[dict[str, str]]:
    with (written.folder / "report" / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_figure_has_its_files_and_texts_inside(written: Written) -> None:
    specs = figures(written.report.data)
    own = {"intervals-kinds", "intervals-slopes", "fig6-depths"}
    assert {"principles", "fig3-trees", "importance", "stability", *own} <= {spec.name for spec in specs}
    for spec in specs:
        for ending in ("svg", "pdf", "png"):
            assert (written.folder / "report" / "figures" / f"{spec.name}.{ending}").stat().st_size > 1000
        assert_inside(spec.draw())


def test_a_category_has_a_row_for_each_name_and_a_cell_for_each_that_is_kept(written: Written) -> None:
    spec = next(spec for spec in figures(written.report.data) if spec.name == "intervals-kinds")
    figure = spec.draw()
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == ["Part 1, k1", "Part 2, k2"]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list(BLOCKS)
    one = written.report.data.refinements[0]
    (cells,) = figure.axes[0].collections
    kept = sum(len(entry.intervals["k1"]) for entry in one.first.rounds)
    assert len(cells.get_paths()) == len(BLOCKS) + kept
    (dots,) = figure.axes[0].lines
    modes = [BLOCKS.index(entry.estimates["k1"].mode) for entry in one.refinements[1].rounds]
    assert dots.get_ydata() == pytest.approx(modes)
    assert "the larger a name's share, the darker its cell" in spec.caption
    assert "of a resample has the name" in spec.caption and "twelve best architectures" in spec.caption


def test_real_numbers_stand_on_their_axis(written: Written) -> None:
    figure = next(spec for spec in figures(written.report.data) if spec.name == "intervals-slopes").draw()
    axes = figure.axes[0]
    assert axes.get_yscale() == "log"  # each slope is 1.5 times the one before
    assert [text.get_text() for text in axes.get_yticklabels()] == ["1", "1.5", "2.25", "3.375"]


def test_the_figure_of_the_only_refinement_shows_all_kinds(written: Written) -> None:
    alone = only(written.report.data, refinements=written.report.data.refinements[1:])
    spec = next(spec for spec in figures(alone) if spec.name == "intervals")
    figure = spec.draw()
    assert "Of a category, column 0 holds all names" in spec.caption
    assert [axes.get_ylabel() for axes in figure.axes] == ["depth", "", "kind", "", "slope"]
    both, alone_below = figure.axes[2:4], figure.axes[4]
    assert [len(axes.collections) for axes in both] == [2, 2]  # a slot for each seed
    assert alone_below.get_subplotspec().rowspan == both[0].get_subplotspec().rowspan
    assert len(renderings(figure, "intervals")["png"]) > 1000


def test_principles_name_the_most_probable_block(written: Written) -> None:
    spec = next(spec for spec in figures(written.report.data) if spec.name == "principles")
    texts = [text.get_text() for text in texts_of(spec.draw())]
    assert "k1 to k2: plain, grouped, wide" in texts
    one = written.report.data.refinements[0].first
    others = len(one.principles["k1"]) - 1
    assert f"{one.rounds[-1].estimates['k1'].mode}{f' +{others}' if others else ''}" in texts


def test_tables_hold_names_and_shares(written: Written) -> None:
    one = written.report.data.refinements[0].first
    principles = rows(written, "table1-principles")
    kept = one.principles["k2"]
    assert principles[0]["k2"] == (kept[0] if len(kept) == 1 else f"{{{', '.join(kept)}}}")
    assert {row["Hyperparameter"] for row in rows(written, "intervals")} == {"d1", "d2", "s"}
    shares = [row for row in rows(written, "shares") if row["Predictor"] == "synflow" and row["Seed"] == "0"]
    first = [row for row in shares if row["Round"] == "1" and row["Hyperparameter"] == "k1"]
    assert [row["Name"] for row in first] == list(BLOCKS)
    assert sum(float(row["Share"]) for row in first) == pytest.approx(1)
    assert [row["Name"] for row in first if row["Kept"] == "yes"] == list(one.rounds[0].intervals["k1"])
    latex = (written.folder / "report" / "tables" / "table1-principles.tex").read_text(encoding="utf-8")
    assert latex.isascii()
    assert "| k1 |" in (written.folder / "report" / "tables" / "shares.md").read_text(encoding="utf-8")


def test_a_comparison_of_methods_has_their_final_names(written: Written) -> None:
    findings = find_methods([written.folder / "synflow", written.folder / "memory"])
    final = next(table for table in comparison_tables(findings) if table.name == "final-intervals")
    assert all(any(block in text for block in BLOCKS) for text in final.frame["k1"])


def test_an_architecture_in_the_words_of_its_family(written: Written) -> None:
    values = {"d1": 1, "d2": 2, "k1": "wide", "k2": "plain", "s": 2.25}
    assert value_words(values, vocabulary("mixed")) == {
        "Depths": "1 block in part 1 and 2 in part 2",
        "Kinds": "wide in part 1 and plain in part 2",
        "Slopes": "s = 2.25",
    }


def test_families_of_other_words_are_shown_apart(written: Written) -> None:
    groups = by_vocabulary(["anynet", "mixed", "resnet", "unknown"], lambda family: family)
    assert [members for _, members in groups] == [["anynet", "resnet", "unknown"], ["mixed"]]


@pytest.mark.browser
def test_the_explorer_filters_by_name_and_gives_the_architecture(written: Written, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    open_explorer(page, (written.folder / "report" / "report.html").as_uri())
    frame = written.report.data.samples[0].frame
    page.locator("summary", has_text="Ranges as numbers").click()
    page.get_by_role("checkbox", name="Kind of part 1, k1: wide").uncheck()
    assert count(page) == says(int((frame["k1"] != "wide").sum()), 40)
    page.get_by_role("slider", name="Slope, s, from").press("ArrowUp")
    assert count(page) == says(int(((frame["k1"] != "wide") & (frame["s"] > SLOPES[0])).sum()), 40)
    page.get_by_role("button", name="Clear ranges").click()
    assert count(page) == says(40, 40)
    ticks = page.locator('[data-axis="k1"] .tick').all_text_contents()
    assert ticks == list(BLOCKS)
    made = json.loads(page.locator("[data-part=json]").text_content())
    assert isinstance(made["values"]["s"], float)  # 1.0 is not written as 1
    shown = families.architecture(made["family"], made["values"])
    assert shown.id == page.locator("[data-part=network-title]").text_content()
    assert shown.string == page.locator("[data-part=string]").text_content()
    page.locator("[data-part=group]").select_option(label="digits: synflow refined, seed 0")
    page.get_by_role("button", name="Next round").click()
    cells = page.locator('[data-axis="k2"] [data-kept]:visible')
    kept = cells.evaluate_all("all => all.map(one => one.dataset.kept)")
    assert kept == list(written.report.data.refinements[0].first.rounds[0].intervals["k2"])
    page.close()
    assert not trouble


def test_a_class_of_many_stages_has_several_figures(written: Written) -> None:
    one = written.report.data.refinements[0].first
    names = [f"k{i}" for i in range(1, 15)]

    def wider(values: dict[str, Any]) -> dict[str, Any]:
        return dict.fromkeys(names, values["k1"])

    class Space:
        family, grids, budget = "mixed", wider(one.space.grids), one.space.budget

    def widened(refinement: Any) -> Any:
        rounds = tuple(replace(entry, estimates=wider(entry.estimates)) for entry in refinement.rounds)
        return replace(refinement, space=Space(), rounds=rounds)

    runs = tuple(
        replace(run, refinements=tuple(map(widened, run.refinements))) for run in written.report.data.refinements
    )
    found = [spec for spec in figures(only(written.report.data, refinements=runs)) if "kinds" in spec.name]
    assert [spec.name for spec in found] == ["intervals-kinds-k1-to-k7", "intervals-kinds-k8-to-k14"]
    for spec in found:
        assert_inside(spec.draw())
