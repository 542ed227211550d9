"""A page is one self-contained document that shows everything it is given, escaped."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re

import pytest
from markupsafe import escape
from matplotlib.figure import Figure

from netlore.report.data import StudyData
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.page.page import LONG, MOST, Absent, Page, Run
from netlore.report.page.study import study_page
from netlore.report.tables.table import NamedTable, named_table
from netlore.report.text.summary import Sentence
from tests.report.conftest import SYNFLOW_ENDS
from tests.report.explored import study
from tests.report.page.markup import Tags, explorer_page, headings, written, written_study
from tests.report.tabled import four_trained, only, refinement, small_sample, small_study

HOSTILE = 'A </script><img src=x onerror=alert(1)> & "title"'
TURNED = "a \u202e\x1b name"


def spec(name: str, section: Section, title: str = "A figure") -> FigureSpec:
    return FigureSpec(name, title, "How to <read> it.", section, Figure)


def table(name: str, rows: int, caption: str = "Scores of it. More <of> them.") -> NamedTable:
    return named_table(name, caption, [{"a": i, "b": HOSTILE} for i in range(rows)])


@pytest.fixture(scope="module")
def page() -> str:
    return written(
        Page(
            title=HOSTILE,
            lead="Of <all>.",
            headline=[("networks & more", "50")],
            sentences=[Sentence("It likes <depth>.", "tau"), Sentence("More.", "not drawn")],
            figures=[spec("tau", Section.OVERVIEW, HOSTILE), spec("trees", Section.SAMPLE)],
            tables=[table("short", LONG), table("long", LONG + 1)],
            runs=[Run("What <it> was", "netlore score --data '<x>'", "A fact.")],
            made=[("machine", "2 <cores>")],
            absent=[Absent("Which matter", Section.SAMPLE, "Not for jacov: too <few>.")],
            notes=["Raw <scores>.", TURNED],
        )
    )


def test_everything_is_on_the_page(page: str) -> None:
    text = Tags(page).text
    for part in (HOSTILE, "Of <all>.", "networks & more", "50", "It likes <depth>.", "How to <read> it."):
        assert part in text
    for part in ("netlore score --data '<x>'", "2 <cores>", "What <it> was", "Raw <scores>.", "too <few>."):
        assert part in text


def test_control_characters_are_shown(page: str) -> None:
    assert "a \\u202e\\x1b name" in page and TURNED not in page


def test_nothing_comes_from_elsewhere(page: str) -> None:
    for tag, attributes in Tags(page).tags:
        assert tag not in ("link", "img", "iframe", "base")
        assert not {"src", "srcset"} & set(attributes)
        assert not (attributes.get("href") or "#").startswith(("http", "//"))
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|@font-face", page)


@pytest.mark.parametrize("networks", [0, 30])
def test_no_script_runs_but_those_that_are_named_by_their_hash(networks: int) -> None:
    page = written_study(study(networks, networks) if networks else StudyData("", (), (), {}, {}, {}))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == (2 if networks else 1)
    (policy,) = [
        one["content"] for _, one in Tags(page).tags if one.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None and policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "") and "http" not in policy
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    tags = Tags(written_study(dataclasses.replace(explorable(), trainings=four_trained()))).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = [attributes["href"] or "" for tag, attributes in tags if tag == "a"]
    assert len(links) > 8
    assert {link[1:] for link in links} <= set(ids)


def explorable() -> StudyData:
    """The hand-made sample with all columns that the explorer reads, and no refinement."""
    sample = small_sample()
    frame = sample.frame.assign(params=1, activations=1)
    grids: dict[str, tuple[int, ...]] = {"d1": (1, 2, 3, 4)}
    return only(small_study(), samples=(dataclasses.replace(sample, frame=frame, grids=grids),))


def test_a_sentence_links_to_what_it_is_about(page: str) -> None:
    first, second = re.findall(r"<li>(.*?)</li>", page.partition('class="findings"')[2])[:2]
    assert 'href="#figure-tau"' in first and "href" not in second


def test_a_figure_stands_in_its_section_and_a_missing_one_where_it_would(page: str) -> None:
    overview, _, rest = page.partition('<h2 id="sample">')
    assert 'id="figure-tau"' in overview
    sample = rest.partition("</section>")[0]
    assert 'id="figure-trees"' in sample and 'class="absent"' in sample
    assert 'style="--w: 252.5"' in sample


def test_an_analysis_that_cannot_be_made_leaves_its_reason(page: str) -> None:
    missing = {"jacov": {"trees": "2 scores are too few."}, "snip": {"trees": "2 scores are too few."}}
    found = dataclasses.replace(explorable().samples[0], missing=missing)
    text = Tags(written_study(only(small_study(), samples=(found,)))).text
    assert "Not for jacov and snip: 2 scores are too few." in text


def test_long_tables_are_closed_and_huge_ones_in_their_files(page: str) -> None:
    closed = [attributes.get("id") for tag, attributes in Tags(page).tags if tag == "details"]
    assert closed == ["table-long"]
    trained = study_page(only(small_study(), trainings=four_trained()))
    huge = written(trained._replace(tables=[table("huge", MOST + 1)]))
    assert "Its 5,001 rows are in <code>tables/huge.csv</code>." in huge and "<tbody>" not in huge
    assert '<p class="caption">Scores of it. <span>More &lt;of&gt; them.</span></p>' in page


def test_tables_keep_their_cells(page: str) -> None:
    assert '<th scope="col">a</th><th scope="col">b</th>' in page
    assert f'<tr><th scope="row">14</th><td>{escape(HOSTILE)}</td></tr>' in page


def test_a_study_of_nothing_has_a_page() -> None:
    page = written_study(StudyData("Empty", (), (), {}, {}, {}))
    assert "no network" in page
    assert "<figure" not in page


def test_a_study_of_trainings_alone_has_no_explorer_and_nothing_empty() -> None:
    page = written_study(only(small_study(), trainings=four_trained()))
    assert headings(page) == ["Trained networks", "Tables", "How it was made"]
    text = Tags(page).text
    for part in ("c has the lowest error", "architectures trained", "netlore train --architecture b"):
        assert part in text
    assert "d 3,3,3; w 16,32,64. 2 epochs of 1,000 images, seeds 0 and 1, 9.0 s of training." in text
    assert not re.search(r"<(section|ol|ul|dl|p|figcaption)[^>]*>\s*</\1>", page)


def test_one_refinement_is_a_study_of_one_and_opens_with_its_intervals() -> None:
    one = only(study(0, 40, rounds=2))
    one = dataclasses.replace(one, refinements=study(0, 40, rounds=2).refinements)
    overview = written_study(one).partition("<h2")[0]
    assert re.findall(r'<figure id="([^"]+)"', overview) == ["figure-intervals"]
    both = only(small_study(), refinements=(refinement(SYNFLOW_ENDS, 1, 1.0), refinement(SYNFLOW_ENDS, 1, 1.0)))
    assert both.refinements[1:]


def test_commands_and_reasons_of_every_seed_are_there() -> None:
    page = Tags(written_study(study(30, 20, rounds=2))).text
    assert "netlore score --networks 30 --data cifar10 --out runs/sample" in page
    assert "netlore refine --predictor synflow --data cifar10 --networks 500 --seed 0" in page
    assert "seed 0: 2 rounds, 5 min 12 s of scoring. Every interval is a single value." in page


def test_ten_thousand_networks_stay_small() -> None:
    assert len(explorer_page(study(7000, 3000, rounds=6)).encode()) < 5_000_000
