"""Combinations: ranks in a population that stays as it is, by rules written out once more."""

from __future__ import annotations

import importlib
import math
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import netlore as nl
from netlore.analysis.population_rank import population_rank as rank
from netlore.errors import InvalidInput, NetloreError
from netlore.scoring.combination import Combination, Reference
from netlore.scoring.expressions import FUNCTIONS, Member
from netlore.scoring.predictor import Predictor, resolve
from netlore.scoring.reference import with_reference
from netlore.scoring.transforms import TRANSFORMS
from netlore.storage.score_store import Store
from tests.scoring.small import CHEAP, TINY, dislikes_depth

SPACE = nl.anynet(flops=(0, 3e6))
OTHERS = nl.sample(SPACE, 6, 1)
TASK = nl.task("noise", batch_size=4)


LOGARITHM = TRANSFORMS.get("log").apply


def made(expression: str, networks: int = 12) -> Predictor:
    return with_reference(expression, SPACE, TASK, networks)


def values(table: nl.ScoreTable, name: str) -> list[float]:
    return [float(row.score) for row in table.rows if row.predictor == name]


def logarithms(of: nl.ScoreTable, name: str) -> np.ndarray:
    """On the predictor's scale: snip's is logarithmic, the others are their own."""
    found = np.asarray(values(of, name))
    return np.log(found) if name == "snip" else found


def place(value: float, population: np.ndarray) -> float:
    """The rank of a value that is one of the population's or between two of them, on one scale."""
    ordered = sorted(population)
    before = max(i for i, one in enumerate(ordered) if one <= value)
    if ordered[before] == value:
        return (before + 1) / (len(ordered) + 1)
    part = (value - ordered[before]) / (ordered[before + 1] - ordered[before])
    return (before + 1 + part) / (len(ordered) + 1)


def test_logarithms_and_means_of_ranks() -> None:
    drawn = nl.sample(SPACE, 12, 0)
    population = nl.score(drawn, ["snip", "logdet"], TASK)
    asked = [made("logrank(snip, 2*logdet)"), made("meanrank(snip,2 * logdet)"), "snip", "logdet"]
    table = nl.score(OTHERS, asked, TASK)
    inside = 0
    for position, _ in enumerate(OTHERS):
        ranks = []
        for name in ("snip", "logdet"):
            known = logarithms(population, name)
            value = logarithms(table, name)[position]
            if min(known) <= value <= max(known):
                ranks.append(place(value, known))
        if len(ranks) < 2:
            continue
        inside += 1
        expected = math.log(ranks[0]) + 2 * math.log(ranks[1])
        assert values(table, "logrank(snip, 2*logdet)")[position] == pytest.approx(expected, rel=1e-12)
        expected = (ranks[0] + 2 * ranks[1]) / 3
        assert values(table, "meanrank(snip, 2*logdet)")[position] == pytest.approx(expected, rel=1e-12)
    assert inside >= 3


def test_votes_are_counted_against_every_network_of_the_population() -> None:
    drawn = nl.sample(SPACE, 12, 0)
    population, table = nl.score(drawn, CHEAP, TASK), nl.score(OTHERS, CHEAP, TASK)
    name = "vote(snip, logdet, log_synflow)"
    found = values(nl.score(OTHERS, made(name), TASK), name)
    for position, score in enumerate(found):
        won = 0
        for rival in range(12):
            better = [values(table, one)[position] > values(population, one)[rival] for one in CHEAP]
            won += sum(better) >= 2
        assert score == pytest.approx(won / 12)


def test_a_network_of_the_population_has_its_own_rank() -> None:
    both = made("meanrank(snip, logdet)", networks=6)
    table = nl.score(nl.sample(SPACE, 6, 0), [both, "snip", "logdet"], TASK)
    ranks = [1 + np.argsort(np.argsort(values(table, name))) for name in ("snip", "logdet")]
    np.testing.assert_allclose(values(table, both.name), sum(ranks) / 2 / 7)


