"""The page in a real browser: nothing fails, everything is visible, nothing sticks out on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netlore.report.page.refinement_page import write_report
from netlore.report.story import ReportStory

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(replicated: ReportStory, tmp_path_factory: pytest.TempPathFactory) -> str:
    page: Path = write_report(replicated, tmp_path_factory.mktemp("browser"))[0]
    return page.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100])
def test_the_page_shows_everything_at_any_width(browser: Any, address: str, scheme: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    trouble: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawings = page.locator("figure svg")
    assert drawings.count() == 9
    for index in range(drawings.count()):
        box = drawings.nth(index).bounding_box()
        assert box["width"] > 300
        assert box["height"] > 100
    assert not trouble
    assert asked == [address]
    page.close()


def test_the_keyboard_reaches_the_summary_and_what_scrolls(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    unreachable = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth"
        " && getComputedStyle(e).overflowX === 'auto' && e.tabIndex < 0).length"
    )
    assert unreachable == 0
    page.close()


def test_dark_figures_are_light_on_dark(browser: Any, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    assert page.evaluate("getComputedStyle(document.querySelector('figure svg')).filter").startswith("invert(1)")
    background = page.evaluate("getComputedStyle(document.querySelector('figure svg g[id$=-background]')).display")
    assert background == "none"
    page.close()
