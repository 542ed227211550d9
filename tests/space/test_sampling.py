from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare

from netlore.errors import BudgetUnreachable, InvalidInput
from netlore.space import counting, sampling
from netlore.space.budget import Budget
from netlore.space.complexity import complexity
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Distribution, choice, uniform
from netlore.space.families.anynet import anynet, anynet_printed
from netlore.space.sampling import candidates, sample
from tests.space.small import anynet_of_512, anynet_of_four

PAPER = anynet(flops=(10e6, 50e6))
MEDIUM = PAPER.restrict({f"{letter}{i}": (1, 2) for letter in "db" for i in (1, 2, 3)})
# Listed before drawing; drawn by rejection, but small enough to be listed; only drawn.
SPACES = {
    "listed": anynet_of_512(),
    "medium": MEDIUM,
    "huge": PAPER,
    "printed": anynet_printed(flops=(10e6, 50e6)),
}


def resnexts(depth: int, budget: Budget) -> DesignSpace:
    """A space whose family cannot be counted stage by stage."""
    depths = tuple(uniform(f"d{i}", 1, depth) for i in (1, 2, 3))
    widths = tuple(choice(f"w{i}", (2, 4)) for i in (1, 2, 3))
    return DesignSpace("resnext", (*depths, *widths, choice("b", (1,)), choice("c", (1,))), 10, budget=budget)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_samples_are_distinct_valid_and_within_the_budget(space):
    found = sample(space, 300, seed=1)
    assert len(found) == len(set(found)) == 300
    assert all(space.contains(architecture) for architecture in found)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_the_seed_alone_decides(space):
    first = sample(space, 50, seed=7)
    assert sample(space, 50, seed=7) == first
    assert sample(space, 50, seed=8) != first
    assert sample(space, 50, seed=(7, 1)) != first


def test_the_beginning_of_a_longer_sample_is_the_shorter_one():
    assert sample(PAPER, 500, seed=0)[:20] == sample(PAPER, 20, seed=0)


def test_a_golden_sample_does_not_change():
    # Runs on disk are resumed by drawing the same architectures again.
    assert [str(a) for a in sample(PAPER, 3, seed=0)] == [
        "d 1,15,2; w 8,32,64; g 2,8,1; b 4,2,1",
        "d 10,1,2; w 2,4,128; g 1,1,1; b 4,2,2",
        "d 1,1,7; w 16,256,2; g 4,32,2; b 1,1,4",
    ]


def test_architectures_are_drawn_without_replacement_in_the_order_of_their_probabilities():
    space = anynet_of_four()
    draws = 1_000
    pairs = Counter(tuple(a.values["d1"] for a in sample(space, 2, seed=(5, s))) for s in range(draws))
    p = dict(zip((1, 2, 3, 4), np.log([2, 2, 3 / 2, 4 / 3]) / np.log(8), strict=True))
    # The second one is drawn from what the first one left.
    wanted = {(i, j): p[i] * p[j] / (1 - p[i]) for i, j in itertools.permutations((1, 2, 3, 4), 2)}
    counts = [pairs[pair] for pair in wanted]
    assert sum(counts) == draws
    assert chisquare(counts, [draws * w for w in wanted.values()]).pvalue > 1e-3


def test_listed_spaces_are_drawn_conditional_on_the_budget():
    space = anynet_of_four()
    deepest = complexity(next(a for a in sample(space, 4) if a.values["d1"] == 4), 10, space.resolution)
    limited = replace(space, budget=Budget(flops=(0, deepest.flops - 1)))
    first = Counter(sample(limited, 1, seed=(6, s))[0].values["d1"] for s in range(1_000))
    # Depth 4 has too many FLOPs; the others keep their proportions.
    p = np.log([2, 2, 3 / 2]) / np.log(6)
    assert chisquare([first[d] for d in (1, 2, 3)], 1_000 * p).pvalue > 1e-3


@pytest.mark.parametrize("name", ["d3", "w1", "g2", "b1"])
def test_huge_spaces_are_drawn_conditional_on_the_budget(name):
    # With uniform depths all architectures are equally probable, so a value's share is a matter of counting.
    others = tuple(d for d in PAPER.distributions if not d.names[0].startswith("d"))
    space = replace(PAPER, distributions=(*(uniform(f"d{i}", 1, 16) for i in (1, 2, 3)), *others))
    shares = {
        value: space.restrict({name: (value, value)}).cardinality_within_budget / space.cardinality_within_budget
        for value in space.grids[name]
    }
    assert sum(shares.values()) == pytest.approx(1)
    counts = Counter(architecture.values[name] for architecture in sample(space, 5_000, seed=2))
    common = [value for value, share in shares.items() if share > 1e-3]
    observed, expected = [counts[v] for v in common], [5_000 * shares[v] for v in common]
    rest = 5_000 - sum(observed), 5_000 - sum(expected)
    if rest[1] > 1:
        observed, expected = [*observed, rest[0]], [*expected, rest[1]]
    assert chisquare(observed, np.asarray(expected) * sum(observed) / sum(expected)).pvalue > 1e-3


@pytest.mark.parametrize("count", [512, 10_000])
def test_an_exhausted_space_gives_every_architecture_once(count):
    found = sample(anynet_of_512(), count, seed=0)
    assert len(found) == 512 and len(set(found)) == 512


