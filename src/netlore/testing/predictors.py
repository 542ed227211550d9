"""check_predictor: does a predictor keep the promises that scores are compared under?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput, UndeclaredEvidence
from netlore.scoring.examination import DTYPES, probe
from netlore.scoring.predictor import PAPER, PREDICTORS, Predictor
from netlore.storage.score_table import Score
from netlore.testing import examples
from netlore.testing.conformance import ConformanceError

_NO_ERRORS = ("ok", "nonfinite", "degenerate")


def check_predictor(predictor: Predictor) -> None:
    """Check a predictor on a few small networks, in both precisions.

    - It has a name of its own, a docstring, and says where it comes from.
    - It declares what it reads, and nothing else.
    - It gives a finite number or a typed status; on one network at least, a number.
    - The same network and batch give the same number, bit for bit.
    - So they do in the company of the paper's seven predictors, whose numbers stay the same as well.
    - The network and the global random generator stay as they were.

    Raises:
        ConformanceError: A rule is broken.
    """
    _check_description(predictor)
    _check_declarations(predictor)
    statuses = [_check_on(predictor, name, dtype) for name in examples.networks() for dtype in DTYPES]
    if "ok" not in statuses:
        raise _broken(predictor, "it gives a number on an ordinary network", f"it had {', '.join(statuses)}")


def _check_description(predictor: Predictor) -> None:
    if not (predictor.compute.__doc__ or "").strip():
        raise _broken(predictor, "its function has a docstring with the formula", "it has none")
    if not predictor.source.strip():
        raise _broken(predictor, "`source` says where the definition comes from", "it is empty")
    if predictor.name in PREDICTORS.names() and PREDICTORS.get(predictor.name) is not predictor:
        raise _broken(predictor, "its name is its own", "another predictor is registered under it")


def _check_declarations(predictor: Predictor) -> None:
    for name in examples.networks():
        try:
            _scores(name, "float64", predictor)
        except UndeclaredEvidence as error:
            raise _broken(predictor, "it declares in `needs` what it reads", str(error).rstrip(".")) from None
    for evidence in predictor.needs:
        # Without one kind of evidence it has to fail somewhere, or never reads it.
        fewer = replace(predictor, name=f"{predictor.name}, less declared", needs=predictor.needs - evidence)
        if not any(_undeclared(fewer, name) for name in examples.networks()):
            raise _broken(
                predictor,
                "it declares in `needs` nothing that it does not read",
                f"it never reads {evidence.name}",
            )


def _undeclared(predictor: Predictor, network: str) -> bool:
    try:
        _scores(network, "float64", predictor)
    except UndeclaredEvidence:
        return True
    return False


def _check_on(predictor: Predictor, name: str, dtype: str) -> str:
    """Check the remaining rules on one network; the status that it had."""
    network = examples.networks()[name]()
    before = _state(network)
    alone = probe(network, *examples.batch(), predictor, dtype)[predictor.name]
    changed = [part for part, value in _state(network).items() if not _equal(before[part], value)]
    if changed:
        raise _broken(predictor, "the network stays bit for bit as it was", f"{name} changed in {changed[0]}")
    if alone.status not in _NO_ERRORS:
        found = f"on {name} in {dtype} it had {alone.status}: {alone.reason}"
        raise _broken(predictor, "it gives a finite number or says why there is none", found)
    again = _scores(name, dtype, predictor)[predictor.name]
    if _outcome(again) != _outcome(alone):
        found = f"on {name} in {dtype} it gave {_outcome(alone)}, then {_outcome(again)}"
        raise _broken(predictor, "it repeats itself bit for bit", found)
    _check_in_company(predictor, name, dtype, alone)
    return alone.status


def _check_in_company(predictor: Predictor, name: str, dtype: str, alone: Score) -> None:
    others = [PREDICTORS.get(other) for other in PAPER if other != predictor.name]
    expected = {predictor.name: alone, **_scores(name, dtype, *others)}
    # First, and last: it may be disturbed by the others, and disturb them.
    for company in ([predictor, *others], [*others, predictor]):
        for scored, score in _scores(name, dtype, *company).items():
            if _outcome(score) != _outcome(expected[scored]):
                found = (
                    f"on {name} in {dtype}, in company, {scored} gave {_outcome(score)} and without it "
                    f"{_outcome(expected[scored])}"
                )
                raise _broken(predictor, "fused scores equal those alone bit for bit", found)


def _scores(network: str, dtype: str, *predictors: Predictor) -> dict[str, Score]:
    try:
        return probe(examples.networks()[network](), *examples.batch(), predictors, dtype)
    except InvalidInput as error:
        raise _broken(
            predictors[0], "it can be used beside the paper's predictors", str(error).rstrip(".")
        ) from None


def _outcome(score: Score) -> str:
    return score.status if score.value is None else f"{score.value!r}"


def _state(network: nn.Module) -> dict[str, Any]:
    """What an examination must not change."""
    state: dict[str, Any] = {}
    for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
        state[name] = tensor.detach().clone()
        state[f"{name}.requires_grad"] = tensor.requires_grad
        state[f"{name}.grad"] = tensor.grad
    for name, module in network.named_modules():
        state[f"{name}.training"] = module.training
        state[f"{name}'s hooks"] = [
            len(value) for key, value in sorted(vars(module).items()) if "_hooks" in key and value
        ]
    state["the global random generator"] = torch.random.get_rng_state()
    return state


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        return torch.equal(left, right)
    return bool(left == right) if not isinstance(left, Tensor) and not isinstance(right, Tensor) else False


def _broken(predictor: Predictor, rule: str, found: str) -> ConformanceError:
    return ConformanceError(f"predictor {predictor.name!r}", rule, found)
