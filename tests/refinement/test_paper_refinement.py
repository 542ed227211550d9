"""refine(): the loop of section V-C, its invariants, and that nothing but the seed and the settings decides."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import netlore as nl
from netlore.analysis.bootstrap import monte_carlo_bootstrap, quarter
from netlore.errors import InvalidInput, UnknownName
from netlore.refinement.paper_refinement import stop_reason
from netlore.refinement.refine import refine
from netlore.refinement.result import Refinement
from netlore.scoring.draws import network_seed
from netlore.space.distribution import Interval
from netlore.storage.score_store import Store
from tests.oracles.bootstrap import exact_interval
from tests.refinement.cases import NETWORKS, SPACE, fickle, fixed, frames, hopeless, shallow

# (4 depths * 3 widths)^3 = 1,728 networks that take milliseconds, 692 of them within the budget.


THREE = fixed(d1=(1, 3))
TWO = fixed(d1=(1, 2))


@pytest.fixture(scope="module")
def task() -> nl.Task:
    return nl.task("noise", batch_size=8)


@pytest.fixture(scope="module")
def whole(task: nl.Task) -> Refinement:
    """What every other way to the same refinement must agree with."""
    return refine(SPACE, "synflow", task, NETWORKS, seed=2)


def assert_equal(one: Refinement, other: Refinement) -> None:
    """The same course, bit for bit."""
    assert one.stopped_because == other.stopped_because and one.principles == other.principles
    assert [r.estimates for r in one.rounds] == [r.estimates for r in other.rounds]
    for left, right in zip(frames(one), frames(other), strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)


class Stop:
    """A progress callback that interrupts after a number of networks."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, round_number: int, done: int, total: int) -> None:
        if done:
            self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


# What a refinement is


def test_subspaces_are_nested_and_hold_every_network_that_was_drawn(whole: Refinement) -> None:
    assert whole.rounds[0].space == whole.space == SPACE
    spaces = [*(one.space for one in whole.rounds), whole.final_space]
    for outer, inner in pairwise(spaces):
        assert all(set(inner.grids[name]) <= set(outer.grids[name]) for name in outer.hyperparameters)
        assert inner.budget == SPACE.budget
    for one in whole.rounds:
        drawn = [row.architecture for row in one.table.rows]
        assert len(drawn) == len(set(drawn)) and all(one.space.contains(a) for a in drawn)
        assert one.frame["flops"].between(1e6, 3.5e6).all()


def test_each_round_is_restricted_to_the_intervals_of_the_one_before(whole: Refinement) -> None:
    assert len(whole.rounds) > 2, "or the test says little"
    for before, after in pairwise(whole.rounds):
        assert after.space == before.space.restrict(before.intervals)
    assert whole.principles == whole.rounds[-1].intervals
    assert list(whole.principles) == list(SPACE.hyperparameters)
    for name, (low, high) in whole.principles.items():
        assert {low, high} <= set(SPACE.grids[name])


def test_cardinalities_are_exact_and_one_more_than_rounds(whole: Refinement) -> None:
    assert (whole.cardinalities[0], whole.cardinalities_within_budget[0]) == (1_728, 692)
    assert len(whole.cardinalities) == len(whole.cardinalities_within_budget) == len(whole.rounds) + 1
    assert whole.cardinalities == sorted(whole.cardinalities, reverse=True)
    last = whole.final_space
    # Within the last space networks can be counted one by one.
    listed = nl.sample(last, 100_000)
    assert whole.cardinalities_within_budget[-1] == len(listed) <= whole.cardinalities[-1] == last.cardinality


def test_networks_are_counted_over_all_rounds(whole: Refinement) -> None:
    assert whole.networks_scored == sum(len(frame) for frame in frames(whole))
    assert [len(frame) for frame in frames(whole)][:2] == [NETWORKS, NETWORKS]


def test_rounds_are_numbered_and_their_frames_have_everything(whole: Refinement) -> None:
    assert [one.number for one in whole.rounds] == list(range(1, len(whole.rounds) + 1))
    frame = whole.rounds[0].frame
    assert {*SPACE.hyperparameters, "flops", "params", "activations", "synflow"} <= set(frame.columns)
    estimate = whole.rounds[0].estimates["flops"]
    assert 1e6 <= estimate.low <= estimate.median <= estimate.high <= 3.5e6