def test_ranks_grow_with_the_score_also_beyond_the_population() -> None:
    population = np.asarray([1.0, 2.0, 2.0, 4.0, -math.inf])
    at = [-50.0, 0.9, 1.0, 1.5, 2.0, 3.0, 4.0, 4.1, 5.0, 50.0]
    found = [rank(value, population) for value in at]
    assert found == sorted(set(found)) and found[0] > 0 and found[-1] < 1
    # Half of the two equal ones are below; one without a score is below all.
    assert found[2] == pytest.approx(1.5 / 6 + 0.5 / 6) and rank(2.0, population) == pytest.approx(3.5 / 6)
    assert rank(4.0, population) == pytest.approx(5 / 6)
    # 1 / e of the rest within (4 - 2) / ln 3.
    beyond = 4 + (4 - float(np.interp(0.5, [2 / 6, 3.5 / 6, 5 / 6], [1, 2, 4]))) / math.log(3)
    assert rank(beyond, population) == pytest.approx(1 - 1 / 6 / math.e)
    assert rank(3.0, np.asarray([3.0, 3.0])) == pytest.approx(0.5)
    assert rank(0.0, np.asarray([1.0, math.e**2]), LOGARITHM) < rank(1.0, np.asarray([1.0, math.e**2]), LOGARITHM)


def test_scores_do_not_move_when_others_are_scored() -> None:
    both = made("logrank(snip, logdet)")
    alone = [values(nl.score([one], both, TASK), both.name)[0] for one in OTHERS]
    assert values(nl.score([*OTHERS, *TINY], both, TASK), both.name)[: len(OTHERS)] == alone
    assert values(nl.score(OTHERS, both, TASK, workers=2), both.name) == alone
    again = pickle.loads(pickle.dumps(both))
    assert (again.name, again.fingerprint) == (both.name, both.fingerprint)


def test_probe_combines_too() -> None:
    both = made("meanrank(snip, logdet)")
    network = nl.build(OTHERS[0], num_classes=TASK.num_classes)
    found = nl.probe(network, TASK.images, TASK.labels, [both, "snip"])
    assert list(found) == [both.name, "snip"]
    assert isinstance(both, Combination)
    of_members = nl.probe(network, TASK.images, TASK.labels, ["snip", "logdet"])
    ranks = both.ranks([float(of_members["snip"]), float(of_members["logdet"])])
    assert float(found[both.name]) == pytest.approx(sum(ranks) / 2)


def test_a_network_without_a_score_by_a_member_has_none_and_says_whose() -> None:
    of_depth = Combination(
        "ours",
        lambda probe: None,
        resolve("snip")[0].needs,
        "a test",
        "identity",
        "",
        members=(dislikes_depth, *resolve("snip")),
        weights=(1.0, 1.0),
        rule=lambda combination, scores: sum(scores),
        reference=Reference(("dislikes_depth", "snip"), ((None, 1.0), (3.0, None))),
    )
    deep = nl.architecture("resnet", {"d1": 2, "d2": 2, "d3": 2, "w1": 2, "w2": 2, "w3": 2})
    shallow, failed = (row.score for row in nl.score([TINY[0], deep], of_depth, TASK).rows)
    assert shallow.status == "ok"
    assert (failed.value, failed.status, failed.reason) == (None, "error", "dislikes_depth: too deep")


