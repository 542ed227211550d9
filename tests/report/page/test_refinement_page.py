"""The page is one self-contained, well-formed document, and its figures lie beside it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from netlore.errors import InvalidInput
from netlore.report.page.refinement_page import write_report
from netlore.report.story import RefinementStory, ReportStory

VOID = {"meta", "link", "br", "img", "hr", "input"}
INTERVALS = ["intervals-depths", "intervals-widths", "intervals-group-widths", "intervals-bottleneck-ratios"]


class Page(HTMLParser):
    """Collects what the tests ask for, and fails where a tag is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def written(single: ReportStory, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_report(single, tmp_path_factory.mktemp("report") / "new" / "folder")


@pytest.fixture(scope="module")
def text(written: list[Path]) -> str:
    return written[0].read_text(encoding="utf-8")


def test_the_page_comes_first_and_every_file_exists(written: list[Path]) -> None:
    assert written[0].name == "report.html"
    names = [*INTERVALS, "edf", "space-size", "complexity"]
    expected = [f"{name}.{ending}" for name in names for ending in ("svg", "png")]
    assert [path.name for path in written[1:]] == expected
    assert all(path.stat().st_size > 1000 for path in written)
    assert sorted(p.name for p in written[1].parent.iterdir()) == sorted(expected)


def test_the_page_is_well_formed_and_needs_nothing_else(text: str) -> None:
    page = Page(text)
    assert page.all("html")[0]["lang"] == "en"
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href", "action"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "@import" not in text
    assert not re.findall(r"url\((?!#)", text)
    assert "w3.org/Graphics" not in text


def test_every_figure_is_inline_named_and_explained(text: str) -> None:
    page = Page(text)
    drawings = page.all("svg")
    assert len(drawings) == len(page.all("figure")) == len(page.all("figcaption")) == 7
    assert all(drawing["role"] == "img" and drawing["aria-label"] for drawing in drawings)


def test_ids_are_unique_and_every_reference_resolves(text: str) -> None:
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a[n] for _, a in page.tags for n in ("href", "xlink:href") if a.get(n)}
    assert {str(target)[1:] for target in targets} <= set(ids)
    assert {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a} <= set(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(ids)


def test_the_page_tells_what_the_predictor_prefers(text: str) -> None:
    assert "15 blocks in stage 1, 16 in stage 2 and 16 in stage 3" in text
    assert "One run is not yet a principle." in text
    assert "netlore refine --predictor synflow --data cifar10 --seed 0" in text
    assert "d 15,16,16; w 8,16,64; g 8,16,16; b 1,1,1" in text


def test_the_same_story_gives_the_same_files(single: ReportStory, written: list[Path], tmp_path: Path) -> None:
    again = write_report(single, tmp_path)
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in written]
    overwritten = write_report(single, tmp_path)
    assert overwritten == again
    assert not [p for p in tmp_path.rglob("*") if p.name.endswith(".tmp")]


def test_replicates_get_an_edf_each_and_no_warning_about_one_run(replicated: ReportStory, tmp_path: Path) -> None:
    files = write_report(replicated, tmp_path)
    names = [path.name for path in files]
    assert [f"edf-seed-{seed}.svg" in names for seed in range(3)] == [True] * 3
    text = files[0].read_text(encoding="utf-8")
    assert "One run is not yet a principle" not in text
    assert "Depth of stage 1: 15 with seed 0, 7 with seed 1 and 8 with seed 2" in text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_text_from_outside_is_escaped(synflow: RefinementStory, tmp_path: Path) -> None:
    evil = "<script>alert('&')</script>"
    story = dataclasses.replace(
        synflow,
        predictor=evil,
        data=evil,
        family=evil,
        scale=evil,
        budget=evil,
        command=f"netlore --out '{evil}'",
        stopped_because=evil,
        versions={evil: evil},
        best=((evil, evil, 1.0),),
    )
    files = write_report(ReportStory(evil, (story,)), tmp_path)
    text = files[0].read_text(encoding="utf-8")
    assert not Page(text).all("script")
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 12


def test_other_families_get_figures_of_the_classes_that_they_have(
    build_story: Callable[..., RefinementStory], tmp_path: Path
) -> None:
    grids: dict[str, tuple[int, ...]] = {"d1": (1, 2, 3), "d2": (1, 2, 3), "kernel": (3, 5, 7), "../r1": (1, 2)}
    story = build_story({name: (grid[0], grid[1]) for name, grid in grids.items()}, rounds=20, grids=grids)
    story = dataclasses.replace(story, cardinalities_within_budget=(), budget="no budget", best=())
    files = write_report(ReportStory("other", (story,)), tmp_path)
    names = [path.stem for path in files if path.suffix == ".svg"]
    assert names == ["intervals-depths", "intervals-kernel", "intervals-r1", "edf", "space-size", "complexity"]
    assert all(path.is_relative_to(tmp_path) for path in files)
    text = files[0].read_text(encoding="utf-8")
    assert "kernel = 3 to 5" in text
    assert 'id="best"' not in text


def test_a_file_in_the_place_of_the_folder_is_bad_input(single: ReportStory, tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_text("here")
    with pytest.raises(InvalidInput, match=r"needs a folder, but .*taken"):
        write_report(single, place)
    assert place.read_text() == "here"
