"""The page in a real browser: at any width, in the dark, by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.report.driving import open_explorer
from tests.report.explored import study
from tests.report.page.browsers import browser
from tests.report.page.markup import written_study

__all__ = ["browser"]  # a fixture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(written_study(study(40, 30, rounds=2)), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_is_wider_than_the_window_and_text_uses_it(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("main").bounding_box()["width"] >= min(0.9 * width, 1300)
    page.close()


def test_the_first_screen_shows_numbers_and_a_picture(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(address)
    assert page.locator(".facts").bounding_box()["y"] < 300
    assert page.locator("#overview figure svg").first.bounding_box()["y"] < 500
    page.close()


def test_colours_turn_dark(browser: Any, address: str) -> None:
    backgrounds = []
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(address)
        backgrounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert backgrounds == ["rgb(246, 247, 249)", "rgb(17, 20, 24)"]


def test_the_keyboard_skips_to_the_overview_and_a_link_opens_a_closed_table(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    closed = page.locator("details.table").first
    assert closed.get_attribute("open") is None
    page.evaluate("name => { location.hash = name; }", closed.get_attribute("id"))
    page.locator(f"details[id='{closed.get_attribute('id')}'][open]").wait_for()
    page.close()


def test_the_page_may_do_what_it_needs_and_nothing_else(browser: Any, tmp_path: Path) -> None:
    text = written_study(study(40, 30, rounds=2))
    text = text.replace("</main>", "<script>document.title = 'taken'</script></main>")
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    open_explorer(page, (tmp_path / "report.html").as_uri())
    assert len(refused) == 1 and "script" in refused[0], "only that which is not ours"
    assert page.title() != "taken"
    asked = "fetch('http://127.0.0.1:9/').then(() => 'answered', error => String(error))"
    assert "Failed to fetch" in page.evaluate(asked)
    assert "Content Security Policy" in refused[1]
    page.close()
