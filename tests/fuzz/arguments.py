"""Arguments of Python: every public function, with one argument or two of a wrong type or value."""

from __future__ import annotations

import datetime
import decimal
import fractions
import random
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

import netlore as nl
from netlore.analysis import (
    bootstrap,
    correlation,
    distribution,
    elite_scores,
    importance,
    initialisation_noise,
    interval_overlap,
    population_rank,
    rank_agreement,
    replicate_comparison,
    resampling,
    search_courses,
    selection_quality,
    trees,
)
from netlore.storage.score_store import Store
from tests.fuzz.case import Case, call

WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "-1": lambda: -1,
    "0": lambda: 0,
    "1.5": lambda: 1.5,
    "10**30": lambda: 10**30,
    "2**63": lambda: 2**63,
    "''": str,
    "'x'": lambda: "x",
    "'3'": lambda: "3",
    "'\\0'": lambda: "\0",
    "'\\ud800'": lambda: "\ud800",
    "'x' * 100000": lambda: "x" * 100_000,
    "b'x'": lambda: b"x",
    "[]": list,
    "[None]": lambda: [None],
    "[[]]": lambda: [[]],
    "['x', 3]": lambda: ["x", 3],
    "(1, 2, 3)": lambda: (1, 2, 3),
    "(nan, nan)": lambda: (float("nan"), float("nan")),
    "(2, 1)": lambda: (2, 1),
    "{}": dict,
    "{'x': 1}": lambda: {"x": 1},
    "{1: 'x'}": lambda: {1: "x"},
    "set()": set,
    "{1, 2}": lambda: {1, 2},
    "object()": object,
    "len": lambda: len,
    "lambda: 1": lambda: lambda: 1,
    "int": lambda: int,
    "a generator": lambda: (one for one in (1, "x")),
    "range(3)": lambda: range(3),
    "1j": lambda: 1j,
    "Decimal": lambda: decimal.Decimal("1.5"),
    "Fraction": lambda: fractions.Fraction(1, 2),
    "date": lambda: datetime.date(2026, 1, 1),
    "Path": lambda: Path("nowhere"),
    "np.nan": lambda: np.float64("nan"),
    "np.int64(2)": lambda: np.int64(2),
    "np.bool_": lambda: np.bool_(True),
    "np.str_": lambda: np.str_("x"),
    "np.ones(3)": lambda: np.ones(3),
    "np.ones((2, 2))": lambda: np.ones((2, 2)),
    "np.array(['x'])": lambda: np.array(["x"]),
    "np.array([None])": lambda: np.array([None]),
    "np.array(3)": lambda: np.array(3),
    "np.full(4, nan)": lambda: np.full(4, np.nan),
    "torch.ones(3)": lambda: torch.ones(3),
    "torch.tensor(2)": lambda: torch.tensor(2),
    "a module": lambda: nn.Linear(2, 2),
    "DataFrame": lambda: pd.DataFrame({"x": [1]}),
    "Series": lambda: pd.Series([1.0, 2.0]),
    "a space": lambda: nl.nats_topology(),
    "a task": lambda: nl.task("noise", batch_size=2),
    "an architecture": lambda: nl.named("baseline/resnet-20"),
    "a class": lambda: nl.Task,
}
"""Values by what they are; each is nowhere right, or nearly so."""