def test_an_architecture_that_comes_again_has_new_initial_weights(task: nl.Task, whole: Refinement) -> None:
    seen: Counter[str] = Counter()
    scores: dict[str, set[float]] = {}
    for frame in frames(whole):
        for row in frame.itertuples():
            assert row.draw == seen[row.architecture] and row.seed == drawn_under(2, task)
            seen[row.architecture] += 1
            scores.setdefault(row.architecture, set()).add(row.score)
    assert max(seen.values()) > 1, "or the test says nothing"
    assert all(len(scores[name]) == count for name, count in seen.items())


# How it ends


def intervals(*pairs: tuple[int, int]) -> dict[str, Interval]:
    return {f"d{i}": Interval(*pair) for i, pair in enumerate(pairs, 1)}


WIDE, NARROW, POINT = intervals((1, 4), (2, 2)), intervals((1, 2), (2, 2)), intervals((2, 2), (2, 2))


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([WIDE], None),
        ([WIDE, NARROW], None),
        ([POINT], "single point"),
        ([WIDE, NARROW, POINT], "single point"),
        ([WIDE, NARROW, NARROW], "fixed point"),
        ([WIDE, NARROW, WIDE], "cycle"),
        ([POINT, POINT], "single point"),
    ],
)
def test_why_a_refinement_is_over(history: list[dict[str, Interval]], reason: str | None) -> None:
    assert stop_reason(history) == reason


def test_a_clear_preference_ends_in_a_single_point(task: nl.Task) -> None:
    found = refine(THREE, "synflow", task, networks=50)
    assert found.stopped_because == "single point" and found.cardinalities[-1] == 1
    assert all(low == high for low, high in found.principles.values())


def test_no_preference_ends_in_a_fixed_point(task: nl.Task) -> None:
    # A resample of one network: each of the two is the best half of the time.
    found = refine(TWO, "synflow", task, networks=4)
    assert found.stopped_because == "fixed point" and len(found.rounds) == 2
    assert found.principles["d1"] == (1, 2) and found.cardinalities == [2, 2, 2]


def test_the_round_limit_ends_it(task: nl.Task) -> None:
    found = refine(SPACE, "synflow", task, networks=6, round_limit=1)
    assert found.stopped_because == "round limit" and len(found.rounds) == 1


def test_an_exhausted_space_is_scored_whole_and_only_once_a_round(task: nl.Task) -> None:
    found = refine(TWO, "synflow", task, networks=5)  # resamples of two out of two
    assert found.stopped_because == "fixed point"
    for one in found.rounds:
        assert one.exhausted and sorted(one.frame["d1"]) == [1, 2]
    assert list(found.rounds[1].frame["draw"]) == [1, 1]
    # As many as asked for are enough.
    assert not refine(TWO, "synflow", task, networks=2, round_limit=1).rounds[0].exhausted


# What decides, and what does not


def test_workers_change_nothing(task: nl.Task) -> None:
    # A predictor of one's own that fails for some networks, so that both travel to worker processes and back.
    one, two = (refine(SPACE, fickle, task, NETWORKS, round_limit=3, workers=n) for n in (1, 2))
    assert_equal(one, two)
    assert one.predictor == "fickle" and one.rounds[0].table.failures


def drawn_under(seed: int, task: nl.Task, predictor: str = "synflow") -> int:
    """The seed of samples and initial weights, which no other predictor and batch have."""
    digest = hashlib.sha256(f"{seed}:{predictor}:{task.digest}".encode()).hexdigest()
    return int(digest[:16], 16) // 2


def test_other_predictors_and_batches_draw_other_networks_unless_draws_are_common(task: nl.Task) -> None:
    other_task = nl.task("noise", batch_size=task.batch_size, seed=1)
    arguments = {"networks": NETWORKS, "seed": 2, "round_limit": 1}
    first = nl.sample(SPACE, NETWORKS, seed=(2, 1))
    for common in (True, False):
        drawn = [
            refine(SPACE, predictor, batch, common_draws=common, **arguments)
            for predictor, batch in (("synflow", task), ("grad_norm", task), ("synflow", other_task))
        ]
        assert [one.seed for one in drawn] == [2, 2, 2]
        networks = [{row.architecture for row in one.rounds[0].table.rows} for one in drawn]
        seeds = [{row.seed for row in one.rounds[0].table.rows} for one in drawn]
        if common:
            assert networks == [{*first}] * 3 and seeds == [{2}] * 3
        else:
            assert len(set.union(*networks)) > 2 * NETWORKS and len(set.union(*seeds)) == 3


