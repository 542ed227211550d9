"""The explorer in a real browser: ranges, rounds and networks answer with what the findings hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netlore.report.data import StudyData
from netlore.space import families
from netlore.space.module import ModuleArchitecture
from tests.report.driving import DEPTHS, TALL, band, count, drag, open_explorer, says, settled
from tests.report.explored import study
from tests.report.page.browsers import browser
from tests.report.page.markup import explorer_page

__all__ = ["browser"]  # a fixture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def findings() -> StudyData:
    return study(300, 240, rounds=6, title='Principles </script> & "quotes"')


@pytest.fixture(scope="module")
def address(findings: StudyData, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("explorer") / "study.html"
    path.write_text(explorer_page(findings), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page, which must stay silent and ask for nothing else."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    trouble: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: trouble.append(message.text))
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    open_explorer(opened, address)
    yield opened
    opened.close()
    assert not trouble
    assert asked == [address]


def between(findings: StudyData, name: str, low: float, high: float) -> int:
    return int(findings.samples[0].frame[name].between(low, high).sum())


def test_all_networks_are_selected_at_first(page: Any) -> None:
    assert count(page) == says(300, 300)
    assert page.locator('[data-part="best"] tr').count() == 20
    assert page.title() == 'Principles </script> & "quotes"'


def test_a_range_is_dragged_moved_resized_and_cleared(page: Any, findings: StudyData) -> None:
    drag(page, band(page, 5), band(page, 9))
    assert count(page) == says(between(findings, "d1", 5, 9), 300)
    drag(page, band(page, 7), band(page, 9))
    assert count(page) == says(between(findings, "d1", 7, 11), 300)
    x, y = band(page, 11)
    drag(page, (x, y - TALL / DEPTHS / 2 + 2), band(page, 14))
    assert count(page) == says(between(findings, "d1", 7, 14), 300)
    page.mouse.dblclick(*band(page, 3))
    assert count(page) == says(300, 300)


def test_ranges_of_two_axes_are_both_obeyed(page: Any, findings: StudyData) -> None:
    drag(page, band(page, 9), band(page, 16))
    frame = findings.samples[0].frame
    page.locator("summary", has_text="Ranges as numbers").click()
    field = page.get_by_role("spinbutton", name="FLOPs, from")
    field.fill("20000000")
    field.blur()
    assert count(page) == says(int(((frame["d1"] >= 9) & (frame["flops"] >= 20e6)).sum()), 300)
    page.get_by_role("button", name="Clear ranges").click()
    assert count(page) == says(300, 300)


def test_a_range_of_scores_leaves_out_networks_without_one(page: Any, findings: StudyData) -> None:
    page.get_by_role("slider", name="score of grad_norm, ln S, from").press("Home")
    assert count(page) == says(294, 300)  # every 50th of 300 has no score
    assert findings.samples[0].failed["grad_norm"] == 6


def test_the_keyboard_selects_a_range(page: Any, findings: StudyData) -> None:
    low = page.get_by_role("slider", name="Depth of stage 1, d1, from")
    high = page.get_by_role("slider", name="Depth of stage 1, d1, to")
    for _ in range(3):
        low.press("ArrowUp")
    assert count(page) == says(between(findings, "d1", 4, 16), 300)
    high.press("PageDown")
    assert count(page) == says(between(findings, "d1", 4, 6), 300)
    assert high.get_attribute("aria-valuenow") == "6"
    assert high.get_attribute("aria-valuetext") == "6"
    high.press("End")
    assert count(page) == says(between(findings, "d1", 4, 16), 300)
    low.press("Escape")
    assert count(page) == says(300, 300)


def test_rounds_are_stepped_through(page: Any, findings: StudyData) -> None:
    page.get_by_label("Networks of").select_option(label="cifar10: synflow refined, seed 0")
    rounds = findings.refinements[0].networks["round"]
    assert count(page) == says(240, 240)
    page.get_by_role("button", name="Next round").click()
    page.get_by_role("button", name="Next round").click()
    assert count(page).startswith(says(int((rounds == 2).sum()), int((rounds == 2).sum())))
    assert page.locator("[data-part=round-text]").text_content() == "round 2 of 6"
    bar = page.locator('[data-interval="d1"]').bounding_box()
    low, _, high = findings.refinements[0].first.rounds[1].estimates["d1"]
    assert bar["height"] == pytest.approx((high - low + 1) / DEPTHS * TALL, abs=2.5)  # and its outline
    page.get_by_label("with all rounds before").check()
    assert count(page).startswith(says(int((rounds <= 2).sum()), int((rounds <= 2).sum())))
    page.locator("[data-part=round]").press("Home")
    assert count(page) == says(240, 240)


def test_rounds_play_unless_less_motion_is_asked_for(browser: Any, address: str) -> None:
    for motion, offered in (("no-preference", True), ("reduce", False)):
        page = browser.new_page(reduced_motion=motion)
        open_explorer(page, address)
        page.get_by_label("Networks of").select_option("1")
        button = page.locator("[data-part=play]")
        assert button.is_visible() is offered
        if offered:
            button.click()
            page.locator("[data-part=round-text]", has_text="round 2 of 6").wait_for()
            button.click()
            assert button.text_content() == "Play"
        page.close()


def test_a_network_of_the_list_shows_its_structure(page: Any, findings: StudyData) -> None:
    frame = findings.samples[0].frame
    third = frame.nlargest(3, "synflow").iloc[2]
    page.locator("[data-part=score]").select_option("synflow")
    page.locator('[data-part="best"] button').nth(2).focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-part=network-title]").text_content() == third["architecture"]
    names = page.locator("svg.structure .stage").evaluate_all("all => all.map(one => one.dataset.stage)")
    assert names == ["stem", "stage 1", "stage 2", "stage 3", "head"]
    for number in (1, 2, 3):
        blocks = page.locator(f'svg.structure [data-stage="stage {number}"] .block').count()
        assert blocks == third[f"d{number}"]
    values = page.locator("[data-part=values]").text_content()
    assert f"{third['flops']:,}" in values
    made = json.loads(page.locator("[data-part=json]").text_content())
    assert families.architecture(made["family"], made["values"]).id == third["architecture"]
    command = page.locator("[data-part=command]").text_content()
    text = families.architecture(made["family"], made["values"]).to_json()
    assert command == f"netlore show '{text}'"
    time = page.locator("[data-part=time]").text_content()
    assert time == f"netlore latency '{text}' --classes 10 --resolution 32"


def test_of_a_torch_module_its_name_is_shown_and_no_structure(
    browser: Any, findings: StudyData, tmp_path: Path
) -> None:
    modules = {name: ModuleArchitecture.of(f"timm:{name}", "timm 1", {}) for name in findings.architectures}
    path = tmp_path / "modules.html"
    path.write_text(explorer_page(replace(findings, architectures=modules)), encoding="utf-8")
    page = browser.new_page()
    open_explorer(page, path.as_uri())
    button = page.locator('[data-part="best"] button').first
    button.click()
    assert button.text_content() == page.locator("[data-part=network-title]").text_content()
    assert button.text_content().startswith("timm:")
    assert "torch modules" in page.locator("[data-part=structure]").text_content()
    assert not page.locator(".copyable, [data-part=structure-key]").filter(visible=True).count()
    page.close()


def test_the_line_nearest_to_a_click_is_chosen(page: Any, findings: StudyData) -> None:
    """Choose the tenth of the list, read where its line runs, choose the first, click on that line."""
    buttons = page.locator('[data-part="best"] button')
    buttons.nth(9).click()
    wanted = page.locator("[data-part=network-title]").text_content()
    points = page.locator("polyline.line.chosen").get_attribute("points").split()
    buttons.nth(0).click()
    assert page.locator("[data-part=network-title]").text_content() != wanted
    row = findings.samples[0].frame.set_index("architecture").loc[wanted]
    page.locator("summary", has_text="Ranges as numbers").click()
    for name, title in (("params", "parameters"), ("activations", "activations")):
        for end in ("from", "to"):
            field = page.get_by_role("spinbutton", name=f"{title}, {end}")
            field.fill(str(row[name]))
            field.blur()
    assert count(page) == says(1, 300)
    page.evaluate("document.querySelector('[data-part=count]').scrollIntoView()")
    box = page.locator("[data-part=overlay]").bounding_box()
    (x1, y1), (x2, y2) = (tuple(map(float, point.split(","))) for point in points[3:5])
    page.mouse.click(box["x"] + (x1 + x2) / 2, box["y"] + (y1 + y2) / 2)
    assert page.locator("[data-part=network-title]").text_content() == wanted


def test_axes_can_be_left_out(page: Any) -> None:
    assert page.locator("[data-axis]").count() == 18
    page.locator("summary", has_text="Axes").click()
    page.get_by_role("checkbox", name="w1").uncheck()
    assert page.locator("[data-axis]").count() == 17
    assert page.locator('[data-axis="w1"]').count() == 0


def test_copying_is_announced(page: Any) -> None:
    page.get_by_role("button", name="Copy the command", exact=True).click()
    page.locator("[data-part=copied]", has_text="Copied: netlore show").wait_for(state="attached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_sticks_out(browser: Any, address: str, scheme: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    open_explorer(page, address)
    for group in ("0", "1"):
        page.get_by_label("Networks of").select_option(group)
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, card = page.evaluate(
        "(key => [key.color, key.backgroundColor])(getComputedStyle(document.querySelector('.explorer select')))"
    )
    assert (sum(map(int, ink[4:-1].split(","))) > sum(map(int, card[4:-1].split(",")))) is (scheme == "dark")
    page.close()


def test_a_touch_selects_a_range(browser: Any, address: str, findings: StudyData) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800}, has_touch=True)
    open_explorer(page, address)
    x, start = band(page, 4)
    end = band(page, 8)[1]
    session = page.context.new_cdp_session(page)
    for kind, y in (
        ("touchStart", start),
        ("touchMove", (start + end) / 2),
        ("touchMove", end),
        ("touchEnd", None),
    ):
        points = [] if y is None else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert count(page) == says(between(findings, "d1", 4, 8), 300)
    page.close()


def test_ten_thousand_networks_open(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_text(explorer_page(study(9000, 1000)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(path.as_uri())
    page.wait_for_selector("#explorer[data-ready][data-painted]", state="attached", timeout=20_000)
    assert count(page) == "9,000 of 9,000 networks selected"
    page.close()
