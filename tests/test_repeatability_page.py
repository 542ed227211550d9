"""The verdicts and tables of docs/repeatability.md, on comparisons made up by hand."""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from netlore.analysis.bootstrap import Estimate
from netlore.experiments.refine import stored_refinements
from netlore.refinement.surrogate import Surrogate
from netlore.report.compare.collect import find_methods
from netlore.report.compare.data import MethodFindings
from tests.report.compare.methods import comparison, group, memory, paper, scored_anew
from tests.report.conftest import Budget

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
script = importlib.import_module("write_repeatability")
budgets = importlib.import_module("repeatability_budgets")


def agreeing(found: MethodFindings, containment: float, width: float) -> MethodFindings:
    """The same method with seeds that agree so often, and intervals that cover so much of every grid."""
    assert found.stability is not None
    same = np.full(len(found.stability.names), containment)
    replicates = tuple(
        dataclasses.replace(one, widths=dict.fromkeys(one.widths, width)) for one in found.replicates
    )
    repeated = dataclasses.replace(found.stability, containment=same)
    run = dataclasses.replace(found.run, stability=repeated)
    return dataclasses.replace(found, run=run, replicates=replicates)


@pytest.mark.parametrize(
    ("containment", "width", "elites", "holds"),
    [
        (0.9, 0.5, (18, 18.5), True),  # 0.5 is one noise unit
        (0.89, 0.5, (18, 18.5), False),
        (0.9, 0.51, (18, 18.5), False),
        (0.9, 0.5, (18, 18.6), False),
    ],
)
def test_principles_repeat_if_seeds_agree_on_narrow_intervals_and_end_close(
    containment: float, width: float, elites: tuple[float, ...], holds: bool
) -> None:
    one = agreeing(memory(*elites), containment, width)
    assert script.repeats(group(paper(12, 14), one), one) is holds


def test_fresh_scores_decide_where_there_are_any() -> None:
    one = agreeing(memory(18, 18.2), 1.0, 0.2)
    lucky = dataclasses.replace(
        one, replicates=tuple(dataclasses.replace(each, fresh=10.0 + at) for at, each in enumerate(one.replicates))
    )
    found = scored_anew(group(paper(12, 14), one), 0.5)
    assert script.repeats(found, found.methods[1])
    assert not script.repeats(found, lucky)


def test_one_seed_repeats_nothing() -> None:
    one = memory(18)
    assert not script.repeats(group(paper(12, 14), one), one)


def test_the_page_says_for_which_methods_principles_repeat_and_why_not() -> None:
    good, bad = agreeing(memory(18, 18.2), 0.95, 0.2), agreeing(paper(12, 14), 0.6, 0.7)
    page = script.document(comparison(scored_anew(group(bad, good), 0.25)))
    flat = re.sub(r"\s+", " ", page)
    assert "- synflow on cifar10: principles repeat by refinement with memory." in flat
    assert "Not by the paper's refinement (containment 60%, intervals cover 70%, 4.0 noise units apart)." in flat
    # Medians anew are 17.85 and 12.75: 5.1 / 0.5.
    assert "Highest median elite score anew: refinement with memory, 10.2 noise units above" in flat
    row = next(line for line in page.splitlines() if line.startswith("| refinement with memory |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells == [
        *("refinement with memory", "2", "400", "17.8 to 17.9", "0.5", "0.4", "95%"),
        *(cells[7], "20%", "2 of 2, 305"),
    ]
    assert script.COMMAND in page and "## How it was made" in page
    assert all(
        len(line) <= script.WIDTH for line in page.splitlines() if not line.startswith(("|", "*", "!", " "))
    )


def test_every_seed_s_intervals_stand_on_the_page() -> None:
    page = script.document(comparison())
    rows = [line for line in page.splitlines() if re.match(r"\| [^|]*, \d+ \|", line)]
    assert [row.split("|")[1].strip() for row in rows] == [
        *(f"the paper's refinement, {seed}" for seed in range(3)),
        *(f"refinement with memory, {seed}" for seed in range(2)),
    ]
    assert rows[1].split("|")[2].strip() == "[2, 9]"  # d1 of seed 1


def test_budgets_stand_in_the_order_of_their_largest_elites() -> None:
    def under(budget: str, flops: float) -> MethodFindings:
        one = memory(18, 19)
        found = []
        for each in one.run.refinements:
            first, last = each.rounds
            estimates = {**last.estimates, "flops": Estimate(1_000_000, 2_000_000, int(flops))}
            sizes = {"cardinalities": (100, 50, 20), "cardinalities_within_budget": (60, 30, 5)}
            rounds = (first, dataclasses.replace(last, estimates=estimates))
            space = dataclasses.replace(each.space, budget=Budget(budget))
            found.append(dataclasses.replace(each, space=space, rounds=rounds, **sizes))
        return dataclasses.replace(one, run=dataclasses.replace(one.run, refinements=tuple(found)))

    large, small = (group(paper(12, 14), under("large", 50e6)), group(under("small", 20e6)))
    text, table = budgets.budget_parts([large, small])
    assert re.search(r"small: containment 100%, .* 400 networks; large: containment", text)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    assert [row[:4] for row in rows] == [
        [budget, seed, f"1.0 to {most:.1f}", "25%"]
        for budget, most in (("small", 20), ("large", 50))
        for seed in ("0", "1")
    ]
    assert rows[1][4] == "[2, 9]"


def test_what_is_committed_of_synflow_is_found_again_and_repeats() -> None:
    """The trend is arithmetic on stored scores, and must choose the same networks on every machine."""
    folders = [ROOT / "results" / "repeatability" / f"synflow-{name}" for name in ("paper", "memory", "again")]
    (found,) = find_methods(folders).groups
    papers, ours = found.methods
    assert [len(one.replicates) for one in found.methods] == [5, 5]
    assert all(one.stopped_because != "unfinished" for one in ours.run.refinements)
    assert script.repeats(found, ours) and not script.repeats(found, papers)
    assert max(ours.networks) < min(papers.networks)
    assert min(ours.fresh_scores) > 0.97 * found.best_known


def test_rounding_does_not_change_the_course_of_a_refinement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processors add up in another order: a course must not hang on the last digits of the trend."""
    rng, exact = np.random.default_rng(0), Surrogate.at

    def rounded(self: Surrogate, places: np.ndarray) -> np.ndarray:
        found = exact(self, places)
        return found + 1e-11 * np.abs(found).mean() * rng.standard_normal(len(found))

    archive = ROOT / "results" / "repeatability" / "synflow-memory"
    _, usual = stored_refinements(archive)
    monkeypatch.setattr(Surrogate, "at", rounded)
    _, found = stored_refinements(archive)
    assert [one.stopped_because for one in found] == ["plateau"] * 5
    for one, other in zip(found, usual, strict=True):
        assert one.networks_scored == other.networks_scored and one.elites == other.elites
