"""The verdicts of docs/reproduction.md: their rules on cases worked by hand, and on the paper's own numbers."""

from __future__ import annotations

import copy
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from paper.check_claims import COMMAND, Claim, claims_of, document
from paper.checks import judged, of_course, of_ends
from paper.checks_of_sample import shares
from paper.pages import Check, gathered

from netlore.report.data import RefinementData, StudyData
from netlore.report.sample_data import SampleData
from paper import table1
from tests.report.conftest import JACOV_ENDS, SYNFLOW_ENDS, altered, build

ROOT = Path(__file__).resolve().parents[2]
PAPER: dict[str, Any] = tomllib.loads((ROOT / "results" / "paper.toml").read_text(encoding="utf-8"))
EMPTY = StudyData("nothing", (), (), {}, {}, {})
ROWS = {(data, name): table1.printed(row) for data, rows in PAPER["table1"].items() for name, row in rows.items()}


def study_of(*replicates: RefinementData) -> StudyData:
    """A study of one refinement."""
    found = tuple(one.first for one in replicates)
    return replace(EMPTY, refinements=(replace(replicates[0], refinements=found),))


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        ([True, True], "agrees"),
        ([True, None], "agrees"),
        ([True, False], "agrees in part"),
        ([True, False, False], "differs"),
        ([False, None], "differs"),
        ([None, None], "not computed"),
        ([], "not computed"),
    ],
)
def test_the_verdict_counts_computed_checks(holds: list[bool | None], expected: str) -> None:
    checks = tuple(Check("", "", holds=one) for one in holds)
    assert Claim({}, checks).verdict == expected


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ((8, 8), (8, 32), 0),  # they share their ends
        ((2, 4), (4, 8), 0),
        ((2, 32), (4, 8), 0),
        ((4, 4), (8, 8), 1),
        ((16, 32), (1, 2), 3),  # 2, 4, 8, 16
    ],
)
def test_a_gap_is_counted_in_steps_of_the_grid(one: tuple[int, int], other: tuple[int, int], steps: int) -> None:
    grid = (1, 2, 4, 8, 16, 32)
    assert table1.gap(one, other, grid) == table1.gap(other, one, grid) == steps


def test_intervals_as_wide_as_the_grid_do_not_count_as_evidence() -> None:
    # Of twelve intervals, the paper's are whole grids but for d1 and d2.
    grids = {name: (grid[0], grid[-1]) for name, grid in table1.GRIDS.items()}
    paper, single = {**grids, "d1": (4, 4), "d2": (1, 2)}, {name: (one[1], one[1]) for name, one in grids.items()}
    ends = [((3, 4), (2, 2)), ((3, 3), (2, 3)), ((1, 1), (3, 3)), ((1, 2), (4, 4))]
    ours = [build({**single, "d1": d1, "d2": d2}) for d1, d2 in ends]
    rows = [table1.Row("cifar10", "synflow", "", paper, one, one.first) for one in ours]
    counts = [table1.counts(paper, one.first.principles) for one in ours]
    assert counts == [(12, 12, 2, 2), (11, 12, 2, 2), (10, 11, 2, 1), (10, 10, 2, 0)]
    assert [one.verdict for one in rows] == ["agrees", "agrees in part", "agrees in part", "differs"]


@pytest.mark.parametrize(("data", "name"), list(ROWS))
def test_the_papers_rows_are_most_like_themselves(data: str, name: str) -> None:
    own = {other: row for (where, other), row in ROWS.items() if where == data}
    assert table1.counts(ROWS[data, name], ROWS[data, name])[0] == 12
    assert table1.nearest(ROWS[data, name], own) == f"{name} (1.00)"


CLAIMS = tomllib.loads((ROOT / "paper" / "claims.toml").read_text(encoding="utf-8"))["claim"]
STATEMENTS = [entry for entry in CLAIMS if "names" in entry]
CIFAR10 = {name: row for (data, name), row in ROWS.items() if data == "cifar10"}


def holds(entry: Any, row: Any, others: Any) -> bool | None:
    """Whether a statement holds for principles."""
    return judged(entry, of_ends(row, entry["names"], others))[1]


@pytest.mark.parametrize("entry", STATEMENTS, ids=lambda one: one["says"])
def test_the_papers_table_satisfies_what_the_paper_says_of_it(entry: Any) -> None:
    for name in entry["predictors"]:
        others = {other: row for other, row in CIFAR10.items() if other != name}
        assert holds(entry, CIFAR10[name], others) is True, name


