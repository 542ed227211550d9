"""The page of a study is one self-contained document that shows everything it is given, escaped."""

from __future__ import annotations

import dataclasses
import re

import pytest

from netlore.report.data import StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import DrawnFigure
from netlore.report.page.page_parts import MOST
from netlore.report.page.study_page import study_page
from netlore.report.tables.refinement import tables
from netlore.report.text.study import headline, summary
from tests.report.explored import study
from tests.report.page.markup import HOSTILE, Tags, Written, headings, rows
from tests.report.tabled import four_trained, only, small_sample, small_study


def test_everything_is_on_the_page(page: str) -> None:
    text = Tags(page).text
    for part in (HOSTILE, "How to <read> it.", "It likes <depth>.", "networks & more", "50", "2 cores", "Short"):
        assert part in text
    assert "netlore score --networks 30 --data cifar10 --out runs/sample" in text
    assert "netlore refine --predictor synflow --data cifar10 --seed 0 --out runs/synflow" in text


def test_nothing_comes_from_elsewhere(page: str) -> None:
    for tag, attributes in Tags(page).tags:
        assert tag not in ("link", "img", "iframe", "base")
        for name in ("src", "srcset"):
            assert name not in attributes
        assert not (attributes.get("href") or "#").startswith(("http", "//"))
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|@font-face", page)


def test_ids_are_unique_and_links_lead_somewhere(page: str) -> None:
    tags = Tags(page).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = [attributes["href"] or "" for tag, attributes in tags if tag == "a"]
    assert len(links) > 8
    assert {link[1:] for link in links} <= set(ids)


def test_long_tables_are_closed(page: str) -> None:
    closed = [attributes.get("id") for tag, attributes in Tags(page).tags if tag == "details"]
    assert "table-long" in closed
    assert "table-short" not in closed


def test_a_study_of_nothing_has_a_page() -> None:
    page = study_page(StudyData("Empty", (), (), {}, {}, {}), [], [], [], [])
    assert "no network" in page
    assert "<figure" not in page


@pytest.fixture(scope="module")
def of_trainings() -> str:
    """The page of trainings alone, with all that the study has of them."""
    return written(only(small_study(), trainings=four_trained()))


def written(findings: StudyData) -> str:
    drawn = [DrawnFigure(one, "<svg></svg>", ()) for one in figures(findings)]
    return study_page(findings, drawn, tables(findings), summary(findings), headline(findings))


def test_a_study_of_trainings_alone_has_no_explorer_and_nothing_empty(of_trainings: str) -> None:
    assert headings(of_trainings) == ["Summary", "Training", "Tables", "How it was made"]
    assert "before any training" not in of_trainings
    assert "There is no network" not in of_trainings
    text = Tags(of_trainings).text
    for part in ("c has the lowest error", "architectures trained", "netlore train --architecture b"):
        assert part in text
    assert "d 3,3,3; w 16,32,64. 2 epochs of 1,000 images, seeds 0 and 1, 9.0 s of training." in text
    assert not re.search(r"<(section|ol|ul|dl|p|figcaption)[^>]*>\s*</\1>", of_trainings)


def test_the_section_on_training_holds_its_table_and_its_figures() -> None:
    sample = small_sample()
    grids: dict[str, tuple[int, ...]] = {"d1": (1, 2, 3, 4)}
    frame = sample.frame.assign(params=1, activations=1)
    sample = dataclasses.replace(sample, frame=frame, grids=grids)
    page = written(only(small_study(), samples=(sample,), trainings=four_trained()))
    assert headings(page) == ["Summary", "Figures", "Training", "Explorer", "Tables", "How it was made"]
    training = page.partition('<h2 id="training">')[2].partition("</section>")[0]
    ids = [attributes["id"] for _, attributes in Tags(training).tags if "id" in attributes]
    assert [one for one in ids if one and not one.startswith("title-of")] == [
        "table-table2-performance",
        "table-score-accuracy",
        "figure-fig11-training",
        "figure-score-accuracy",
    ]
    tags = Tags(page).tags
    links = [attributes["href"] or "" for tag, attributes in tags if tag == "a"]
    assert {link[1:] for link in links} <= {attributes.get("id") for _, attributes in tags}
    assert "#table-training-epochs" in links


def test_a_table_of_very_many_rows_is_in_its_file_alone() -> None:
    many = [Written("kept", "Kept.", rows(MOST)), Written("huge", "Very long. Indeed.", rows(MOST + 1))]
    page = study_page(study(5, 0), [], many, [], [])
    assert page.count("<tbody>") == 1
    assert "Its 5,001 rows are in <code>tables/huge.csv</code>." in page
    assert "(5,000 rows)" in page


def test_a_caption_s_first_sentence_is_its_title() -> None:
    page = study_page(study(5, 0), [], [Written("one", "Scores of it. More <of> them.", rows(2))], [], [])
    assert '<li><a href="#table-one">Scores of it</a></li>' in page
    assert '<p class="caption">Scores of it. <span>More &lt;of&gt; them.</span></p>' in page


def test_ten_thousand_networks_stay_small() -> None:
    page = study_page(study(7000, 3000, rounds=6), [], [], [], [])
    assert len(page.encode()) < 5_000_000
