"""The loop that searches share: who is asked, what is counted, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

import netlore as nl
from netlore.analysis.bootstrap import Estimate
from netlore.analysis.elite_scores import ELITE
from netlore.errors import InvalidInput
from netlore.refinement.elites import EliteSearch, ranges
from netlore.refinement.loop import run
from netlore.refinement.methods import METHODS
from netlore.scoring.draws import Network
from netlore.storage.score_table import Score, ScoreTable
from tests.refinement.landscape import WIDE, Landscape, finished, settings

KNOWN = nl.sample(WIDE, 40)


@dataclass
class Scripted(EliteSearch):
    """Asks for the given architectures, round by round, and then for nothing; over after the last round."""

    script: list[list[nl.Architecture]] = field(default_factory=list)
    last: int = 0
    learned: list[ScoreTable] = field(default_factory=list)

    def ask(self, number: int) -> list[nl.Architecture]:
        return self.script[number - 1] if number <= len(self.script) else []

    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        self.learned.append(table)
        return super().tell(table)

    def over(self) -> str | None:
        return "enough" if len(self.learned) == self.last else None


def scripted(*script: list[nl.Architecture], networks: int = 20, limit: int = 60, last: int = 0) -> Scripted:
    return Scripted(settings(networks=networks, limit=limit), script=list(script), last=last)


def test_what_it_asks_for_is_scored_and_learned_in_order() -> None:
    landscape = Landscape(0.5)
    search = scripted(KNOWN[:20], KNOWN[10:30])
    found = finished(search, landscape)
    assert [[one.architecture for one in drawn] for drawn in landscape.seen] == [KNOWN[:20], KNOWN[10:30]]
    assert [one.table for one in found.rounds] == search.learned
    assert (found.predictor, found.seed, found.networks_scored) == ("synflow", 0, 40)
    # Whatever was drawn before gets new initial weights.
    assert [one.draw for one in landscape.seen[1]] == [1] * 10 + [0] * 10


def test_a_search_that_asks_for_nothing_is_exhausted() -> None:
    assert finished(scripted(KNOWN[:3], KNOWN[3:6]), Landscape()).stopped_because == "exhausted"
    assert run(scripted(), Landscape()) is None


def test_a_search_ends_by_itself_or_at_the_limit_of_rounds() -> None:
    script = [KNOWN[i : i + 5] for i in range(0, 40, 5)]
    own = finished(scripted(*script, last=3), Landscape())
    assert (len(own.rounds), own.stopped_because) == (3, "enough")
    limited = finished(scripted(*script, limit=4), Landscape())
    assert (len(limited.rounds), limited.stopped_because) == (4, "round limit")
    both = finished(scripted(*script, limit=3, last=3), Landscape())
    assert (len(both.rounds), both.stopped_because) == (3, "enough")


def test_a_search_whose_scores_are_not_known_is_unfinished() -> None:
    landscape = Landscape()

    def first_alone(number: int, drawn: list[Network]) -> ScoreTable | None:
        return landscape(number, drawn) if number == 1 else None

    search = scripted(KNOWN[:5], KNOWN[5:10])
    found = finished(search, first_alone)
    assert (len(found.rounds), found.stopped_because) == (1, "unfinished")
    assert len(search.learned) == 1
    assert run(scripted(KNOWN[:5]), lambda number, drawn: None) is None


def test_estimates_are_ranges_of_the_best_so_far_and_the_next_box() -> None:
    landscape = Landscape()
    found = finished(scripted(KNOWN[:20], KNOWN[20:]), landscape)
    assert found.rounds[0].space == WIDE
    for one, seen in zip(found.rounds, (KNOWN[:20], KNOWN), strict=True):
        best = sorted(seen, key=lambda a: (-landscape.height(a), a.id))[:ELITE]
        assert one.estimates == ranges(best, WIDE)
    assert found.rounds[1].space == WIDE.restrict(found.rounds[0].intervals)
    assert found.final_space == WIDE.restrict(found.rounds[1].intervals)


def test_ranges_by_hand() -> None:
    found = ranges(KNOWN[:4], WIDE)
    flops = sorted(nl.complexity(one, num_classes=10, resolution=32).flops for one in KNOWN[:4])
    assert tuple(found["flops"]) == (flops[0], flops[1], flops[3])
    depths = sorted(one.values["d1"] for one in KNOWN[:4])
    assert tuple(found["d1"]) == (depths[0], depths[1], depths[3])
    assert list(found) == [*WIDE.hyperparameters, "flops", "params", "activations"]


def test_a_round_with_fewer_networks_than_asked_for_is_marked() -> None:
    found = finished(scripted(KNOWN[:20], KNOWN[:19], KNOWN[:25]), Landscape())
    assert [one.exhausted for one in found.rounds] == [False, True, False]


def test_a_first_round_without_any_score_is_refused_and_a_later_one_is_not() -> None:
    # In a failing landscape the first of every two networks has no score.
    with pytest.raises(InvalidInput, match="none of the 1 networks of round 1 has a synflow score"):
        run(scripted(KNOWN[:1]), Landscape(failing=True))
    found = finished(scripted(KNOWN[:4], KNOWN[4:5]), Landscape(failing=True))
    assert found.rounds[1].estimates == found.rounds[0].estimates


@pytest.mark.parametrize("name", ["memory", "random", "evolution"])
def test_scores_outside_their_transform_are_refused_and_later_ones_are_not(name: str) -> None:
    class Negative(Landscape):
        """Of synflow's scores, whose logarithm counts, from the second round on half are negative."""

        def __call__(self, number: int, drawn: list[Network]) -> ScoreTable:
            table = super().__call__(number, drawn)
            rows = [
                replace(row, score=Score(-3.5)) if number == first or place % 2 else row
                for place, row in enumerate(table.rows)
            ]
            return ScoreTable(rows, 10, 32)

    first, search = 1, METHODS.get(name).search
    with pytest.raises(InvalidInput, match=r"none of the 20 networks of round 1 has .* on the scale log"):
        finished(search(settings(networks=20, limit=3)), Negative())
    first = 2
    assert len(finished(search(settings(networks=20, limit=3)), Negative()).rounds) == 3
