"""What searches pay for, and what they are judged by."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.refinement.elites import points_of
from netlore.refinement.searches.formulas import NOISE, formula
from netlore.refinement.searches.ledger import IDLE, Ledger, SpentError
from netlore.refinement.searches.selection import OWN, SHRUNKEN, Paid, outcome
from netlore.refinement.surrogate import blup, fit_surrogate
from netlore.scoring.draws import Network, numbered
from netlore.space.sampling import values_of
from tests.refinement.searches.cases import known

EXACT = formula("closed_form")
NOISY = formula("closed_form", noise=NOISE)
SOME = nl.sample(EXACT.space, 30, seed=5)


def test_a_network_is_paid_for_once() -> None:
    ledger = Ledger(EXACT, 0, 10, rescores=True)
    first = ledger.scored(1, numbered(SOME[:3], seen := Counter()))
    again = ledger.scored(2, numbered([SOME[1], SOME[3]], seen))
    assert first is not None and again is not None and [row.draw for row in again.rows] == [1, 0]
    assert again.rows[0].score == first.rows[1].score
    assert (ledger.architectures, ledger.asked) == (SOME[:4], 5)
    assert ledger.scores == pytest.approx(EXACT.heights(SOME[:4]).tolist()) == ledger.heights.tolist()
    flops = [nl.complexity(one, num_classes=10, resolution=32).flops for one in SOME[:4]]
    assert ledger.flops.tolist() == flops


def test_only_who_wants_another_initialisation_gets_one_and_pays_for_it() -> None:
    asked = [Network(SOME[0], 0), Network(SOME[0], 1), Network(SOME[0], 1)]
    wanting, caching = Ledger(NOISY, 0, 10, rescores=True), Ledger(NOISY, 0, 10)
    for one in (wanting, caching):
        one.scored(1, asked)
    assert len(wanting.scores) == 2 and len(set(wanting.scores)) == 2
    assert caching.scores == wanting.scores[:1]


def test_noise_belongs_to_seed_network_and_draw_and_has_its_deviation() -> None:
    forwards, backwards = Ledger(NOISY, 3, 30), Ledger(NOISY, 3, 30)
    one, other = forwards.of_all(SOME), backwards.of_all(SOME[::-1])[::-1]
    assert one.tolist() == other.tolist()
    assert not np.isclose(one, Ledger(NOISY, 4, 30).of_all(SOME)).any()
    many = nl.sample(NOISY.space, 2000, seed=6)
    left = Ledger(NOISY, 0, 2000).of_all(many) - NOISY.heights(many)
    assert left.std() == pytest.approx(NOISE, rel=0.05) and abs(left.mean()) < 4 * NOISE / 2000**0.5


def test_a_search_ends_when_it_has_paid_all_repeats_itself_or_knows_everything() -> None:
    ledger = Ledger(EXACT, 0, 5)
    with pytest.raises(SpentError):
        ledger.of_all(SOME)
    assert len(ledger.scores) == 5 and ledger.scored(1, [Network(SOME[9], 0)]) is None
    stuck = Ledger(EXACT, 0, 5)
    with pytest.raises(SpentError):
        for number in range(2 * IDLE):
            stuck(SOME[number % 2])
    assert (len(stuck.scores), stuck.asked) == (2, 2 + IDLE)
    space = known().landscape
    everything = Ledger(space, 0, 1000)
    everything.of_all(nl.sample(space.space, 64))
    assert everything.complete and everything.scored(2, [Network(everything.architectures[0], 0)]) is None


def test_selections_are_by_own_means_or_by_shrunken_ones_of_what_was_paid_so_far() -> None:
    ledger = Ledger(NOISY, 0, 500, rescores=True)
    many = nl.sample(NOISY.space, 120, seed=7)
    ledger.scored(1, numbered([*many, *many[:40]]))
    paid = Paid(ledger)
    scores: dict[nl.Architecture, list[float]] = {}
    for one, score in zip(ledger.architectures, ledger.scores, strict=True):
        scores.setdefault(one, []).append(score)
    means = np.asarray([np.mean(one) for one in scores.values()])
    draws = np.asarray([len(one) for one in scores.values()])
    points = points_of(NOISY.space, values_of(NOISY.space, [*scores]))
    shrunken = blup(means, draws, fit_surrogate(points, means, draws).at(points), NOISE)
    for rule, estimates in ((OWN, means), (SHRUNKEN, shrunken)):
        order = np.argsort(-estimates)[:12]
        found = paid.selection(rule)
        assert found is not None and list(found.elites) == [[*scores][place] for place in order]
        heights = NOISY.heights(found.elites)
        assert found.regret == pytest.approx(NOISY.optimum - heights[0])
        assert found.elite_regret == pytest.approx(NOISY.optimum - heights.mean())
        assert found.bias == pytest.approx((estimates[order] - heights).mean())
    early = paid.selection(OWN, 10)
    assert early is not None and set(early.elites) == set(many[:10])
    assert early.elites[0] == many[int(np.argmax(ledger.scores[:10]))]


def test_without_noise_both_rules_are_one_and_an_outcome_has_every_currency() -> None:
    ledger = Ledger(EXACT, 1, 20)
    ledger.of_all(SOME[:20])
    found = outcome(ledger, 1.5, [1, 20, 99])
    assert found["course"][OWN] == found["course"][SHRUNKEN]
    heights = EXACT.heights(SOME[:20])
    best = EXACT.optimum - heights.max()
    assert found["course"][OWN] == pytest.approx([EXACT.optimum - heights[0], best, best])
    assert found["course_flops"] == [ledger.flops[0], found["flops"], found["flops"]]
    assert (found["paid"], found["distinct"], found["asked"], found["seconds"]) == (20, 20, 20, 1.5)
    end = found["ends"][OWN]
    pick = SOME[int(np.argmax(heights))]
    assert end["pick"] == str(pick) and end["bias"] == pytest.approx(0)
    low, middle, high = end["intervals"]["d1"]
    assert low <= middle <= high and low <= pick.values["d1"] <= high


def test_failures_are_paid_for_and_never_chosen_and_nothing_is_refused() -> None:
    space = known().landscape
    ledger = Ledger(space, 0, 64)
    scores = ledger.of_all(nl.sample(space.space, 64))
    assert np.isnan(scores).sum() == 9 and len(ledger.scores) == 64
    found = Paid(ledger).selection(OWN)
    assert found is not None and found.regret == 0
    failed = [one for one, score in zip(ledger.architectures, scores, strict=True) if np.isnan(score)]
    empty = Ledger(space, 0, 9)
    empty.of_all(failed)
    assert Paid(empty).selection(OWN) is None
    with pytest.raises(InvalidInput, match="0 of 9 networks have a score"):
        outcome(empty, 0, [1])
    with pytest.raises(InvalidInput, match="elites = 0 must be positive"):
        Paid(ledger).selection(OWN, elites=0)
