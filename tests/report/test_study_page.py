"""The page of a study is one self-contained document that shows everything it is given, escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from netlore.report.figure_plan import DrawnFigure
from netlore.report.findings import StudyFindings
from netlore.report.study_page import study_page
from tests.report.explored import study

HOSTILE = 'A </script><img src=x onerror=alert(1)> & "title"'


@dataclass(frozen=True)
class Written:
    name: str
    caption: str
    html: str


class Tags(HTMLParser):
    """All tags with their attributes, and the text outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1][0] not in ("script", "style"):
            self.text += data


def rows(count: int) -> str:
    return "<table><tbody>" + "<tr><th>1</th><td>2</td></tr>" * count + "</tbody></table>"


@pytest.fixture(scope="module")
def page() -> str:
    figures = [
        DrawnFigure("tau", HOSTILE, "How to <read> it.", "<svg></svg>", ()),
        DrawnFigure("tau", "B", "C", "<svg></svg>", ()),
    ]
    tables = [Written("short", "Short", rows(15)), Written("long", "Long", rows(16))]
    return study_page(
        study(30, 20, rounds=2, title=HOSTILE), figures, tables, ["It likes <depth>."], [("networks & more", "50")]
    )


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
    page = study_page(StudyFindings("Empty", (), (), {}, {}, {}), [], [], [], [])
    assert "no network" in page
    assert "<figure" not in page


def test_ten_thousand_networks_stay_small() -> None:
    page = study_page(study(7000, 3000, rounds=6), [], [], [], [])
    assert len(page.encode()) < 5_000_000
