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
from paper.checks import climbs, idle, judged, of_course, of_ends
from paper.checks_of_sample import best_networks, shares, tau
from paper.members import member_lines, stored
from paper.pages import Check, gathered
from paper.reproduction_figures import pictures
from scipy.stats import kendalltau

import netlore as nl
from netlore.analysis.trees import decision_tree
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
        ([True, "missing"], "agrees"),
        ([True, False], "agrees in part"),
        ([True, False, False], "differs"),
        ([False, "missing"], "differs"),
        (["missing", "missing"], "not computed"),
        ([], "not computed"),
        ([True, None], "undecided"),  # agrees, or in part
        ([True, True, False, None], "agrees in part"),  # two of four, or three
        ([True, False, None], "undecided"),  # one of three, or two
        ([False, False, False, None], "differs"),  # none of four, or one
        ([None], "undecided"),
    ],
)
def test_the_verdict_counts_computed_checks(holds: list[Any], expected: str) -> None:
    checks = tuple(Check("", "") if one == "missing" else Check("", "", "1", "", one) for one in holds)
    assert Claim({}, checks).verdict == expected


def test_an_undecided_check_is_distinguished_from_one_that_was_not_computed() -> None:
    checks = (Check("", "", "1", "", True), Check("", "", "1"), Check("", ""))
    assert [one.answer for one in checks] == ["yes", "undecided", "\N{EN DASH}"]
    assert Claim({"place": "", "says": ""}, checks).summary[2] == "1 of 2, 1 undecided, 1 not computed"


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
    """A refinement whose rounds have 21 scores each, evenly from m - 1 to m + 1."""
    one = build(SYNFLOW_ENDS, rounds=len(means))
    rounds = tuple(
        replace(entry, frame=pd.DataFrame({"synflow": np.linspace(mean - 1.0, mean + 1.0, 21)}))
        for entry, mean in zip(one.first.rounds, means, strict=True)
    )
    return altered(one, rounds=rounds)


@pytest.mark.parametrize(
    ("means", "shown", "holds", "verdict"),
    [
        ([0, 1, 2], "0.9", True, "agrees"),
        ([0] * 12, "0.500", False, "differs"),  # as grasp: the interval ends below .56
        ([2, 1, 0], "0.0", False, "differs"),
        ([0, 0.1, 0.2], "0.5", None, "undecided"),
        ([0], "one round", None, "undecided"),
    ],
)
def test_scores_have_to_climb_by_more_than_a_small_effect(
    means: list[float], shown: str, holds: bool | None, verdict: str
) -> None:
    found = claim(study_of(moving(means)), "better score")
    (check,) = [one for one in found.checks if one.computed]
    assert (check.what, check.holds, found.verdict) == ("CIFAR-10, synflow", holds, verdict)
    assert check.ours.startswith(shown)


def test_the_trend_test_is_corrected_for_all_refinements() -> None:
    """Alone this trend is significant; next to as flat a one, Holm doubles its p."""
    seeds = [moving([0, 0.35]), altered(moving([0, 0]), seed=1)]
    alone, both = climbs(study_of(seeds[0])), climbs(study_of(*seeds))
    key = ("cifar10", "synflow", 0)
    assert both[key].p_value == pytest.approx(2 * alone[key].p_value)
    assert both["cifar10", "synflow", 1].trend.superiority == 0.5


def test_intervals_of_a_refinement_that_does_not_climb_decide_nothing() -> None:
    flat = study_of(altered(moving([0] * 12)))
    found = claim(flat, "synflow has g2 = 16")
    assert idle(flat) == {("cifar10", "synflow", 0)}
    assert (found.checks[0].holds, found.verdict) == (None, "undecided")
    assert found.checks[0].basis.endswith("its scores do not climb")


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
    assert [list(line[:4]) for line in table1.interval_lines(own)] == [
        ["jacov", "paper", "\N{EN DASH}", "[2, 3]"],
        ["", "seed 0", "12", "[2, 3]"],
        ["", "seed 1", "12", "**9**"],
    ]
    assert [*table1.moving(own)] == [
        "Seeds of jacov on CIFAR-10 do not end in one place: their intervals of d1 do not all overlap."
    ]


