"""The site's own pages say what there is: figures, public names, commands, and numbers of generated pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import netlore as nl

DOCS = Path(__file__).parents[1] / "docs"
FIGURE = re.compile(r"\(figures/(.*?)\)")
TABLE = re.compile(r"(?m)^\| Quantity \| (\w+).*\n\|[- |]+\n((?:\|.*\n)+)")


def test_every_figure_is_on_a_page_that_names_the_command_that_makes_it() -> None:
    gallery = (DOCS / "gallery.md").read_text(encoding="utf-8")
    shown = dict.fromkeys(FIGURE.findall(gallery), "gallery.md")
    for page in sorted(set(DOCS.glob("*.md")) - {DOCS / "gallery.md"}):
        text = page.read_text(encoding="utf-8")
        if re.search(rf"python -m paper\.\w+ docs/{page.name}", text):
            shown |= dict.fromkeys(FIGURE.findall(text), page.name)
    assert sorted(shown) == sorted(path.name for path in (DOCS / "figures").iterdir())
    for name in (name for name, where in shown.items() if where == "gallery.md"):
        assert f"docs/figures/{name}" in gallery


def test_every_public_name_has_its_place_in_the_reference() -> None:
    named = [
        name
        for page in (DOCS / "api").glob("*.md")
        for name in re.findall(r"(?m)^::: netlore\.(.+)$", page.read_text())
    ]
    assert len(named) == len(set(named))
    assert set(nl.__all__) - {"__version__"} <= {name.rpartition(".")[2] for name in named}


@pytest.mark.parametrize(
    ("heading", "first", "place"), [("Over all networks", "Networks", 2), ("Among networks", "Partial", 4)]
)
def test_the_choice_of_a_predictor_has_the_numbers_of_the_validation(heading: str, first: str, place: int) -> None:
    validation = (DOCS / "validation.md").read_text(encoding="utf-8").split("\n## ")
    wanted = (
        "NAS-Bench-201, cifar10, 3,000 ",
        "NAS-Bench-201, cifar100, 1,000 ",
        "TransNAS-Bench-101 micro, class_scene",
    )
    found: dict[str, list[str]] = {}
    for part in (part for title in wanted for part in validation if part.startswith(title)):
        rows = next(rows for name, rows in TABLE.findall(part) if name == first)
        for name, *cells in ([cell.strip() for cell in row.split("|")[1:-1]] for row in rows.splitlines()):
            found.setdefault(name, []).append("{} [{}, {}]".format(*cells[place : place + 3]))
    page = (
        (DOCS / "which-predictor.md")
        .read_text(encoding="utf-8")
        .partition(f"\n## {heading}")[2]
        .partition("\n## ")[0]
    )
    rows = re.findall(r"(?m)^\| [`*](\w+)[`*] \| (.*) \|$", page)
    assert len(rows) == 10 and {name: cells.split(" | ") for name, cells in rows} == {
        name: found[name] for name, _ in rows
    }


@pytest.mark.parametrize(
    ("heading", "source"), [("How much", "reliability-of-scores.md"), ("What these numbers", "validation.md")]
)
def test_numbers_in_the_text_of_that_page_are_those_of_the_pages_it_rests_on(heading: str, source: str) -> None:
    page = (DOCS / "which-predictor.md").read_text(encoding="utf-8")
    text = page.partition(f"\n## {heading}")[2].partition("\n## ")[0]
    numbers = {*re.findall(r"\b\d+\.\d+\b", text)}
    assert len(numbers) > 2
    assert numbers <= {*re.findall(r"\b\d+\.\d+\b", (DOCS / source).read_text(encoding="utf-8"))}


def test_what_is_cited_is_what_the_citation_file_says() -> None:
    cited = yaml.safe_load((DOCS.parent / "CITATION.cff").read_text(encoding="utf-8"))
    page = (DOCS / "citing.md").read_text(encoding="utf-8")
    assert f"title   = {{{cited['title']}}}" in page and f"version = {{{cited['version']}}}" in page
    assert f"netlore {cited['version']} (fingerprint" in page
