"""Every registered predictor conforms, and for each rule one that breaks it is caught."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

import netlore as nl
from netlore.errors import Degenerate
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import PREDICTORS, Predictor
from netlore.scoring.probe import Probe, sum_over_layers
from netlore.testing import ConformanceError, check_predictor, examples
from tests.scoring.cases import same, surroundings


@pytest.mark.parametrize("name", PREDICTORS.names())
def test_every_registered_predictor_conforms(name: str) -> None:
    before = surroundings()
    check_predictor(PREDICTORS.get(name))
    assert same(list(before.values()), list(surroundings().values()))


@nl.predictor("ours", needs=Evidence.LOSS_GRADIENT, source="a test")
def ours(probe: Probe) -> Tensor:
    """S = sum of |dL/dW|."""
    return sum_over_layers(g.abs() for g in probe.loss_gradient.values())


def test_a_custom_predictor_conforms() -> None:
    check_predictor(ours)


@nl.predictor("undocumented", needs=Evidence.LOSS_GRADIENT, source="a test")
def undocumented(probe: Probe) -> Tensor:
    return ours.compute(probe)


@nl.predictor("unsourced", needs=Evidence.LOSS_GRADIENT, source=" ")
def unsourced(probe: Probe) -> Tensor:
    """S."""
    return ours.compute(probe)


@nl.predictor("snip", needs=Evidence.LOSS_GRADIENT, source="a test")
def namesake(probe: Probe) -> Tensor:
    """S."""
    return ours.compute(probe)


@nl.predictor("undeclared", needs=Evidence.LOSS_GRADIENT, source="a test")
def undeclared(probe: Probe) -> Tensor:
    """S."""
    return ours.compute(probe) + probe.log_synaptic_flow


@nl.predictor("greedy", needs=Evidence.LOSS_GRADIENT | Evidence.CURVATURE, source="a test")
def greedy(probe: Probe) -> Tensor:
    """S."""
    return ours.compute(probe)


@nl.predictor("failing", needs=Evidence.LOSS_GRADIENT, source="a test")
def failing(probe: Probe) -> Tensor:
    """S."""
    raise IndexError(f"no layer {len(probe.loss_gradient)}")


@nl.predictor("never", needs=Evidence.LOSS_GRADIENT, source="a test")
def never(probe: Probe) -> Tensor:
    """S."""
    raise Degenerate(f"nothing is ever good enough, not even {len(probe.loss_gradient)} layers")


_calls = itertools.count()


@nl.predictor("unsteady", needs=Evidence.LOSS_GRADIENT, source="a test")
def unsteady(probe: Probe) -> Tensor:
    """S."""
    return ours.compute(probe) + next(_calls)


@nl.predictor("spoiling", needs=Evidence.LOSS_GRADIENT, source="a test")
def spoiling(probe: Probe) -> Tensor:
    """S; works in place on evidence that others read as well."""
    return sum_over_layers(g.abs_() * 2 for g in probe.loss_gradient.values())


@nl.predictor("doubling", needs=Evidence.LOSS_GRADIENT, source="a test")
def doubling(probe: Probe) -> Tensor:
    """S; doubles the evidence, so that it depends on who else read it."""
    return sum_over_layers(g.mul_(2) for g in probe.loss_gradient.values())


@nl.predictor("writing", needs=Evidence.LOSS_GRADIENT, source="a test")
def writing(probe: Probe) -> Tensor:
    """S; changes the network's weights."""
    for layer in probe.loss_gradient:
        layer.weight.mul_(-1)
    return ours.compute(probe)


@nl.predictor("drawing", needs=Evidence.LOSS_GRADIENT, source="a test")
def drawing(probe: Probe) -> Tensor:
    """S; draws from the global generator."""
    return ours.compute(probe) + 0 * torch.rand(())


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (undocumented, "predictor 'undocumented': its function has a docstring with the formula; it has none"),
        (unsourced, "`source` says where the definition comes from; it is empty"),
        (namesake, "its name is its own; another predictor is registered"),
        (undeclared, "it declares in `needs` what it reads; SYNAPTIC_FLOW was read but not declared"),
        (greedy, "it declares in `needs` nothing that it does not read; it never reads CURVATURE"),
        (failing, "a finite number or says why there is none; on .* it had error: no layer"),
        (never, "it gives a number on an ordinary network; it had degenerate"),
        (unsteady, "it repeats itself bit for bit; on .* in float32 it gave .*, then"),
        (spoiling, "fused scores equal those alone bit for bit; on .*, in company, "),
        (doubling, "fused scores equal those alone bit for bit; on .*, in company, "),
        (writing, "the network stays bit for bit as it was; .* changed in .*weight"),
        (drawing, "the network stays bit for bit as it was; .* changed in the global random generator"),
    ],
    ids=lambda value: value.name if isinstance(value, Predictor) else "",
)
def test_a_broken_predictor_is_caught(broken: Predictor, message: str) -> None:
    with pytest.raises(ConformanceError, match=message):
        check_predictor(broken)


def test_example_networks_repeat_themselves() -> None:
    images, _ = examples.batch()
    for build in examples.networks().values():
        first, second = build(), build()
        assert same(dict(first.state_dict()), dict(second.state_dict()))
        assert first.eval()(images).shape == (5, examples.CLASSES)