def test_what_is_picked_stands_under_what_the_paper_picked() -> None:
    (run,) = study_of(build(SYNFLOW_ENDS)).refinements
    study = replace(
        EMPTY, classes={"cifar10": (10, 32)}, refinements=(replace(run, picked=nl.named("baseline/resnet-20")),)
    )
    assert [line[2:] for line in table1.pick_lines(study)] == [
        ("paper", "d 15,16,16; w 8,16,64; g 8,16,16; b 1,1,1", "43.09", "344,138", "868,362"),
        ("seed 0", str(nl.named("baseline/resnet-20")), "40.81", "272,474", "200,714"),
    ]
    assert not [*table1.pick_lines(replace(study, refinements=(run,)))]


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


def correlated(noise: float) -> SampleData:
    """400 networks whose jacov is that of logdet but for noise."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=400)
    frame = pd.DataFrame({"logdet": first, "jacov": first + noise * rng.normal(size=400)})
    return replace(sample(), predictors=("logdet", "jacov"), frame=frame)


@pytest.mark.parametrize(("low", "below", "holds"), [(0.3, 0.7, True), (0.2, 0.3, False), (0.2, 0.5, None)])
def test_a_correlation_is_judged_by_its_interval(low: float, below: float, holds: bool | None) -> None:
    found = correlated(1.0)  # tau is 1/2 for two normal variables of correlation 1 / sqrt(2)
    entry = {"pairs": [["logdet", "jacov"]], "printed": "", "low": low, "below": below}
    (check,) = tau(entry, replace(EMPTY, samples=(found,)), PAPER)
    value, ends = check.ours.split(" [")
    first, last = (float(one) for one in ends.rstrip("]").split(", "))
    assert float(value) == pytest.approx(kendalltau(*found.frame.to_numpy().T).statistic, abs=6e-4)
    # The standard error of tau at n = 400: about 2 / 3 sqrt((1 - tau^2)^2 ... ) / sqrt(n), some .025.
    assert first < 0.5 < last and 0.06 < last - first < 0.13
    assert check.holds is holds


def split_sample(high: float) -> SampleData:
    """1,000 networks, d3 >= 6 in 300 of them; of these a share has the highest scores, the rest the lowest."""
    d3 = np.repeat([8, 2], [300, 700])
    scores, best = np.zeros(1000), round(300 * high)
    scores[:best], scores[best:300], scores[300:] = 2, -2, np.linspace(-1, 1, 700)
    scores += np.linspace(0, 1e-6, 1000)
    frame = pd.DataFrame({"synflow": scores, "d3": d3, "w3": 8})
    tree = decision_tree({"d3": d3, "w3": np.full(1000, 8)}, scores)
    return replace(sample(), predictors=("synflow",), frame=frame, trees={"synflow": tree})


@pytest.mark.parametrize(
    ("high", "share", "expected"),
    [
        (1.0, 0.30, [True, True]),  # all of the case score high, and it is 30 % of all
        (0.3, 0.60, [False, False]),  # 70 % of it score low; 60 % is more than 10 points off
        (0.5, 0.40, [None, None]),  # half and half; 30 % is just on the limit of 10 points
    ],
)
def test_leaves_are_shares_of_all_networks(high: float, share: float, expected: list[bool | None]) -> None:
    conditions = [["d3", ">=", 6]]
    entry = {"predictor": "synflow", "conditions": conditions, "share": share, "near": 0.10}
    checks = list(best_networks(entry, replace(EMPTY, samples=(split_sample(high),)), PAPER))
    assert [check.what for check in checks[2:]] == [
        "levels of networks with d3 >= 6",
        "share of all networks with d3 >= 6",
    ]
    assert [check.holds for check in checks[2:]] == expected
    assert checks[3].ours.startswith("30.0% [")


def test_a_sample_without_analyses_is_no_crash() -> None:
    found = claims_of(replace(EMPTY, samples=(sample(),)), PAPER)
    assert {one.verdict for one in found if one.entry["section"] == "sample"} == {"not computed"}


def test_without_runs_everything_but_what_is_counted_is_not_computed() -> None:
    text = document(EMPTY, PAPER)
    summary = text.split("## Summary")[1].split("## Without")[0]
    verdicts = [line.rsplit("| ", 1)[1].rstrip(" |") for line in summary.splitlines() if line.startswith("| ")][2:]
    assert verdicts[:2] == ["agrees", "agrees"]
    assert verdicts[2:8] == ["agrees in part", "differs", "agrees", "undecided", "undecided", "undecided"]
    assert set(verdicts[8:]) == {"not computed"}
    assert sum("Table I |" in line for line in summary.splitlines()) == 7
    assert "nan" not in text
    assert "*Why, if known:*" not in text.split("## The sample of the initial space")[1]


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


def test_what_several_folders_hold_is_taken_from_the_first() -> None:
    sizes = [ROOT / "results" / name / "synflow-cifar10" for name in ("paper-size", "laptop")]
    if not all(map(Path.is_dir, sizes)):
        pytest.skip("results/paper-size and results/laptop are not there")
    drawn = [gathered(order)[0].refinements for order in (sizes, sizes[::-1])]
    assert [[one.configuration.common_draws for one in each] for each in drawn] == [[False], [True]]


def test_a_refinement_that_would_go_on_is_named() -> None:
    story = build(SYNFLOW_ENDS, changes={"stopped_because": "round limit"})
    assert "wider than they would be: synflow on CIFAR-10, seed 0." in document(study_of(story), PAPER)


def test_equal_ends_on_both_data_sets_are_said_to_be_no_evidence() -> None:
    story = build(SYNFLOW_ENDS)
    again = study_of(build(SYNFLOW_ENDS, data="cifar100")).refinements
    both = replace(EMPTY, refinements=study_of(story).refinements + again)
    assert "synflow ends in the same intervals on both data sets" in document(both, PAPER)
    assert "the same intervals on both" not in document(study_of(story), PAPER)


def test_figures_have_what_the_paper_printed_next_to_ours() -> None:
    found = pictures(study_of(build(SYNFLOW_ENDS)), PAPER)
    (costs,) = (one for one in found["statements"] if one.number == 10)
    assert costs.name == "reproduction-fig10-complexity"
    assert "recommended by the paper." in costs.caption
    heights = [axes.lines[0].get_ydata()[0] for axes in costs.draw().axes]
    assert heights == pytest.approx([43.09e6, 344_138, 868_362])
    # A predictor that the paper has not.
    assert not any(pictures(study_of(build(SYNFLOW_ENDS, predictor="zen")), PAPER).values())


def test_the_document_is_what_its_command_writes() -> None:
    folders = [ROOT / "results" / name for name in ("paper-size", "laptop", "training")]
    if not all((folder / "study.json").is_file() for folder in folders):
        pytest.skip("results/paper-size, laptop and training, which the document is made from, are not there")
    study, left_out = gathered(folders)
    page = (ROOT / "docs" / "reproduction.md").read_text(encoding="utf-8")
    assert document(study, PAPER, left_out, [*member_lines(stored())]) == page and COMMAND in page


def test_the_summary_counts_claims_as_the_page_does() -> None:
    page, summary = (
        (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("reproduction.md", "paper.md")
    )
    (line,) = [line for line in page.splitlines() if line.startswith("Of ") and " claims: " in line]
    number, counts = line.removeprefix("Of ").rstrip(".").split(" claims: ")
    of = {name: int(count) for name, count in (part.rsplit(" ", 1) for part in counts.split(", "))}
    said = (
        f"Of its {number} claims {of['agrees']} agree, {of['agrees in part']} agree in part, "
        f"{of['differs']} differ, {of['undecided']} are undecided"
    )
    assert said in " ".join(summary.split())
