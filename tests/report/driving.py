"""How the tests drive the explorer in a browser."""

from __future__ import annotations

from typing import Any

DEPTHS = 16
ABOVE, TALL = 8.0, 430.0  # an axis begins 8 pixels below the top of its touch area and is 430 pixels long


def open_explorer(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#explorer[data-ready][data-painted]", state="attached", timeout=60_000)
    page.evaluate("document.querySelector('[data-part=count]').scrollIntoView()")


def settled(page: Any) -> None:
    """Wait until two frames have passed: then what was asked for is shown."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def count(page: Any) -> str:
    settled(page)
    return str(page.locator("[data-part=count]").text_content())


def says(selected: int, total: int) -> str:
    return f"{selected} of {total} networks selected"


def band(page: Any, value: int) -> tuple[float, float]:
    """The middle of a depth's band on the axis of d1."""
    box = page.locator('[data-touch="d1"]').bounding_box()
    position = (value - 0.5) / DEPTHS
    return box["x"] + box["width"] / 2, box["y"] + ABOVE + (1 - position) * TALL


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()