def test_a_store_keeps_population_and_members(tmp_path: Path) -> None:
    name = "logrank(snip, logdet)"
    both = with_reference(name, SPACE, TASK, 5, store=tmp_path)
    first = nl.score(OTHERS, both, TASK, store=tmp_path)
    assert {row.predictor for row in first.rows} == {name}
    with Store(tmp_path, None) as store:
        seconds = {row.predictor: row.score.seconds for row in store.rows() if row.architecture == OTHERS[0]}
        assert seconds[name] == pytest.approx(seconds["snip"] + seconds["logdet"]) and seconds[name] > 0
        assert {row.predictor for row in store.rows()} == {"snip", "logdet", name}
        known = store.predictors()[name]
    assert known.reference == both.population and len(known.reference) == 5
    assert known.conditions["reduction"] == "ranks in 5 networks"
    # Another number of networks is no matter here: the population is there.
    assert with_reference(name, SPACE, TASK, 9, store=tmp_path).fingerprint == both.fingerprint
    with pytest.raises(NetloreError, match="another definition of logrank"):
        nl.score(OTHERS, with_reference(name, SPACE, TASK, 9), TASK, store=tmp_path)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "logrnk(snip, logdet)",
            "predictor with arguments 'logrnk' is not known; choose one of logrank",
        ),
        ("logrank(snip)", "logrank has 1 members; name two or more"),
        ("logrank(snip, snip)", "names none or one twice"),
        ("logrank(snip, logdett)", "predictor 'logdett' is not known"),
        ("logrank(snip, logdet", "predictor 'logrank\\(snip, logdet' is not known"),
        ("logrank(snip), logdet)", "has parentheses that do not match"),
        ("logrank(snip, 0*logdet)", "has no member, or a weight of zero, in '0\\*logdet'"),
        ("logrank(snip, , logdet)", "has no member, or a weight of zero, in ''"),
        ("logrank(snip, logdet, power=2)", "is not logrank\\(PREDICTOR, PREDICTOR, ...\\); write it so"),
        ("logrank(snip, logdet, power=two)", "'two' is no number; write one"),
        ("vote(snip, meanrank(logdet, fisher))", "meanrank\\(logdet, fisher\\) is a combination within another"),
        ("reg_swap", "predictor 'reg_swap' takes arguments; write reg_swap\\(mu=NUMBER, sigma=NUMBER\\)"),
        ("reg_swap(mu=3)", "is not reg_swap\\(mu=NUMBER, sigma=NUMBER\\); write it so"),
        ("reg_swap(mu=3, sigma=0)", "mu must be 0 or more, sigma positive"),
        ("vote", "predictor 'vote' takes arguments; write vote\\(PREDICTOR, PREDICTOR, ...\\)"),
    ],
)
def test_expressions_that_say_nothing_are_one_line(expression: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        resolve(expression)


def test_a_predictor_with_numbers_goes_to_workers_and_into_combinations() -> None:
    task, name = nl.task("noise", batch_size=16), "reg_swap(mu=2, sigma=50)"
    alone = nl.score(TINY[:2], [name, "swap", "params"], task)
    expected = [
        float(swap) * math.exp(-((float(params) / 1000 - 2) ** 2) / 50)
        for swap, params in zip(values(alone, "swap"), values(alone, "params"), strict=True)
    ]
    assert values(alone, name) == pytest.approx(expected)
    assert values(nl.score(TINY[:2], name, task, workers=2), name) == values(alone, name)
    both = with_reference(f"meanrank({name}, 1234567.5*snip)", SPACE, task, 5)
    assert both.name == "meanrank(reg_swap(mu=2, sigma=50), 1234567.5*snip)"
    assert pickle.loads(pickle.dumps(both)).weights == (1.0, 1234567.5)  # as its name says
    assert len(nl.score(TINY[:2], [both, name], task).rows) == 4  # two evaluations of one expression are one


def test_other_packages_add_functions() -> None:
    def worse(*members: Member, power: float) -> Predictor:
        return replace(resolve(members[0].name)[0], name=f"worse({members[0]}, power={power:g})")

    FUNCTIONS.add("worse", worse)
    try:
        (found,) = resolve("worse(2*snip, power=3)")
        assert found.name == "worse(2*snip, power=3)"
        with pytest.raises(InvalidInput, match=r"is not worse\(PREDICTOR, PREDICTOR, ..., power=NUMBER\)"):
            resolve("worse(snip)")
    finally:
        FUNCTIONS.remove("worse")


def test_no_population_is_refused_before_anything_is_scored() -> None:
    with pytest.raises(InvalidInput, match="ranks networks in a reference population"):
        nl.score(OTHERS, "logrank(snip, logdet)", TASK, progress=lambda *_: pytest.fail("it was scored"))
    with pytest.raises(InvalidInput, match="no network of the reference population has a score by each of a, b"):
        Reference(("a", "b"), ((1.0, None), (2.0, None)))


def test_refinements_agree_for_workers_and_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("netlore.refinement.refine"), "POPULATION", 20)
    space, name = nl.anynet(flops=(0, 3e6)), "logrank(snip, logdet)"
    for method in (nl.refine, nl.refine_with_memory):
        whole = method(space, name, TASK, 8, seed=3, round_limit=3)
        folder = tmp_path / method.__name__
        for stop in ((1, 10), (2, 3), (3, 5)):  # the first of them while the population is scored

            def interrupt(number: int, done: int, total: int, stop: tuple[int, int] = stop) -> None:
                if (number, done) == stop:
                    raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                method(space, name, TASK, 8, seed=3, round_limit=3, store=folder, progress=interrupt)
        resumed = method(space, name, TASK, 8, seed=3, round_limit=3, store=folder, workers=2)
        assert resumed.principles == whole.principles and len(resumed.rounds) == len(whole.rounds)
        for one, other in zip(whole.rounds, resumed.rounds, strict=True):
            assert one.estimates == other.estimates
            assert values(one.table, name) == values(other.table, name)
