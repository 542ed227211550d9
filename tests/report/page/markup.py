"""What a page is made of."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from netlore.report.data import StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import DrawnFigure
from netlore.report.page.study import study_page
from netlore.report.tables.refinement import tables
from netlore.report.text.summary import summary

SVG = '<svg viewBox="0 0 252.5 100"></svg>'


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


def written(study: StudyData) -> str:
    """The page of a study with all of its figures, which are not drawn."""
    drawn = [DrawnFigure(one, SVG, ()) for one in figures(study)]
    return study_page(study, drawn, tables(study), summary(study))


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