def test_an_exhausted_budget_gives_every_architecture_within_it_once():
    space = replace(anynet_of_512(), budget=Budget(flops=(1e5, 3e6)))
    found = sample(space, 10_000, seed=0)
    assert len(found) == len(set(found)) == space.cardinality_within_budget
    assert 0 < len(found) < 512


def test_a_medium_space_with_a_needle_of_a_budget_is_listed_in_the_end():
    space = resnexts(40, Budget(params=(0, 2_500)))
    assert 200_000 < space.cardinality < 10_000_000
    wanted = space.cardinality_within_budget
    assert 0 < wanted < 100
    assert len(set(sample(space, 10_000, seed=0))) == wanted


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            replace(anynet_of_512(), budget=Budget(flops=(0, 1))),
            "the budget 0 to 1 FLOPs accepts none of the 512 architectures of the space (acceptance rate 0); "
            "at 16 pixels its networks have, by 512 of them, 791k to 27.6M FLOPs; "
            "widen the budget or the intervals.",
        ),
        (
            anynet(flops=(0, 1)),
            "the budget 0 to 1 FLOPs accepts 0 of 1,048,576 candidates (acceptance rate 0, 0 different ones, "
            "0 of 10,077,696,000 architectures exist within it); at 32 pixels its networks have, by 16,384 of "
            "them, 2.14M to 44.4G FLOPs; widen the budget or restrict the space.",
        ),
        (
            resnexts(120, Budget(flops=(0, 1))),
            "the budget 0 to 1 FLOPs accepts 0 of 1,048,576 candidates (acceptance rate 0, 0 different ones, "
            "about 0 (0 to 203) of 13,824,000 architectures exist within it); at 32 pixels its networks have, by "
            "16,384 of them, 2.27M to 30.5M FLOPs; widen the budget or restrict the space.",
        ),
    ],
    ids=["small", "huge", "huge and not countable"],
)
def test_an_empty_budget_is_an_error_with_the_acceptance_rate(space, message):
    with pytest.raises(BudgetUnreachable) as caught:
        sample(space, 5, seed=0)
    assert str(caught.value) == message


def test_a_needle_in_a_huge_space_is_an_error_with_the_number_that_exist():
    # The stem alone has 1,856 parameters.
    space = anynet(params=(0, 2_200))
    exist = space.cardinality_within_budget
    assert 0 < exist < 1_000
    with pytest.raises(BudgetUnreachable, match=f"{exist} of 10,077,696,000 architectures exist within it"):
        sample(space, 100, seed=0)


def test_candidates_are_admitted_by_their_complexity():
    values, admitted = candidates(PAPER, np.random.default_rng(0), 20_000)
    flops = PAPER.complexities(values).flops
    assert ((flops >= 10e6) & (flops <= 50e6) == admitted).all()
    assert 0.12 < admitted.mean() < 0.14, "about 13 % of the paper's space meet its budget"


@pytest.mark.parametrize("count", [0, -1])
def test_the_number_of_samples_must_be_positive(count):
    with pytest.raises(InvalidInput, match=f"count = {count} is not positive; choose 1 or more"):
        sample(PAPER, count)


@pytest.mark.parametrize("seed", [-1, (3, -2)])
def test_seeds_must_not_be_negative(seed):
    with pytest.raises(InvalidInput, match="is negative; choose 0 or more"):
        sample(PAPER, 1, seed=seed)


def test_sampling_does_not_import_torch():
    code = "import sys, netlore.space.sampling; assert not {'torch', 'pandas'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_rows_of_six_large_values_keep_their_probabilities():
    # As digits of one number to the base 2,048, the first two rows differ by a multiple of 2^64.
    rows = ((512, 1, 1, 1, 1, 1), (1024, 1, 1, 1, 1, 1), (1, 1, 1, 1, 1, 2047))
    drawn = Distribution(("d1", "d2", "d3", "w1", "w2", "w3"), rows, (0.98, 0.01, 0.01))
    space = DesignSpace("resnet", (drawn,), num_classes=10)
    first = [sample(space, 1, seed)[0].values["d1"] for seed in range(200)]
    assert first.count(512) > 180


@pytest.mark.parametrize("count", [10**7, np.int64(10**9), 10**18])
def test_more_than_memory_holds_is_refused_at_once(count):
    with pytest.raises(InvalidInput, match="are too many to hold; ask for 1,000,000 or fewer"):
        sample(anynet(flops=(10e6, 50e6)), count)


def test_more_than_a_small_space_holds_is_all_of_it():
    assert len(sample(anynet_of_512(), 10**12)) == 512


@pytest.mark.parametrize("count", [float("nan"), 2.0, True, "4", None])
def test_a_number_of_networks_is_a_whole_number(count):
    with pytest.raises(InvalidInput, match="is not a whole number; give an integer"):
        sample(anynet(), count)


def test_more_than_a_budget_leaves_is_said_when_it_is_known(monkeypatch):
    # 42 of 10,077,696,000: after a million candidates, not after 67 million.
    space = anynet(flops=(0, 3e5), params=(0, 2500)).restrict({"d1": (1, 1), "d2": (1, 4)})
    exist = space.cardinality_within_budget
    monkeypatch.setattr(sampling, "_HOPELESS_RATE", 0.0)
    monkeypatch.setattr(counting, "ENUMERABLE", 1)
    with pytest.raises(BudgetUnreachable, match=rf"of 1,048,576 candidates .* {exist:,} of [0-9,]+ architectures"):
        sample(space, exist + 1)