@pytest.mark.parametrize("entry", STATEMENTS, ids=lambda one: one["says"])
def test_every_statement_can_fail(entry: Any) -> None:
    assert False in [holds(entry, row, {"jacov": CIFAR10["jacov"]}) for row in CIFAR10.values()]


@pytest.mark.parametrize(
    "entry", [one for one in CLAIMS if one["check"] == "refined"], ids=lambda one: one["says"]
)
def test_every_claim_on_refinements_decides_on_a_whole_one(entry: Any) -> None:
    run = moving([1, 2, 3])
    ends = of_ends(run.first.principles, entry.get("names", []), {"jacov": CIFAR10["jacov"]})
    shown, decided = judged(entry, ends | of_course(run, run.first))
    assert shown and "{" not in shown and isinstance(decided, bool)


def test_comparisons_with_other_predictors_need_some() -> None:
    alone = [holds(one, CIFAR10["jacov"], {}) for one in STATEMENTS if "others" in one["says"]]
    assert alone == [None, None]


def claim(study: StudyData, says: str, paper: dict[str, Any] = PAPER) -> Claim:
    """The claim that says so."""
    (found,) = [one for one in claims_of(study, paper) if says in one.entry["says"]]
    return found


def test_table_2_is_counted_exactly_and_a_changed_number_is_seen() -> None:
    counted = claim(EMPTY, "26 networks")
    assert (len(counted.checks), counted.verdict) == (26, "agrees")
    wrong = copy.deepcopy(PAPER)
    wrong["table2"]["cifar100"]["paper/cifar100/jacov"]["params"] += 1
    found = claim(EMPTY, "26 networks", wrong)
    assert [check.what for check in found.checks if not check.holds] == ["CIFAR-100, jacov"]
    assert found.verdict == "agrees in part"


def test_the_initial_space_is_counted() -> None:
    counted = claim(EMPTY, "The initial space holds")
    assert counted.verdict == "agrees"
    for number in ("10,077,696,000", "901,115,488", "901,117,100"):
        assert number in counted.checks[0].ours


def moving(means: list[float]) -> RefinementData:
    """A refinement whose rounds have the scores m - 1 and m + 1."""
    one = build(SYNFLOW_ENDS, rounds=len(means))
    rounds = tuple(
        replace(entry, frame=pd.DataFrame({"synflow": [mean - 1.0, mean + 1.0]}))
        for entry, mean in zip(one.first.rounds, means, strict=True)
    )
    return altered(one, rounds=rounds)


def test_scores_have_to_rise_in_every_round() -> None:
    better, worse = (claim(study_of(moving(means)), "better score") for means in ([1, 2, 3], [1, 3, 2]))
    (check,) = [one for one in better.checks if one.holds is not None]
    assert (check.what, check.ours, check.holds) == ("CIFAR-10, synflow", "2 of 2 rise, from 1 to 3", True)
    (check,) = [one for one in worse.checks if one.holds is not None]
    # A fall by 1, each mean with variance 1 / 2: one standard error of the difference.
    assert check.ours == "1 of 2 rise, from 1 to 2; largest fall 1.0 standard errors"
    assert (check.holds, worse.verdict) == (False, "differs")


@pytest.mark.parametrize(
    ("sizes", "start", "holds"),
    [
        ((10**6, 10**4, 10**2, 1), "R^2 = 1.000, a factor of 0.01 a round", True),
        # log10 is 6, 0, 0, 0: slope -1.8, R^2 = 16.2 / 27
        ((10**6, 1, 1, 1), "R^2 = 0.600, a factor of 0.016 a round", False),
    ],
)
def test_shrinking_is_exponential_if_its_logarithm_is_straight(
    sizes: tuple[int, ...], start: str, holds: bool
) -> None:
    story = altered(moving([1, 2, 3]), cardinalities=sizes, cardinalities_within_budget=sizes)
    (check,) = [one for one in claim(study_of(story), "shrinks").checks if one.holds is not None]
    assert (check.ours.startswith(start), check.holds) == (True, holds)


def test_replicates_are_checked_one_by_one() -> None:
    study = study_of(build(SYNFLOW_ENDS, seed=0), build({**SYNFLOW_ENDS, "g2": (8, 8)}, seed=1))
    found = claim(study, "synflow has g2 = 16")
    assert [check.holds for check in found.checks] == [True, False]
    assert found.checks[1].basis == "n = 500 a round, seed 1"
    assert found.verdict == "agrees in part"