@cache
def _things() -> dict[str, Any]:
    """What right calls are made of."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    return {
        "space": nl.nats_topology(),
        "small": nl.anynet_architecture((1, 1, 1), (4, 4, 8), (2, 2, 2), (1, 1, 1)),
        "task": nl.task("noise", batch_size=2),
        "network": network,
        "images": torch.ones(2, 3, 2, 2),
        "labels": torch.tensor([0, 1]),
        "scores": rng.normal(size=40),
        "accuracies": rng.normal(size=40),
        "counts": resampling.resampled_counts(40, 5),
        "columns": {name: rng.integers(1, 5, 60) for name in ("d1", "w1")},
        "many": rng.normal(size=60),
        "ids": [f"a{number}" for number in range(40)],
    }


def _calls() -> dict[Callable[..., Any], dict[str, Any]]:
    """A right call of each function, cheap enough for thousands."""
    t = _things()
    sizes = {"num_classes": 10, "resolution": 32, "channels": 3}
    space = {**sizes, "flops": (0, 1e9)}
    searched = {"space": t["space"], "predictor": "params", "task": t["task"], "networks": 2, "seed": 0}
    searched |= {"round_limit": 1, "workers": 1, "dtype": "float32", "device": "cpu", "store": None}
    scored = {"predictors": "params", "task": t["task"], "seed": 0, "store": None, "workers": 1}
    scored |= {"dtype": "float32", "device": "cpu", "chunk_size": None}
    pair = {"scores": t["scores"], "accuracies": t["accuracies"]}
    kept = {"d1": (1, 2)}, {"d1": (1, 3)}
    grids = {"d1": (1, 2, 3)}
    return {
        nl.anynet: space,
        nl.anynet_printed: space,
        nl.anynet_imagenet: {"num_classes": 10, "resolution": 64},
        nl.autoformer: {"num_classes": 10},
        nl.mnasnet: {"num_classes": 10, "resolution": 64},
        nl.nas_bench_macro: sizes,
        nl.nats_size: sizes,
        nl.nats_topology: sizes,
        nl.regnet: {"num_classes": 10, "resolution": 64},
        nl.resnet: sizes,
        nl.transnas_macro: {"num_classes": 10},
        nl.transnas_micro: {"num_classes": 10},
        nl.anynet_architecture: {
            "depths": (1, 1, 1),
            "widths": (4, 4, 8),
            "group_widths": (2, 2, 2),
            "bottleneck_ratios": (1, 1, 1),
        },
        nl.architecture: {"family": "resnet", "values": {"d1": 1, "d2": 1, "d3": 1, "w1": 4, "w2": 4, "w3": 8}},
        nl.nas_bench_macro_architecture: {"string": "00000000"},
        nl.nats_size_architecture: {"string": "8:8:8:8:8"},
        nl.nats_topology_architecture: {"string": t["space"] and nl.sample(t["space"], 1)[0].string},
        nl.transnas_architecture: {"string": "64-41414-1_02_333"},
        nl.complexity: {"architecture": t["small"], **sizes},
        nl.build: {"architecture": t["small"], "num_classes": 10, "seed": 0},
        nl.sample: {"space": t["space"], "count": 2, "seed": 0},
        nl.named: {"name": "baseline/resnet-20"},
        nl.uniform: {"name": "d1", "low": 1, "high": 3},
        nl.log_uniform: {"name": "d1", "low": 1, "high": 3},
        nl.power_of_two: {"name": "d1", "low": 1, "high": 4},
        nl.choice: {"name": "d1", "values": (1, 2)},
        nl.joint: {"names": ("d1", "w1"), "rows": [(1, 2), (2, 3)]},
        nl.product: {"grids": {"d1": (1, 2)}, "where": bool},
        nl.task: {"name": "noise", "batch_size": 2, "seed": 0},
        nl.probe: {
            "network": t["network"],
            "images": t["images"],
            "labels": t["labels"],
            "predictors": "snip",
            "dtype": None,
            "chunk_size": None,
            "loss": "cross_entropy",
            "output": None,
        },
        nl.score: {"architectures": [t["small"]], **scored},
        nl.score_modules: {"modules": {"m": _module}, **scored, "draws": 1},
        nl.refine: searched,
        nl.refine_with_memory: searched,
        nl.random_search: searched,
        nl.regularised_evolution: searched,
        nl.nsga2: {**searched, "cost": "params"},
        nl.recipe: {"name": "smoke"},
        nl.with_reference: {
            "predictor": "logrank(params, flops)",
            "space": t["space"],
            "task": t["task"],
            "networks": 2,
        },
        nl.predictor: {"name": "mine", "needs": nl.Evidence.LOSS_GRADIENT, "source": "none"},
        nl.training_data: {"name": "noise", "validation": None, "seed": 0},
        nl.read_study: {"path": Path("study.toml")},
        nl.DesignSpace: {"family": "resnet", "distributions": (), **sizes},
        nl.Interval: {"low": 1, "high": 2},
        nl.exact_bootstrap: {"scores": t["scores"], "columns": {"a": t["accuracies"]}},
        nl.monte_carlo_bootstrap: {"scores": t["scores"], "columns": {"a": t["accuracies"]}},
        t["space"].restrict: {"kept": {}},
        t["space"].within: {"limits": {"params": (0, 1e9)}},
        t["space"].contains: {"architecture": t["small"]},
        Store: {"folder": Path(_temporary().name) / "store", "configuration": {"a": 1}},
        bootstrap.rank_probabilities: {"n": 10, "m": 2},
        correlation.kendall_matrix: {"columns": {"a": t["scores"], "b": t["accuracies"]}},
        correlation.partial_rank_correlation: {"scores": t["scores"], "measures": {"a": t["accuracies"]}},
        correlation.accuracy_correlation: {"values": t["scores"], "errors": t["accuracies"]},
        distribution.edf: {"scores": t["scores"]},
        distribution.exponential_test: {"values": t["scores"] ** 2, "level": 0.05},
        elite_scores.elite: {"scores": t["scores"], "architectures": t["ids"], "elites": 5},
        elite_scores.elite_score: {"means": t["scores"], "elites": 5},
        elite_scores.elite_course: {"scores": t["scores"], "architectures": t["ids"], "elites": 5},
        elite_scores.elite_draws: {"scores": t["scores"], "architectures": t["ids"], "elites": 5},
        elite_scores.mean_scores: {"scores": t["scores"], "architectures": t["ids"]},
        elite_scores.band: {"courses": [np.ones((2, 3))] * 2, "points": 5},
        importance.importance: {"columns": t["columns"], "scores": t["many"], "folds": 2, "seed": 0},
        initialisation_noise.initialisation_noise: {"scores": t["scores"].reshape(20, 2)},
        interval_overlap.stability: {"found": kept, "grids": grids},
        interval_overlap.agreement: {"principles": {"a": kept[0], "b": kept[1]}, "grids": grids},
        interval_overlap.overlap: {"one": kept[0], "other": kept[1], "grids": grids},
        interval_overlap.interval_widths: {"intervals": kept[0], "grids": grids},
        population_rank.population_rank: {"value": 0.5, "population": t["scores"]},
        rank_agreement.kendall_samples: {**pair, "counts": t["counts"]},
        rank_agreement.spearman_samples: {**pair, "counts": t["counts"]},
        rank_agreement.partial_samples: {**pair, "given": [t["accuracies"] ** 2], "counts": t["counts"]},
        rank_agreement.bands_of: {"costs": t["scores"], "bands": 4},
        replicate_comparison.repeatability: {"scores": [t["scores"]] * 2, "architectures": [t["ids"]] * 2},
        resampling.resampled_counts: {"n": 10, "resamples": 5, "seed": 0},
        resampling.statistic_of: {"samples": t["scores"], "n": 40},
        search_courses.picks: {"quantity": t["scores"], "looked_at": np.arange(40)},
        search_courses.true_course: {
            **{"quantity": t["scores"], "accuracies": t["accuracies"]},
            "looked_at": np.arange(40),
        },
        search_courses.at: {"courses": [t["scores"]], "networks": [1, 2]},
        search_courses.over_seeds: {"values": t["scores"].reshape(4, 10)},
        search_courses.mean_difference: {"one": t["scores"], "other": t["accuracies"], "resamples": 5},
        selection_quality.ndcg: {**pair, "point": 1.0},
        selection_quality.precision_among_best: {**pair, "best": 5},
        selection_quality.expected_best: {**pair, "best": 5},
        trees.decision_tree: {"columns": t["columns"], "scores": t["many"]},
    }


def _module(**values: Any) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="netlore-fuzz-")


@cache
def calls() -> list[tuple[Callable[..., Any], dict[str, Any]]]:
    """Every function with a right call."""
    return list(_calls().items())


_CALLED = ("where", "scale")
"""Functions that are called: what somebody's own raise is theirs."""


def case(rng: random.Random) -> Case:
    """A call with something wrong: values of other types, arguments too few or too many."""
    function, right = rng.choice(calls())
    named, changes = dict(right), []
    for _ in range(rng.choice((1, 1, 1, 2))):
        name = rng.choice([*named, "no_such_argument"] if rng.random() < 0.05 or not named else list(named))
        what = rng.choice([one for one in WRONG if name not in _CALLED or not callable(WRONG[one]())])
        named[name] = WRONG[what]()
        changes.append(f"{name}={what}")
    if rng.random() < 0.05 and right:
        left_out = rng.choice(list(right))
        named.pop(left_out, None)
        changes.append(f"without {left_out}")
    name = getattr(function, "__qualname__", str(function))
    return Case("arguments", f"{name}({', '.join(changes)})", partial(call, partial(function, **named)))
