"""Every registered predictor conforms, and for each rule one that breaks it is caught."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.errors import Degenerate
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import PREDICTORS, Predictor, resolve
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


def test_a_predictor_with_arguments_conforms() -> None:
    check_predictor(resolve("reg_swap(mu=0.5, sigma=2)")[0])


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
    """Works in place on evidence that others read as well."""
    return sum_over_layers(g.abs_().sqrt_() for g in probe.loss_gradient.values())


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


@nl.predictor("particular", needs=Evidence.LOSS_GRADIENT, source="a test")
def particular(probe: Probe) -> Tensor:
    """S; asks for the type of layers, which plans do not have."""
    return sum_over_layers(g.abs() for layer, g in probe.loss_gradient.items() if isinstance(layer, nn.Module))


@nl.predictor("first_image", needs=Evidence.INPUT_JACOBIAN, source="a test")
def first_image(probe: Probe) -> Tensor:
    """S = sum of the first image's |gradient|."""
    return probe.input_jacobian[0].abs().sum()


@nl.predictor("coarse", needs=Evidence.LOSS_GRADIENT, source="a test", transform="identity")
def coarse(probe: Probe) -> Tensor:
    """S; another formula in float32."""
    single = next(iter(probe.loss_gradient.values())).dtype == torch.float32
    return ours.compute(probe) * (1.5 if single else 1.0)


@nl.predictor("constant", needs=Evidence.LOSS_GRADIENT, source="a test", transform="identity")
def constant(probe: Probe) -> Tensor:
    """S = 1."""
    return torch.ones(()) + 0 * len(probe.loss_gradient)


@nl.predictor("half_dead", needs=Evidence.LOSS_GRADIENT, source="a test")
def half_dead(probe: Probe) -> Tensor:
    """S; half of it looks for what no layer has, and what follows a refusal need not run."""
    found = ours.compute(probe)
    if not found:
        reason = "nothing"
        raise Degenerate(reason)
    for layer in probe.loss_gradient:
        if hasattr(layer, "no_such_thing"):
            found = found + 1
    return found


@nl.predictor("backwards", needs=Evidence.LOSS_GRADIENT, source="a test", transform="identity")
def backwards(probe: Probe) -> Tensor:
    """S = minus the number of weights."""
    return -torch.tensor(float(sum(layer.weight.numel() for layer in probe.loss_gradient)))


@nl.predictor("joining", needs=Evidence.LOSS_GRADIENT | Evidence.IMAGE_GRADIENT_SQUARES, source="a test")
def joining(probe: Probe) -> Tensor:
    """S; joins two kinds of evidence by layer, and looks at layers' shapes."""
    squares = probe.image_gradient_squares
    return sum_over_layers(
        g.square().sum() / squares[layer].sum().clamp(min=1e-12) * _fan_in(layer)
        for layer, g in probe.loss_gradient.items()
    )


def _fan_in(layer: Any) -> int:
    if layer.weight.ndim == 2:
        return int(layer.in_features)
    assert len(layer.stride) == len(layer.kernel_size) == len(layer.padding) == layer.weight.ndim - 2
    return int(layer.in_channels // layer.groups * math.prod(layer.kernel_size))


@nl.evidence("trained", batches=2)
def trained(own: nl.OwnPass) -> Tensor:
    """The loss of the second batch after a step on the first."""
    network = own.fresh_network()
    loss = F.cross_entropy(network(own.images.mul_(2)), own.labels)
    loss.backward()
    torch.optim.SGD(network.parameters(), lr=0.1).step()
    return F.cross_entropy(network(own.batches[1][0]), own.batches[1][1]).detach()


@nl.predictor("stepping", needs=trained, source="a test", transform="identity", direction="no direction is known")
def stepping(probe: Probe) -> Tensor:
    """S = minus that loss."""
    return -probe[trained]


@pytest.mark.parametrize("predictor", [joining, stepping], ids=lambda predictor: predictor.name)
def test_predictors_with_joined_and_with_own_evidence_conform(predictor: Predictor) -> None:
    check_predictor(predictor)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (undocumented, "predictor 'undocumented': its function has a docstring with the formula; it has none"),
        (unsourced, "`source` says where the definition comes from; it is empty"),
        (namesake, "its name is its own; another predictor is registered"),
        (undeclared, "it declares in `needs` what it reads; SYNAPTIC_FLOW was read but not declared"),
        (greedy, "it declares in `needs` nothing that it does not read; it never reads CURVATURE"),
        (failing, "a finite number or says why there is none; on .* it had error: IndexError: no layer"),
        (never, "it is defined for an ordinary network; it had degenerate"),
        (
            particular,
            "`score` gives the number of `probe`, up to rounding; it gave .* by `probe` and degenerate by",
        ),
        (unsteady, "it repeats itself bit for bit; on .* in float32 it gave .*, then"),
        (spoiling, "fused scores equal those alone bit for bit; on .*, in company, "),
        (doubling, "fused scores equal those alone bit for bit; on .*, in company, "),
        (writing, "the network stays bit for bit as it was; .* changed in .*weight"),
        (first_image, "the order of images does not matter; on residual_network it had"),
        (coarse, "precisions agree; on residual_network it had"),
        (constant, "networks have different scores; it gave 1.0 for each of 3"),
        (half_dead, "every line of its function runs on some network; line .* never does"),
        (
            backwards,
            "of two trained networks it prefers the better one, or its `direction` is 'no direction is known'",
        ),
        (drawing, "the network stays bit for bit as it was; .* changed in the global random generator"),
    ],
    ids=lambda value: value.name if isinstance(value, Predictor) else "",
)
def test_a_broken_predictor_is_caught(broken: Predictor, message: str) -> None:
    with pytest.raises(ConformanceError, match=message):
        check_predictor(broken)


def test_example_networks_repeat_themselves() -> None:
    [(images, _)] = examples.batches(1)
    for build in examples.networks().values():
        first, second = build(), build()
        assert same(dict(first.state_dict()), dict(second.state_dict()))
        assert first.eval()(images).shape == (16, examples.CLASSES)
