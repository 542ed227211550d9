"""What a page is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

from netlore.report.figures.figure import DrawnFigure, FigureSpec, Section
from netlore.report.page.study_page import study_page
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
        DrawnFigure(FigureSpec("tau", HOSTILE, "How to <read> it.", Section.SAMPLE, Figure), "<svg></svg>", ()),
        DrawnFigure(FigureSpec("tau", "B", "C", Section.SAMPLE, Figure), "<svg></svg>", ()),
    ]
    tables = [Written("short", "Short", rows(15)), Written("long", "Long", rows(16))]
    return study_page(
        study(30, 20, rounds=2, title=HOSTILE), figures, tables, ["It likes <depth>."], [("networks & more", "50")]
    )


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