def test_rows_of_table_1_stand_under_the_papers_with_misses_in_bold() -> None:
    story = build(JACOV_ENDS, predictor="jacov")
    moved = build({**JACOV_ENDS, "d1": (9, 9)}, predictor="jacov", seed=1)
    rows = table1.rows_of(PAPER["table1"], study_of(story, moved))
    own = [row for row in rows if row.data == "cifar10" and row.predictor == "jacov"]
    assert [row.verdict for row in own] == ["agrees", "agrees in part"]
    assert [list(line[:4]) for line in table1.interval_lines(own)] == [
        ["jacov", "paper", "\N{EN DASH}", "[2, 3]"],
        ["", "seed 0", "12", "[2, 3]"],
        ["", "seed 1", "12", "**9**"],
    ]


def sample() -> SampleData:
    """Ten networks with scores -4 to 5, so 5, 4, 3 are the best 30 %; w3 is 32 for the last two and the first."""
    frame = pd.DataFrame({"grasp": np.arange(-4.0, 6.0), "w3": [32, *[8] * 7, 32, 32]})
    nothing: tuple[dict[str, Any], ...] = ({}, {}, {}, {})
    return SampleData(
        "cifar10", "anynet", 3, "", {}, ("grasp",), {}, frame, {}, None, *nothing, "netlore score", 1.0
    )


def test_the_share_of_the_best_networks_is_counted() -> None:
    at_least = (("w3", ">=", 24),)
    assert shares(sample(), "grasp", at_least) == (2 / 3, 0.3)
    assert shares(sample(), "grasp", (("w3", "<", 24),)) == (pytest.approx(1 / 3), 0.7)
    # By size, -4 comes before 4, being drawn first: 5, -4, 4.
    assert shares(sample(), "grasp", at_least, by_size=True) == (1.0, 0.3)


def test_a_sample_without_analyses_is_no_crash() -> None:
    found = claims_of(replace(EMPTY, samples=(sample(),)), PAPER)
    assert {one.verdict for one in found if one.entry["section"] == "sample"} == {"not computed"}


def test_without_runs_everything_but_what_is_counted_is_not_computed() -> None:
    text = document(EMPTY, PAPER)
    summary = text.split("## Summary")[1].split("## Without")[0]
    verdicts = [line.rsplit("| ", 1)[1].rstrip(" |") for line in summary.splitlines() if line.startswith("| ")][2:]
    assert verdicts[:2] == ["agrees", "agrees"]
    assert set(verdicts[2:]) == {"not computed"}
    assert sum("Table I |" in line for line in summary.splitlines()) == 14
    assert "nan" not in text
    assert "*Why, if known:*" not in text


def test_folders_that_hold_nothing_are_named(tmp_path: Path) -> None:
    (tmp_path / "snip-cifar10").mkdir()
    (tmp_path / "snip-cifar10" / "run.json").write_text("{}", encoding="utf-8")
    parts = {"title": "a study", "size": "smoke", "parts": ["snip-cifar10", "never begun"]}
    (tmp_path / "study.json").write_text(json.dumps(parts), encoding="utf-8")
    study, left_out = gathered([tmp_path])
    assert (study.title, study.refinements) == ("a study", ())
    assert len(left_out) == 1
    assert left_out[0].startswith("snip-cifar10 is left out: ")
    assert str(tmp_path) not in left_out[0]


def test_a_refinement_that_would_go_on_is_named() -> None:
    story = build(SYNFLOW_ENDS, changes={"stopped_because": "round limit"})
    assert "wider than they would be: synflow on CIFAR-10, seed 0." in document(study_of(story), PAPER)


def test_equal_ends_on_both_data_sets_are_said_to_be_no_evidence() -> None:
    story = build(SYNFLOW_ENDS)
    again = study_of(build(SYNFLOW_ENDS, data="cifar100")).refinements
    both = replace(EMPTY, refinements=study_of(story).refinements + again)
    assert "synflow ends in the same intervals on both data sets" in document(both, PAPER)
    assert "the same intervals on both" not in document(study_of(story), PAPER)


def test_the_document_is_what_its_command_writes() -> None:
    folders = [ROOT / "results" / name for name in ("laptop", "training")]
    if not all((folder / "study.json").is_file() for folder in folders):
        pytest.skip("results/laptop and results/training, which the document is made from, are not there")
    study, left_out = gathered(folders)
    page = (ROOT / "docs" / "reproduction.md").read_text(encoding="utf-8")
    assert document(study, PAPER, left_out) == page and COMMAND in page
