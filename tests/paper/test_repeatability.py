"""The verdicts and tables of docs/repeatability.md, on comparisons made up by hand."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netlore.analysis.bootstrap import Estimate
from netlore.experiments.export import stored_table
from netlore.experiments.refine import stored_refinements
from netlore.refinement.loop import SearchSettings, one_predictor, run
from netlore.refinement.methods import MEMORY
from netlore.refinement.surrogate import Surrogate
from netlore.report.compare.collect import find_methods
from netlore.report.compare.data import GroupFindings, MethodFindings
from netlore.report.compare.tables import comparison_tables
from netlore.scoring.draws import Network
from netlore.storage.score_table import ScoreTable
from paper import repeatability as script
from tests.report.compare.methods import comparison, group, memory, paper, rescored_group
from tests.report.conftest import Budget

ROOT = Path(__file__).resolve().parents[2]


def repeats(found: GroupFindings, one: MethodFindings) -> bool:
    """Whether the principles of a method repeat."""
    return not script.lacks(found, one)


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
    assert repeats(group(paper(12, 14), one), one) is holds


def test_fresh_scores_decide_where_there_are_any() -> None:
    one = agreeing(memory(18, 18.2), 1.0, 0.2)
    lucky = dataclasses.replace(
        one,
        replicates=tuple(dataclasses.replace(each, rescored=10.0 + at) for at, each in enumerate(one.replicates)),
    )
    found = rescored_group(group(paper(12, 14), one), 0.5)
    assert repeats(found, found.methods[1])
    assert not repeats(found, lucky)


def test_one_seed_repeats_nothing() -> None:
    one = memory(18)
    assert not repeats(group(paper(12, 14), one), one)


def test_the_page_says_for_which_methods_principles_repeat_and_why_not() -> None:
    good, bad = agreeing(memory(18, 18.2), 0.95, 0.2), agreeing(paper(12, 14), 0.6, 0.7)
    page = script.document(comparison(rescored_group(group(bad, good), 0.25)))
    flat = re.sub(r"\s+", " ", page)
    assert "- synflow on cifar10: principles repeat by refinement with memory." in flat
    assert "Not by the paper's refinement (containment 60%, intervals cover 70%, 4.0 noise units apart)." in flat
    # Medians of rescored elites are 17.85 and 12.75: 5.1 / 0.5.
    assert "Highest median rescored elite score: refinement with memory, 10.2 noise units above" in flat
    assert script.COMMAND in page and "## How it was made" in page


def test_the_page_has_the_comparison_s_tables() -> None:
    page = script.document(comparison())
    for table in comparison_tables(comparison()):
        assert (table.caption[:60] in " ".join(page.split())) is (table.name in script.TABLES)
    assert re.search(r"\| the paper's refinement \| 1 \| \d+ \| \[2, 9\] \|", page), "d1 of seed 1"


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
    repeats, rows = script.budgets_of([large, small])
    assert re.search(r"small: containment 100%, .* 400 networks; large: containment", repeats)
    rows = rows.to_numpy().tolist()
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
    assert repeats(found, ours) and not repeats(found, papers)
    assert max(ours.networks) < min(papers.networks)
    assert min(ours.rescored) > 0.97 * found.best_known


def test_selection_bias_of_snip_s_memory_is_that_of_its_own_elites() -> None:
    """Independent of the comparison: means of rows of the archives, in units of the noise."""
    folder = ROOT / "results" / "repeatability"
    (found,) = find_methods([folder / f"snip-{name}" for name in ("memory", "again")]).groups
    fresh = pd.DataFrame(
        [(row.architecture.id, np.log(row.score.value)) for row in stored_table(folder / "snip-again").rows]
    )
    gaps = []
    for one in stored_refinements(folder / "snip-memory")[1]:
        rows = [row for each in one.rounds for row in each.table.rows if row.score.value is not None]
        own = pd.DataFrame([(row.architecture.id, np.log(row.score.value)) for row in rows])
        names = [each.id for each in one.elites]
        own_mean, new_mean = (table.groupby(0)[1].mean()[names].mean() for table in (own, fresh))
        gaps.append(own_mean - new_mean)
    (memory_,) = found.methods
    assert memory_.selection_bias == pytest.approx(np.median(gaps), rel=1e-9)
    assert found.noise is not None and 0.5 < memory_.selection_bias / found.noise < 1.0


def test_rounding_does_not_change_what_a_refinement_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processors add up in another order: a search must not hang on the last digits of the surrogate."""
    rng, exact = np.random.default_rng(0), Surrogate.at

    def rounded(self: Surrogate, points: np.ndarray) -> np.ndarray:
        found = exact(self, points)
        return found + 1e-11 * np.abs(found).mean() * rng.standard_normal(len(found))

    configuration, (stored, *_) = stored_refinements(ROOT / "results" / "repeatability" / "synflow-memory")

    def scored(number: int, networks: list[Network]) -> ScoreTable:
        table = stored.rounds[number - 1].table
        assert {(one.architecture, one.draw) for one in networks} == {
            (row.architecture, row.draw) for row in table.rows
        }
        return table

    monkeypatch.setattr(Surrogate, "at", rounded)
    settings = SearchSettings(stored.space, one_predictor("synflow"), stored.seed, configuration.networks)
    found = run(MEMORY.search(settings), scored)
    assert found is not None and found.stopped_because == stored.stopped_because == "plateau"
    assert found.elites == stored.elites


def test_the_summary_has_the_numbers_of_the_page() -> None:
    page, summary = ((ROOT / "docs" / name).read_text() for name in ("repeatability.md", "paper.md"))
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")
    ]
    heads = next(row for row in cells if "Fewest distinct" in row)
    rows = [
        dict(zip(heads, row, strict=True)) for row in cells if row[1:2] == ["synflow"] and len(row) == len(heads)
    ]
    assert len(rows) == 4
    for row in rows:
        said = next(line for line in summary.splitlines() if line.startswith(f"| {row['Method']} |"))
        for low, high in (("Fewest networks", "Most networks"), ("Fewest distinct", "Most distinct")):
            ends = dict.fromkeys((row[low], row[high]))
            assert f"| {' to '.join(ends)} |" in said
        scores = (float(row[f"{which} rescored elite score"]) for which in ("Lowest", "Highest"))
        assert f"| {' to '.join(f'{one:.1f}' for one in scores)} |" in said
