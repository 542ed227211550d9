"""docs/comparison.md: what is finished is kept, what is missing is done, and the page holds all of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from paper.comparison_figures import figures_of
from paper.comparison_findings import Compared, Kept, winner_sentence, winners_text

from netlore.errors import InvalidInput
from netlore.refinement.searches.formulas import formula
from netlore.refinement.searches.searchers import SEARCHERS
from netlore.refinement.searches.selection import OWN
from netlore.report.figures.figure import png_bytes
from netlore.storage.documents import read_json
from paper import comparison as script

QUICK = ("random", "evolution-sequential", "one-shot")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three searchers on two landscapes, two seeds, 60 paid scores."""
    folder = tmp_path_factory.mktemp("results") / "comparison"
    for landscape in ("closed-form-noise-1", "two-peaks"):
        for job in script.wanted(folder, [landscape], QUICK, seeds=2, most=60):
            job.run()
    return folder


def test_what_is_finished_is_not_searched_again(results: Path) -> None:
    assert script.wanted(results, ["two-peaks"], QUICK, seeds=2, most=60) == []
    path = results / "two-peaks" / "random.json"
    before = path.read_bytes()
    [more] = script.wanted(results, ["two-peaks"], ["random"], seeds=3, most=60)
    assert more.missing() == [2]
    more.run()
    after = read_json(path)
    assert list(after["seeds"]) == ["0", "1", "2"]
    for seed in ("0", "1"):
        assert after["seeds"][seed] == script.Job(results, "two-peaks", "random", 3, 60).kept()["seeds"][seed]
    path.write_bytes(before)
    with pytest.raises(InvalidInput, match="has most = 60, not 80; name another folder, or the same settings"):
        script.wanted(results, ["two-peaks"], QUICK, seeds=2, most=80)


def test_a_search_that_is_done_again_comes_to_the_same(results: Path, tmp_path: Path) -> None:
    [job] = script.wanted(tmp_path, ["two-peaks"], ["evolution-sequential"], seeds=1, most=60)
    job.run()
    one, other = (
        read_json(each / "two-peaks" / f"{job.searcher}.json")["seeds"]["0"] for each in (results, tmp_path)
    )
    assert {**one, "seconds": 0} == {**other, "seconds": 0}
    assert one["paid"] == one["distinct"] == 60 <= one["asked"] and one["course"]["own mean"][-1] >= 0


def test_the_page_has_every_landscape_with_its_tables_and_figure(results: Path) -> None:
    compared = script.read(results)
    assert [one.name for one in compared] == ["closed-form-noise-1", "two-peaks"]
    assert compared[0].first["optimum"] == pytest.approx(formula("closed_form").optimum)
    page = script.document(compared)
    for one in compared:
        assert f"## {one.heading}" in page and one.title in page and f"figures/comparison-{one.name}.png" in page
        assert one.winner.name in QUICK
        assert len(one.tests) == 3 and all(
            each.adjusted == 1 for each in one.tests
        )  # of two seeds nothing is sure
    assert winners_text(compared) in page and winners_text(compared).startswith("At the end, 60 paid scores")
    for text in ("Search and selection apart", "Corrected [95 %]", "Average rank", "GFLOPs scored", "p, Holm"):
        assert text in page
    assert "Not among them: the paper's refinement," in page
    figures = figures_of(compared)
    assert [one.name for one in figures][-1] == "comparison-ranks"
    assert all(png_bytes(one.draw())[:4] == b"\x89PNG" for one in figures)


def made_up(searcher: str, *courses: tuple[float, ...]) -> Kept:
    """One searcher's seeds, by the regrets of their picks after 100, 300 and 500 scores."""
    seeds = {
        str(seed): {"course": {OWN: [*course]}, "ends": {OWN: {"regret": course[-1]}}}
        for seed, course in enumerate(courses)
    }
    head = {"title": "made up", "noise": 0.0, "most": 500, "at": [100, 300, 500]}
    return Kept({"searcher": searcher, "seeds": seeds, **head})


def test_of_equal_ends_the_lower_way_wins_and_the_early_leader_is_named() -> None:
    random = made_up("random", *[(9.0, 4.0, 3.0)] * 3)
    late = made_up("memory", *[(9.0, 2.0, 0.0)] * 3)
    soon = made_up("umda", (8.0, 1.0, 0.0), (8.0, 3.0, 0.0), (8.0, 1.5, 1.0))
    for kept in ([random, late, soon], [soon, late, random]):
        found = Compared("flat", kept, SEARCHERS)
        assert found.winner is soon and found.equal == ["refinement with memory"]
        assert found.early is not None and found.early[0] is soon and found.early[1].value == 1.5
        assert "and by refinement with memory, higher on the way; after 300 scores by" in winner_sentence(found)
        assert winners_text([found, found]) == (
            "At the end, 500 paid scores at most, the lowest median regret has, of 2: marginal distributions "
            "(UMDA) on 2. After 300 paid scores, of 2: marginal distributions (UMDA) on 2."
        )
    assert Compared("flat", [random, late], SEARCHERS).equal == []


def test_every_landscape_and_searcher_has_a_name_and_stored_ones_are_published_ones() -> None:
    root = Path(__file__).resolve().parents[2] / "results"
    made = script.landscapes(root / "comparison")
    assert {f"closed-form-noise-{level}" for level in (0, 1, 2, 5)} < made.keys()
    assert {"nas-bench-201-cifar10-synflow", "nas-bench-201-cifar10-accuracy", "tuning"} < made.keys()
    assert len(script.searchers("tuning")) == 9 and script.searchers("permuted") is SEARCHERS
    assert made["closed-form-noise-5"]().noise == pytest.approx(2.9)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--landscape", "flat"], "landscape 'flat' is not known; choose one of"),
        (["--searcher", "luck"], "searcher 'luck' is not known; choose one of"),
        (["--seeds", "0"], "seeds = 0 and most = 2000 must be positive"),
        (["--page"], "has no landscape that two searchers searched; leave out --page"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["comparison", str(tmp_path / "page.md"), str(tmp_path / "none"), *words])
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 2 and said in capsys.readouterr().err
