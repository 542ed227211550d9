"""What a page is made of."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from netlore.report.data import StudyData
from netlore.report.figures.figure import DrawnFigure
from netlore.report.page.page import Page, page_html
from netlore.report.page.study import study_page

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


def written(page: Page) -> str:
    """A page with all of its figures, which are not drawn."""
    return page_html(page, [DrawnFigure(one, SVG, ()) for one in page.figures])


def written_study(study: StudyData) -> str:
    return written(study_page(study))


def explorer_page(study: StudyData) -> str:
    """The page of a study with nothing but its explorer."""
    return written(study_page(study)._replace(figures=(), tables=(), sentences=()))


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
