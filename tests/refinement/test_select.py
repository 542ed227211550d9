"""pick(): the best of some networks of the final space, as drawing and scoring them by hand finds it."""

from __future__ import annotations

import pandas as pd
import pytest
from torch import Tensor

import netlore as nl
from netlore.analysis.bootstrap import Estimate
from netlore.errors import BudgetUnreachable, InvalidInput, UnknownName
from netlore.refinement.elites import Memory
from netlore.refinement.result import Refinement, Round
from netlore.refinement.select import Pick, pick
from netlore.scoring.draws import network_seed
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.probe import Probe
from tests.refinement.cases import NETWORKS, SPACE, fickle, fixed, hopeless, shallow

Limits = dict[str, tuple[int, int]]


@nl.predictor("indifferent", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test", transform="identity")
def indifferent(probe: Probe) -> Tensor:
    """The same for every network."""
    return 0 * probe.log_synaptic_flow


@pytest.fixture(scope="module")
def task() -> nl.Task:
    return nl.task("noise", batch_size=8)


@pytest.fixture(scope="module")
def refined(task: nl.Task) -> Refinement:
    """A real refinement, ended early so that its final space holds more than 25 networks."""
    return nl.refine(SPACE, "synflow", task, NETWORKS, seed=2, round_limit=1, common_draws=True)


@pytest.fixture(scope="module")
def picked(refined: Refinement, task: nl.Task) -> Pick:
    return pick(refined, task)


def ended_at(space: nl.DesignSpace, limits: Limits, predictor: str = "synflow") -> Refinement:
    """A refinement that found these intervals, and those of the space for what is not named."""
    intervals = {name: (grid[0], grid[-1]) for name, grid in space.grids.items()} | limits
    estimates = {name: Estimate(low, low, high) for name, (low, high) in intervals.items()}
    last = Round(1, space, nl.ScoreTable([], space.num_classes), estimates, exhausted=False)
    return Refinement(predictor, space, 0, (last,), "round limit", 0.0)


def long(found: Pick) -> pd.DataFrame:
    return found.candidates.frame.drop(columns="seconds")


# What is picked


def test_the_pick_is_what_drawing_and_scoring_by_hand_finds(
    refined: Refinement, task: nl.Task, picked: Pick
) -> None:
    best, highest = None, float("-inf")
    drawn = nl.sample(SPACE.restrict(refined.principles), 25, seed=0)
    for architecture in drawn:
        network = nl.build(architecture, task.num_classes, seed=network_seed(0, architecture.id, 0))
        found = float(nl.probe(network, task.images, task.labels, "synflow")["synflow"])
        if found > highest:
            best, highest = architecture, found
    assert picked.architecture == best
    assert float(picked.score) == pytest.approx(highest, rel=1e-9)


def test_candidates_are_those_of_sample_and_their_scores_those_of_score(
    refined: Refinement, task: nl.Task, picked: Pick
) -> None:
    table = nl.score(nl.sample(refined.final_space, 25, seed=0), "synflow", task, seed=0)
    pd.testing.assert_frame_equal(long(picked), table.frame.drop(columns="seconds"), check_exact=True)
    assert not picked.exhausted and picked.score.value == table.frame["score"].max()


def test_candidates_obey_principles_and_budget(refined: Refinement, picked: Pick) -> None:
    drawn = [row.architecture for row in picked.candidates.rows]
    assert len(set(drawn)) == len(drawn) == 25
    for architecture in drawn:
        for name, (low, high) in refined.principles.items():
            assert low <= architecture.values[name] <= high
        assert 1e6 <= nl.complexity(architecture, 10).flops <= 3.5e6


def test_the_paper_s_principles_of_synflow_lead_to_its_table_2() -> None:
    # Table I, CIFAR-10: of four architectures three are within the budget.
    values = dict(zip(nl.anynet().hyperparameters, (15, 16, 16, 8, 0, 0, 8, 16, 16, 1, 1, 1), strict=True))
    limits = {name: (value, value) for name, value in values.items()} | {"w2": (16, 32), "w3": (32, 64)}
    principles, task = ended_at(nl.anynet(flops=(10e6, 50e6)), limits), nl.task("cifar10", batch_size=64)
    found = pick(principles, task)
    assert len(found.candidates.rows) == 3 and found.exhausted
    assert found.architecture == nl.named("paper/cifar10/synflow")
    # Initial weights decide among the three.
    other = pick(principles, task, seed=1).architecture.values
    assert (other["w2"], other["w3"]) == (32, 32)


def test_the_highest_raw_score_is_the_best_whatever_its_sign(refined: Refinement, task: nl.Task) -> None:
    least = pick(ended_at(SPACE, refined.principles, "shallow"), task, predictor=shallow)
    flow = pick(ended_at(SPACE, refined.principles, "log_synflow"), task)
    assert least.architecture == flow.ranked[-1].architecture != flow.architecture
    assert float(least.score) == -float(flow.ranked[-1].score)


def test_of_equal_scores_the_smaller_id_wins(refined: Refinement, task: nl.Task) -> None:
    found = pick(ended_at(SPACE, refined.principles, "indifferent"), task, predictor=indifferent)
    ids = [row.architecture.id for row in found.ranked]
    assert len(ids) == 25 and ids == sorted(ids) and found.architecture.id == ids[0]


def test_ranked_are_all_candidates_in_descending_order(picked: Pick) -> None:
    scores = [float(row.score) for row in picked.ranked]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 25
    assert picked.ranked[0].architecture == picked.architecture and picked.ranked[0].score == picked.score


def test_elites_compete_by_name_only(refined: Refinement, task: nl.Task, picked: Pick) -> None:
    memory = Memory()
    for one in refined.rounds:
        memory.remember(one.table, PREDICTORS.get("synflow"))
    elites = [one.id for one in memory.elites()]
    among = pick(refined, task, candidates="elites")
    assert [row.architecture.id for row in among.candidates.rows] == elites and not among.exhausted
    both = pick(refined, task, candidates="both")
    drawn = [row.architecture.id for row in picked.candidates.rows]
    assert [row.architecture.id for row in both.candidates.rows] == list(dict.fromkeys([*drawn, *elites]))
    assert float(both.score) == max(float(among.score), float(picked.score))
    # Under the refinement's own seed they have the weights, and so the scores, that they had in it.
    known = {row.architecture.id: row.score.value for row in refined.rounds[0].table.rows}
    again = pick(refined, task, candidates="elites", seed=refined.seed)
    assert {row.architecture.id: row.score.value for row in again.ranked} == {name: known[name] for name in elites}


def test_elites_of_a_method_that_has_some_are_those(task: nl.Task) -> None:
    found = nl.random_search(SPACE, "synflow", task, networks=10, round_limit=2)
    among = pick(found, task, candidates="elites")
    assert [row.architecture for row in among.candidates.rows] == list(found.elites)


# What decides, and what does not


def test_workers_change_nothing(refined: Refinement, task: nl.Task) -> None:
    one, two = (
        pick(ended_at(SPACE, refined.principles, "fickle"), task, predictor=fickle, workers=n) for n in (1, 2)
    )
    assert one.candidates.failures, "or the test says less"
    pd.testing.assert_frame_equal(long(one), long(two), check_exact=True)


def test_the_seed_and_the_number_of_networks_do(refined: Refinement, task: nl.Task, picked: Pick) -> None:
    assert set(long(pick(refined, task, seed=1))["architecture"]) != set(long(picked)["architecture"])
    assert len(pick(refined, task, networks=3).candidates.rows) == 3


def test_progress_is_reported(refined: Refinement, task: nl.Task) -> None:
    reported: list[tuple[int, int]] = []
    pick(refined, task, networks=3, progress=lambda *t: reported.append(t))
    assert reported == [(done, 3) for done in range(4)]


# Few or no candidates


def test_a_single_point_is_picked(task: nl.Task) -> None:
    found = pick(nl.refine(fixed(d1=(1, 3)), "synflow", task, networks=50), task)
    assert found.exhausted and len(found.candidates.rows) == 1
    (only,) = nl.sample(fixed(d1=(3, 3)), 25)
    assert found.architecture == only


def test_a_small_space_is_scored_whole(task: nl.Task) -> None:
    found = pick(ended_at(fixed(d1=(1, 3)), {}), task)
    assert found.exhausted and sorted(found.candidates.wide["d1"]) == [1, 2, 3]
    assert not pick(ended_at(fixed(d1=(1, 3)), {}), task, networks=3).exhausted, "as many as asked for are enough"


def test_candidates_without_a_score_are_kept_but_not_picked(refined: Refinement, task: nl.Task) -> None:
    found = pick(ended_at(SPACE, refined.principles, "fickle"), task, predictor=fickle)
    failed = {row.architecture for row in found.candidates.failures}
    ranked = {row.architecture for row in found.ranked}
    assert failed and ranked and not failed & ranked and len(failed | ranked) == 25


def test_no_score_at_all_is_refused_with_the_reason(refined: Refinement, task: nl.Task) -> None:
    with pytest.raises(InvalidInput) as caught:
        pick(ended_at(SPACE, refined.principles, "hopeless"), task, networks=4, predictor=hopeless)
    assert str(caught.value) == (
        "none of the 4 candidates has a hopeless score (degenerate: nothing is good enough); "
        "use another batch, precision or predictor."
    )


def test_principles_that_miss_the_budget_together_are_refused(task: nl.Task) -> None:
    deepest = {name: (grid[-1], grid[-1]) for name, grid in SPACE.grids.items()}
    with pytest.raises(BudgetUnreachable) as caught:
        pick(ended_at(SPACE, deepest), task)
    assert str(caught.value) == (
        "the principles of synflow hold no network, or hardly any, within the budget 1M to 3.5M FLOPs; "
        "refine with another seed or more networks."
    )


# What does not fit


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"networks": 0}, "networks = 0 is not positive; choose 1 or more."),
        ({"networks": 10**9}, "networks = 1000000000 is out of range"),
        ({"refinement": ended_at(nl.anynet(channels=1), {})}, "in 1 channels and the data"),
        ({"candidates": "all"}, "candidates = 'all' is not known; choose drawn, elites, both."),
        ({"seed": -1}, "seed = -1 is negative"),
        ({"workers": 0}, "workers = 0 is not positive"),
        ({"dtype": "float16"}, "dtype 'float16' is not known"),
        ({"device": "abacus"}, "device 'abacus' cannot be used"),
        ({"predictor": "snip"}, "predictor 'snip' is not the refinement's; name 'synflow', or none."),
        (
            {"refinement": ended_at(nl.anynet(num_classes=100), {})},
            "is for 100 classes at 32 pixels",
        ),
    ],
)
def test_what_does_not_fit_is_refused(refined: Refinement, task: nl.Task, changes, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        pick(**{"refinement": refined, "task": task, **changes})
    assert message in str(caught.value)


def test_a_predictor_without_a_registered_name_must_be_given(refined: Refinement, task: nl.Task) -> None:
    with pytest.raises(UnknownName, match="predictor 'fickle' is not known"):
        pick(ended_at(SPACE, refined.principles, "fickle"), task)
