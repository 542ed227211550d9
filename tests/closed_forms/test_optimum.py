"""Exact optima against enumeration: of small spaces one by one, of the paper's by a formula written out here."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netlore as nl
from netlore.closed_forms.objectives import OBJECTIVES
from netlore.closed_forms.optimum import Optimum, optimum
from netlore.errors import BudgetUnreachable, InvalidInput, UnknownName, WrongArgument
from netlore.space.budget import Budget
from netlore.space.complexity import complexity
from netlore.space.family import plan_of
from tests.space.small import anynet_of_512, anynet_printed_of_216

GOLDEN = {
    (10e6, 50e6): ("d 16,16,16; w 8,16,32; g 8,16,32; b 1,1,1", 37_552_458),
    (50e6, 100e6): ("d 16,16,16; w 8,32,64; g 8,32,32; b 1,1,1", 88_146_570),
    (100e6, 200e6): ("d 16,16,16; w 16,32,128; g 16,32,32; b 1,1,1", None),
}
"""Of the paper's space by synflow: the optimum, and its FLOPs as its table of layers adds up."""


def by_formula(low: float, high: float) -> tuple[float, list[int]]:
    """The highest sum of d ln(1 + 4.31 g sqrt w) within a budget of FLOPs, and its d, w and g, by stage.

    FLOPs are counted here by hand, of ratio 1, which is the cheapest: per pixel a block has w_in w, 9 g w and w w
    multiply-adds, its projection w_in w, of which all but the first convolution see a stage's smaller image.
    """
    gamma = 3 * (2 * math.sqrt(2)) * (2 / math.pi) ** 1.5
    options = [(d, w, g) for d in range(1, 17) for w in 2 ** np.arange(10) for g in 2 ** np.arange(6) if g <= w]
    d, w, g = (np.array(one, dtype=float) for one in zip(*options, strict=True))
    score = d * np.log(1 + gamma * g * np.sqrt(w))

    def flops(w_in: float, side: int, stride: int) -> np.ndarray:
        inside = (side // stride) ** 2
        needed = (stride != 1) | (w_in != w)
        first = w_in * w * side**2 + (9 * g * w + w * w + needed * w_in * w) * inside
        return first + (d - 1) * (2 * w * w + 9 * g * w) * inside

    stem, best, widths, cost = 27 * 64 * 32**2, (-math.inf, []), np.unique(w), 0.0
    first = flops(64, 32, 1) + stem
    for w2 in widths:
        last = flops(w2, 16, 2) + 10 * w + 10
        order = np.argsort(last)
        ascending, level = last[order], np.maximum.accumulate(score[order])
        for w1 in widths:
            ones, twos = np.flatnonzero(w == w1), np.flatnonzero(w == w2)
            costs = np.add.outer(first[ones], flops(w1, 32, 2)[twos])
            sums = np.add.outer(score[ones], score[twos])
            place = np.searchsorted(ascending, high - costs, side="right") - 1
            total = np.where(place >= 0, sums + level[np.maximum(place, 0)], -math.inf)
            i, j = np.unravel_index(np.argmax(total), total.shape)
            if total[i, j] > best[0]:
                third = order[: place[i, j] + 1][np.argmax(score[order[: place[i, j] + 1]])]
                best = (total[i, j], [ones[i], twos[j], int(third)])
                cost = costs[i, j] + last[third]
    # The lower end of the budget was left out of account: it does not matter.
    assert cost >= low
    return best[0], [int(x[k]) for x in (d, w, g) for k in best[1]]


def spelled(values: list[int]) -> str:
    d, w, g = (",".join(map(str, values[i : i + 3])) for i in (0, 3, 6))
    return f"d {d}; w {w}; g {g}; b 1,1,1"


@pytest.fixture(scope="module")
def paper() -> Optimum:
    return optimum(nl.anynet(flops=(10e6, 50e6)))


@pytest.mark.parametrize("budget", GOLDEN, ids=str)
def test_optima_of_three_budgets_by_branch_and_bound_and_by_a_formula(budget: tuple[float, float]) -> None:
    wanted, flops = GOLDEN[budget]
    found = optimum(nl.anynet(flops=budget))
    assert str(found.best) == wanted
    _, values = by_formula(*budget)
    assert spelled(values) == wanted
    assert flops is None or complexity(found.best, 10).flops == flops


def test_of_the_paper_s_optimum_four_are_tied_in_ratios_alone(paper: Optimum) -> None:
    assert paper.within_budget.value == 901_115_488
    assert complexity(paper.best, 10).flops == 37_552_458 == paper.measures["flops"][0]
    ratios = {tuple(one.values[f"b{i}"] for i in (1, 2, 3)) for one in paper.tied}
    assert ratios == {(1, 1, 1), (1, 1, 2), (1, 2, 1), (2, 1, 1)}
    assert {str(one).partition("; b")[0] for one in paper.tied} == {"d 16,16,16; w 8,16,32; g 8,16,32"}
    assert str(paper.next_best) == "d 15,16,16; w 8,16,32; g 8,16,32; b 1,1,1"


def test_nothing_that_is_drawn_or_walked_to_is_better(paper: Optimum) -> None:
    """A hill climb over neighbours of one, two and three changes from the next best, and a sample."""
    space = paper.space
    grids, start = space.grids, dict(paper.next_best.values)  # type: ignore[union-attr]
    for _ in range(3):
        rows = [start]
        for names in itertools.combinations(grids, 2):
            rows += [
                start | dict(zip(names, pair, strict=True)) for pair in itertools.product(*map(grids.get, names))
            ]
        rows = [one for one in rows if all(one[f"w{i}"] % one[f"g{i}"] == 0 for i in (1, 2, 3))]
        values = {name: np.array([one[name] for one in rows]) for name in grids}
        inside = np.flatnonzero(space.meets_budget(values))
        scores = objective_of(paper, {name: column[inside] for name, column in values.items()})
        start = rows[inside[np.argmax(scores)]]
    # Whole sums of rounded parts differ from the rounded whole by some units.
    assert abs(scores.max() - paper.highest[0]) <= 2
    sample = nl.sample(space, 2_000, seed=0)
    drawn = {name: np.array([one.values[name] for one in sample]) for name in grids}
    assert objective_of(paper, drawn).max() < paper.highest[0] - 2


def objective_of(found: Optimum, values: dict[str, np.ndarray]) -> np.ndarray:
    plan = plan_of(found.space.family, values, found.space.num_classes, found.space.channels)
    return np.asarray(found.objective.in_units(plan, found.space.resolution))


def test_the_best_share_is_as_many_as_asked_for_and_whoever_equals_the_last(paper: Optimum) -> None:
    count = math.ceil(901_115_488 * 1e-5)
    assert len(paper.highest) >= count and paper.highest[count - 1] == paper.highest[-1]
    assert (np.diff(paper.highest) <= 0).all()
    assert space_holds(paper) and len({*zip(*(c.tolist() for c in paper.values.values()), strict=True)}) == len(
        paper.highest
    )
    for name, kept in paper.intervals().items():
        assert kept == (paper.values[name].min(), paper.values[name].max())
    assert np.abs(objective_of(paper, dict(paper.values)) - paper.highest).max() <= 2


def space_holds(found: Optimum) -> bool:
    return bool(found.space.admits(found.values).all())


@pytest.mark.parametrize("name", ["synflow", "logdet"])
@pytest.mark.parametrize("small", [anynet_of_512, anynet_printed_of_216])
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_it_is_enumeration(small, name: str, data: st.DataObject) -> None:
    space = small()
    rows = itertools.product(*(d.rows for d in space.distributions))
    names = [n for d in space.distributions for n in d.names]
    listed = [dict(zip(names, itertools.chain(*row), strict=True)) for row in rows]
    values = {n: np.array([one[n] for one in listed]) for n in space.hyperparameters}
    measures = {n: np.asarray(one) for n, one in space.complexities(values).as_dict().items()}
    limits = {
        n: tuple(sorted(data.draw(st.tuples(*[st.sampled_from(measures[n].tolist())] * 2))))
        for n in data.draw(st.sets(st.sampled_from(list(measures))))
    }
    space, share = replace(space, budget=Budget(**limits)), data.draw(st.sampled_from([1e-9, 0.01, 0.3, 1.0]))
    inside = space.meets_budget(values)
    if not inside.any():
        with pytest.raises(BudgetUnreachable, match="no architecture of anynet"):
            optimum(space, name)
        return
    objective = OBJECTIVES.get(name)
    plan = plan_of(space.family, values, space.num_classes, space.channels)
    raw = np.broadcast_to(np.asarray(objective.compute(plan, space.resolution), dtype=float), inside.shape)[inside]
    found = optimum(space, name, share)
    wanted = np.sort(raw)[::-1][: math.ceil(Fraction(str(share)) * int(inside.sum()))]
    assert found.within_budget.value == inside.sum() and len(found.highest) >= len(wanted)
    assert np.allclose(found.highest[: len(wanted)] * objective.unit, wanted, rtol=0, atol=3e-6)
    assert (raw > wanted[-1] + 3e-6).sum() <= len(found.highest) <= (raw > wanted[-1] - 3e-6).sum()
    assert found.measures["flops"][0] == found.measures["flops"][: len(found.tied)].min() or limits


def test_a_family_without_segments_is_enumerated_and_one_without_a_budget_searched() -> None:
    depths = [nl.uniform(f"d{i}", 1, 3) for i in (1, 2, 3)]
    space = nl.DesignSpace("resnet", (*depths, *(nl.choice(f"w{i}", (2, 4)) for i in (1, 2, 3))), 10)
    found = optimum(space, "logdet", 0.01)
    assert found.best.values == dict.fromkeys(("d1", "d2", "d3"), 3) | dict.fromkeys(("w1", "w2", "w3"), 4)
    assert len(found.highest) >= 3
    largest = optimum(nl.anynet(), share=1e-8)
    assert str(largest.best) == "d 16,16,16; w 512,512,512; g 32,32,32; b 1,1,1" and len(largest.tied) == 27


def test_what_cannot_be_asked_is_refused_in_one_line() -> None:
    with pytest.raises(
        UnknownName, match=r"closed form .* 'snip' is not known; choose one of log_synflow, logdet, syn"
    ):
        optimum(nl.anynet(), "snip")
    with pytest.raises(BudgetUnreachable, match="no architecture of anynet has 0 to 10 FLOPs; widen the budget"):
        optimum(nl.anynet(flops=(0, 10)))
    with pytest.raises(InvalidInput, match="is 100,776,960; choose a share of 200,000 or fewer"):
        optimum(nl.anynet(), share=0.01)
    with pytest.raises(
        InvalidInput, match="whose stages cannot be searched one by one, is too large; restrict it to"
    ):
        optimum(nl.anynet_imagenet())
    for share in (0, 1.1, math.nan):
        with pytest.raises(WrongArgument, match="share"):
            optimum(nl.anynet(), share=share)