def test_the_seed_does(task: nl.Task, whole: Refinement) -> None:
    other = refine(SPACE, "synflow", task, NETWORKS, seed=4, round_limit=1)
    assert set(other.rounds[0].frame["architecture"]) != set(whole.rounds[0].frame["architecture"])


def test_the_same_call_with_a_store_computes_nothing_again(
    tmp_path: Path, task: nl.Task, whole: Refinement
) -> None:
    first = refine(SPACE, "synflow", task, NETWORKS, seed=2, store=tmp_path)
    reported: list[tuple[int, int, int]] = []
    again = refine(
        SPACE, "synflow", task, NETWORKS, seed=2, store=tmp_path, progress=lambda *t: reported.append(t)
    )
    assert_equal(first, whole)
    assert_equal(again, whole)
    sizes = [len(one.table.rows) for one in whole.rounds]
    assert reported == [(number, size, size) for number, size in enumerate(sizes, 1)]


def test_progress_counts_every_network_of_every_round(task: nl.Task) -> None:
    reported: list[tuple[int, int, int]] = []
    refine(SPACE, "synflow", task, networks=6, round_limit=2, progress=lambda *t: reported.append(t))
    assert reported == [(number, done, 6) for number in (1, 2) for done in range(7)]


@pytest.mark.parametrize("after", [1, NETWORKS - 1, NETWORKS, 2 * NETWORKS + 5])
def test_an_interrupted_refinement_goes_on_to_the_same_end(
    tmp_path: Path, task: nl.Task, whole: Refinement, after: int
) -> None:
    arguments = (SPACE, "synflow", task, NETWORKS)
    with pytest.raises(KeyboardInterrupt):
        refine(*arguments, seed=2, store=tmp_path, progress=Stop(after))
    with Store(tmp_path, None) as store:
        assert len(list(store.rows())) == after, "what was done is kept"
    assert_equal(refine(*arguments, seed=2, store=tmp_path), whole)


def test_an_interruption_with_two_workers_keeps_what_was_done(tmp_path: Path, task: nl.Task) -> None:
    arguments = (SPACE, "synflow", task, 8)
    with pytest.raises(KeyboardInterrupt):
        refine(*arguments, store=tmp_path, workers=2, progress=Stop(5))
    with Store(tmp_path, None) as store:
        assert len(list(store.rows())) == 5
    assert_equal(refine(*arguments, store=tmp_path, round_limit=2), refine(*arguments, round_limit=2))


# Failures


def test_networks_that_fail_are_rows_and_the_refinement_goes_on(task: nl.Task) -> None:
    found = refine(SPACE, fickle, task, networks=20, round_limit=3)
    assert len(found.rounds) == 3 or found.stopped_because != "round limit"
    rows = [row for one in found.rounds for row in one.table.rows]
    failed = [row for one in found.rounds for row in one.table.failures]
    assert 0 < len(failed) < len(rows) and found.networks_scored == len(rows)
    assert {(row.score.status, row.score.reason) for row in failed} == {
        ("degenerate", "the sixth digit is unlucky")
    }
    # A failed network is no candidate for the best one.
    frame = found.rounds[0].frame.dropna(subset="fickle")
    for name, interval in found.rounds[0].intervals.items():
        expected = exact_interval(frame[name].tolist(), frame["fickle"].tolist(), quarter(20))
        assert (interval.low, interval.high) == (expected[0], expected[2])


def test_a_round_in_which_every_network_fails_is_refused_with_the_reason(task: nl.Task) -> None:
    with pytest.raises(InvalidInput) as caught:
        refine(SPACE, hopeless, task, networks=6)
    assert str(caught.value) == (
        "none of the 6 networks of round 1 has a hopeless score (degenerate: nothing is good enough); "
        "use another predictor, batch or precision."
    )


# Arguments


def test_a_predictor_of_ones_own_decides(task: nl.Task) -> None:
    deep, flat = (refine(THREE, predictor, task, networks=50) for predictor in ("synflow", shallow))
    assert flat.predictor == "shallow" and deep.principles["d1"] != flat.principles["d1"]
    assert {deep.principles["d1"], flat.principles["d1"]} == {(1, 1), (3, 3)}


