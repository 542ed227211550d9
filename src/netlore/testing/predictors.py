"""check_predictor: does a predictor keep the promises that scores are compared under?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput, UndeclaredEvidence
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import DTYPES, examine, probe
from netlore.scoring.predictor import PAPER, PREDICTORS, Predictor
from netlore.scoring.transforms import TRANSFORMS
from netlore.storage.score_table import Score
from netlore.testing import examples
from netlore.testing import predictor_rules as rules
from netlore.testing.conformance import Checked

_DEFINED = ("ok", "saturated")
_NO_ERRORS = ("ok", "nonfinite", "degenerate", "saturated")


def check_predictor(predictor: Predictor) -> None:
    """Check a predictor on a few small networks, modules and one that is known as a plan, in both precisions.

    - It has a name of its own, a docstring, and says where it comes from.
    - It declares what it reads, and nothing else.
    - It gives a finite number or a typed status; on one network at least a number, or that it is saturated; it
      may be a transformer if there is none of convolutions and linear layers.
    - The same network and batch give the same number, bit for bit.
    - So they do in the company of the paper's seven predictors, whose numbers stay the same as well.
    - The network and the global random generator stay as they were.
    - Of a network that netlore builds, as `nl.score` does, the number is that of its module up to rounding.
    - Precisions agree, and devices if there is an accelerator; networks have different scores.
    - The order of the images of a batch does not matter, nor what was scored before.
    - Every line of its function runs on some network, but for those that refuse one.
    - Of two trained networks it prefers the better one, or says that no direction is known.

    Raises:
        ConformanceError: A rule is broken.
    """
    checked = Checked(f"predictor {predictor.name!r}")
    documented, sourced = (predictor.compute.__doc__ or "").strip(), predictor.source.strip()
    checked.require(documented, "its function has a docstring with the formula", "it has none")
    checked.require(sourced, "`source` says where the definition comes from", "it is empty")
    own = predictor.name not in PREDICTORS.names() or PREDICTORS.get(predictor.name) is predictor
    checked.require(own, "its name is its own", "another predictor is registered under it")
    _check_declarations(predictor, checked)
    scores = TRANSFORMS.get(predictor.transform).apply(np.array([-2.0, -1.0, 0.0, 1.0, 2.0, np.nan]))
    rises = (np.diff(scores[np.isfinite(scores)]) > 0).all()
    fits = scores.shape == (6,) and rises and np.isnan(scores[-1])
    checked.require(fits, "its transform increases and keeps NaN", f"{predictor.transform} gave {scores}")
    scored = {
        dtype: {name: _check_on(predictor, name, dtype, checked) for name in examples.usual()} for dtype in DTYPES
    }
    if not any(one.status in _DEFINED for found in scored.values() for one in found.values()):
        for dtype in DTYPES:
            scored[dtype] |= {name: _check_on(predictor, name, dtype, checked) for name in examples.OF_ATTENTION}
    for dtype in DTYPES:
        _check_plan(predictor, dtype, checked)
    statuses = [one.status for found in scored.values() for one in found.values()]
    rule = "it is defined for an ordinary network"
    checked.require({*_DEFINED} & {*statuses}, rule, f"it had {', '.join(statuses)}")
    rules.check_precisions(predictor, scored, checked)
    rules.check_other_networks(predictor, scored["float64"], checked)
    rules.check_order(predictor, _batches(predictor), checked)
    rules.check_devices(predictor, _batches(predictor), scored["float64"], checked)
    again: dict[str, Score] = {}
    rules.check_lines(predictor, lambda: again.update(_in_a_row(predictor, [*scored["float64"]])), checked)
    for name, score in again.items():
        found = f"on {name} it gave {_outcome(scored['float64'][name])}, and after others {_outcome(score)}"
        same = _outcome(score) == _outcome(scored["float64"][name])
        checked.require(same, "what was scored before does not matter", found)
    rules.check_direction(predictor, checked)


def _in_a_row(predictor: Predictor, names: list[str]) -> dict[str, Score]:
    """Its scores of networks, the last first."""
    return {name: _scores(name, "float64", predictor)[predictor.name] for name in reversed(names)}


def _check_declarations(predictor: Predictor, checked: Checked) -> None:
    for name in examples.networks():
        with checked.rule("it declares in `needs` what it reads", UndeclaredEvidence, found=str):
            _scores(name, "float64", predictor)
    for evidence in predictor.needs:
        # Without one kind of evidence it has to fail somewhere, or never reads it.
        fewer = replace(predictor, name=f"{predictor.name}, less declared", needs=predictor.needs - evidence)
        read = any(_undeclared(fewer, name) for name in examples.networks())
        rule = "it declares in `needs` nothing that it does not read"
        checked.require(read, rule, f"it never reads {evidence.name}")


def _undeclared(predictor: Predictor, network: str) -> bool:
    try:
        _scores(network, "float64", predictor)
    except UndeclaredEvidence:
        return True
    return False


def _check_on(predictor: Predictor, name: str, dtype: str, checked: Checked) -> Score:
    """Check the remaining rules on one network; the status that it had."""
    network, others = examples.networks()[name](), _others(predictor)
    before = _state(network)
    first, *further = examples.batches(_batches(predictor))
    alone = probe(network, *first, predictor, dtype, batches=further)[predictor.name]
    changed = [part for part, value in _state(network).items() if not _equal(before[part], value)]
    found = f"{name} changed in {next(iter(changed), 'nothing')}"
    checked.require(not changed, "the network stays bit for bit as it was", found)
    found = f"on {name} in {dtype} it had {alone.status}: {alone.reason}"
    checked.require(alone.status in _NO_ERRORS, "it gives a finite number or says why there is none", found)
    again = _scores(name, dtype, predictor)[predictor.name]
    found = f"on {name} in {dtype} it gave {_outcome(alone)}, then {_outcome(again)}"
    checked.require(_outcome(again) == _outcome(alone), "it repeats itself bit for bit", found)
    expected = {predictor.name: alone, **_scores_of_others(name, dtype, others)}
    # In one precision it comes first, in the other last: it may be disturbed by the others, and disturb them.
    company = (predictor, *others) if dtype == "float32" else (*others, predictor)
    _compare(checked, f"{name} in {dtype}", _scores(name, dtype, *company), expected)
    return alone


def _check_plan(predictor: Predictor, dtype: str, checked: Checked) -> None:
    alone = _scores_of_plan(dtype, predictor)
    together = _scores_of_plan(dtype, predictor, *_others(predictor))
    _compare(checked, f"a plan in {dtype}", {predictor.name: together[predictor.name]}, alone)
    if dtype != "float64":  # in float32 the terms of some predictors all but cancel
        return
    first, *further = examples.batches(_batches(predictor))
    network = build_plan(examples.residual_plan(), seed=1)
    by_probe = probe(network, *first, predictor, dtype, batches=further)[predictor.name]
    by_score = alone[predictor.name]
    values = [score.value for score in (by_probe, by_score) if score.value is not None]
    near = len(values) < 2 or abs(values[0] - values[1]) <= 1e-9 * max(1.0, *map(abs, values))
    found = f"it gave {_outcome(by_probe)} by `probe` and {_outcome(by_score)} by `score` {by_score.reason}"
    same = near and by_probe.status == by_score.status
    checked.require(same, "`score` gives the number of `probe`, up to rounding", found.rstrip())


def _others(predictor: Predictor) -> tuple[Predictor, ...]:
    return tuple(PREDICTORS.get(other) for other in PAPER if other != predictor.name)


@cache
def _scores_of_others(name: str, dtype: str, others: tuple[Predictor, ...]) -> dict[str, Score]:
    """The same for all predictors that are checked."""
    return _scores(name, dtype, *others)


def _batches(*predictors: Predictor) -> int:
    return max((kind.batches for predictor in predictors for kind in predictor.needs), default=1)


def _compare(checked: Checked, where: str, found: Mapping[str, Score], expected: Mapping[str, Score]) -> None:
    for name, score in found.items():
        outcome, before = _outcome(score), _outcome(expected[name])
        outcomes = f"on {where}, in company, {name} gave {outcome} and without it {before}"
        checked.require(outcome == before, "fused scores equal those alone bit for bit", outcomes)


def _scores(network: str, dtype: str, *predictors: Predictor) -> dict[str, Score]:
    first, *further = examples.batches(_batches(*predictors))
    checked = Checked(f"predictor {predictors[0].name!r}")
    with checked.rule("it can be used together with the paper's predictors", InvalidInput, found=str):
        return probe(examples.networks()[network](), *first, predictors, dtype, batches=further)


def _scores_of_plan(dtype: str, *predictors: Predictor) -> dict[str, Score]:
    first, *further = examples.batches(_batches(*predictors))
    engine = PlanEngine(examples.residual_plan(), 1, torch.device("cpu"))
    return examine(engine, *first, predictors, DTYPES[dtype], None, further)


def _outcome(score: Score) -> str:
    return score.status if score.value is None else f"{score.value!r}"


def _state(network: nn.Module) -> dict[str, Any]:
    """What an examination must not change."""
    state: dict[str, Any] = {"the global random generator": torch.random.get_rng_state()}
    for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
        state |= {name: tensor.detach().clone(), f"{name}.requires_grad": tensor.requires_grad}
        state[f"{name}.grad"] = tensor.grad
    for name, module in network.named_modules():
        hooks = [len(value) for key, value in sorted(vars(module).items()) if "_hooks" in key and value]
        state |= {f"{name}.training": module.training, f"{name}'s hooks": hooks}
    return state


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return isinstance(left, Tensor) and isinstance(right, Tensor) and torch.equal(left, right)
    return bool(left == right)