def test_the_paper_s_resampling_serves_as_bootstrap(task: nl.Task) -> None:
    resampling = partial(monte_carlo_bootstrap, seed=5)
    one, two = (refine(SPACE, "synflow", task, networks=12, round_limit=3, bootstrap=resampling) for _ in range(2))
    assert_equal(one, two)
    exact = refine(SPACE, "synflow", task, networks=12, round_limit=1)
    pd.testing.assert_frame_equal(frames(exact)[0], frames(one)[0])
    seen = one.rounds[0].frame
    assert all({low, high} <= set(seen[name]) for name, (low, high) in one.rounds[0].intervals.items())


def test_precision_is_that_asked_for(task: nl.Task) -> None:
    single, double = (
        refine(TWO, "snip", task, networks=2, round_limit=1, dtype=dtype).rounds[0].frame["snip"]
        for dtype in ("float32", "float64")
    )
    assert (single != double).all() and ((single - double).abs() < 1e-3 * double).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"space": nl.anynet(num_classes=100)},
            "the space is for 100 classes at 32 pixels in 3 channels and the data have 10 classes at 32",
        ),
        (
            {"space": nl.anynet(resolution=16)},
            "the space is for 10 classes at 16 pixels in 3 channels and the data have 10 classes at 32",
        ),
        ({"space": nl.anynet(channels=1)}, "at 32 pixels in 1 channels and the data have 10 classes"),
        ({"networks": 0}, "networks = 0 is not positive"),
        ({"networks": 10**9}, "networks = 1000000000 is out of range; choose 1 to 1,000,000"),
        ({"networks": float("nan")}, "networks = nan is not a whole number"),
        ({"round_limit": 0}, "round_limit = 0 is not positive"),
        ({"round_limit": float("inf")}, "round_limit = inf is not a whole number"),
        ({"workers": 0}, "workers = 0 is not positive"),
        ({"seed": -1}, "seed = -1 is out of range; choose 0 to"),
        ({"dtype": "float16"}, "dtype 'float16' is not known"),
        ({"device": "abacus"}, "device 'abacus' cannot be used"),
        ({"predictor": "all"}, "predictor 'all' names 7 predictors; a refinement has one"),
        ({"predictor": "snap"}, "predictor 'snap' is not known; choose one of"),
        ({"space": nl.anynet(flops=(1, 2)).restrict({"d1": (1, 1), "d2": (1, 1)})}, "acceptance rate"),
    ],
)
def test_what_does_not_fit_is_refused(task: nl.Task, changes, message: str) -> None:
    arguments = {"space": SPACE, "predictor": "synflow", "task": task, "networks": 6}
    with pytest.raises(InvalidInput) as caught:
        refine(**{**arguments, **changes})
    assert message in str(caught.value)
    assert isinstance(caught.value, UnknownName) == (changes.get("predictor") == "snap")


# The loop, written down once more


def refined_by_hand(
    space: nl.DesignSpace, task: nl.Task, networks: int, seed: int
) -> list[dict[str, tuple[int, int]]]:
    """Section V-C, step by step, with the networks built as modules and the percentiles found by counting."""
    found: list[dict[str, tuple[int, int]]] = []
    times: Counter[str] = Counter()
    allowed = {name: (grid[0], grid[-1]) for name, grid in space.grids.items()}
    while True:
        drawn = nl.sample(space.restrict(allowed), networks, seed=(seed, len(found) + 1))
        scores = []
        for architecture in drawn:
            own_seed = network_seed(seed, architecture.id, times[architecture.id])
            times[architecture.id] += 1
            network = nl.build(architecture, task.num_classes, seed=own_seed)
            scores.append(float(nl.probe(network, task.images, task.labels, "synflow")["synflow"]))
        now = {}
        for name in allowed:
            values = [architecture.values[name] for architecture in drawn]
            low, _, high = exact_interval(values, scores, -(-networks // 4))
            now[name] = (int(low), int(high))
        found.append(now)
        allowed = now
        if all(low == high for low, high in now.values()) or found.count(now) > 1:
            return found


def test_the_loop_agrees_with_one_written_from_the_paper(task: nl.Task, whole: Refinement) -> None:
    assert [one.intervals for one in whole.rounds] == refined_by_hand(SPACE, task, NETWORKS, drawn_under(2, task))
