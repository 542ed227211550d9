"""Predictors of gradients of batches and of images against loops."""

from __future__ import annotations

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.scoring.predictor import PREDICTORS
from tests.scoring.cases import small_network
from tests.scoring.predictors.group import NETWORKS, batches_of, check_against, score


def gradients(value: Tensor, parameters: list[Tensor]) -> list[Tensor]:
    """d value / d parameter; zeros where it does not depend on it."""
    found = torch.autograd.grad(value, parameters, retain_graph=True, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]


def twin(network: nn.Module) -> tuple[nn.Module, list[nn.Module]]:
    """A float64 copy in training mode, and its convolutions and linear layers."""
    made = copy.deepcopy(network).double().train()
    return made, [one for one in made.modules() if isinstance(one, nn.Conv2d | nn.Linear)]


def zico(network: nn.Module, x: Tensor, y: Tensor, other_x: Tensor, other_y: Tensor, both: bool = False) -> float:
    """Sum over layers of ln sum over weights of mean |g| / std g; `both`: the second g is the sum of both."""
    made, layers = twin(network)
    weights = [layer.weight for layer in layers]
    first, second = (
        gradients(F.cross_entropy(made(x.double()), y), weights) for x, y in ((x, y), (other_x, other_y))
    )
    total = 0.0
    for a, b in zip(first, second, strict=True):
        pairs = [
            (p, p + q if both else q) for p, q in zip(a.flatten().tolist(), b.flatten().tolist(), strict=True)
        ]
        z = math.fsum((abs(p) + abs(q)) / abs(p - q) for p, q in pairs if p != q)
        total += math.log(z) if z else 0.0
    return total


def gradsign(network: nn.Module, x: Tensor, y: Tensor, *_: Tensor, together: bool = False) -> float:
    """Sum over weights of |sum over images of the gradient's sign|, the network called on one image at a time."""
    made, layers = twin(network)
    weights = [layer.weight for layer in layers]
    signs = [torch.zeros_like(weight) for weight in weights]
    for n in range(len(x)):
        logits = made(x.double())[n : n + 1] if together else made(x[n : n + 1].double())
        for sign, g in zip(signs, gradients(F.cross_entropy(logits, y[n : n + 1]), weights), strict=True):
            sign += g.sign()
    return sum(float(one.abs().sum()) for one in signs)


def gradsign_mean(network: nn.Module, *batches: Tensor) -> float:
    """That divided by the number of weights."""
    return gradsign(network, *batches) / sum(layer.weight.numel() for layer in twin(network)[1])


def rows(network: nn.Module, x: Tensor, y: Tensor | None, biases: bool) -> Tensor:
    """Gradients of each image's sum of logits by weights, or of its class's logit by all of layers."""
    made, layers = twin(network)
    chosen = [one for name, one in made.named_parameters() if "weight" in name]
    if biases:
        chosen = [one for layer in layers for one in layer.parameters()]
    logits = made(x.double())
    values = [one.sum() for one in logits] if y is None else [logits[n, y[n]] for n in range(len(y))]
    return torch.stack([torch.cat([g.flatten() for g in gradients(value, chosen)]) for value in values])


def ntk_condition(network: nn.Module, x: Tensor, *_: Tensor) -> float:
    """Minus the ratio of the squares of the largest and the smallest singular value of the gradients."""
    values = torch.linalg.svdvals(rows(network, x, None, biases=False))
    return -(float(values[0] / values[-1]) ** 2)


def ntk_trace(network: nn.Module, x: Tensor, y: Tensor, *_: Tensor) -> float:
    """Root of the mean of squared lengths."""
    return math.sqrt(float(rows(network, x, y, biases=True).square().sum()) / len(x))


ORACLES = ("zico", "gradsign", "gradsign_mean", "ntk_condition", "ntk_trace")


@pytest.mark.parametrize("case", NETWORKS)
@pytest.mark.parametrize("name", ORACLES)
def test_equal_to_the_oracle(name: str, case: str) -> None:
    check_against(globals()[name], name, case)


def test_zico_looks_at_the_second_batch_alone_and_leaves_out_equal_gradients() -> None:
    batches = batches_of(6)
    flat = [tensor for batch in batches for tensor in batch]
    found = float(score("zico", small_network(), batches))
    assert found == pytest.approx(zico(small_network(), *flat), rel=1e-9)
    assert abs(found - zico(small_network(), *flat, both=True)) > 1e-3
    same = score("zico", small_network(), [batches[0], batches[0]])
    assert (same.status, same.reason) == (
        "degenerate",
        "no weight has gradients that differ between the two batches",
    )
    assert float(score("zico", small_network(), batches)) >= sum(
        math.log(layer.weight.numel() / 2) for layer in twin(small_network())[1]
    )


def test_gradsign_is_of_each_image_alone() -> None:
    batches = batches_of(6)
    found = float(score("gradsign", small_network(), batches))
    assert found == gradsign(small_network(), *batches[0]) != gradsign(small_network(), *batches[0], together=True)
    of_one = score("gradsign", small_network(), [(x[:1], y[:1]) for x, y in batches])
    assert (of_one.status, of_one.reason) == (
        "saturated",
        "one image always agrees with itself; give two images or more",
    )
    tiny = nn.Sequential(nn.Conv2d(3, 4, 6), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4, 4))
    assert score("gradsign", tiny, batches).reason == (
        "a batch norm sees one number of each channel of one image; give larger images"
    )


def test_the_kernel_s_condition_needs_independent_gradients() -> None:
    (x, y), other = batches_of(6)
    twice = [(x[[0, 0, 1]], y[[0, 0, 1]]), other]
    assert score("ntk_condition", small_network(), twice).reason == (
        "the smallest eigenvalue is rounding noise: gradients of images are zero or dependent"
    )
    assert score("ntk_condition", small_network(), [(x[:1], y[:1])]).status == "saturated"
    in_float32 = score("ntk_condition", small_network(), [(x, y)], dtype="float32")
    assert float(in_float32) == pytest.approx(ntk_condition(small_network(), x), rel=1e-9)


def test_the_trace_is_of_each_image_s_own_gradient() -> None:
    (x, y), _ = batches_of(6)
    made, layers = twin(small_network())
    parts = torch.zeros(len(x), dtype=torch.float64)
    given, returned = dict[nn.Module, Tensor](), dict[nn.Module, Tensor]()

    def keep(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        given[layer], returned[layer] = inputs[0], output
        return output.clone()

    hooks = [layer.register_forward_hook(keep) for layer in layers]
    total = made(x.double())[torch.arange(len(x)), y].sum()
    for hook in hooks:
        hook.remove()
    for layer, gradient in zip(layers, torch.autograd.grad(total, [returned[one] for one in layers]), strict=True):
        for n in range(len(x)):
            of_image = layer(given[layer][n : n + 1].detach())
            pieces = torch.autograd.grad(of_image, list(layer.parameters()), gradient[n : n + 1])
            parts[n] += sum(piece.square().sum() for piece in pieces)
    in_one_pass = math.sqrt(float(parts.mean()))
    assert abs(in_one_pass / float(score("ntk_trace", small_network(), [(x, y)])) - 1) > 1e-5
    shares = F.one_hot(y, 4).float()
    assert score("ntk_trace", small_network(), [(x, shares)]).reason == (
        "it looks at the output of an image's class, and there is none"
    )


class Scaled(nn.Module):
    """Images times a number, without layers."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """Means of channels."""
        return x.mean(dim=(2, 3)) * self.factor


def test_networks_without_what_is_differentiated_by_have_no_score() -> None:
    (x, y), _ = batches_of(6)
    few = [(x, y % 3)]
    assert score("ntk_condition", Scaled(), few).reason == "no parameter of the network is called weight"
    assert score("ntk_trace", Scaled(), few).reason == "the network has no convolution and no linear layer"
    linear = nn.Sequential(nn.Flatten(), nn.Linear(108, 4, bias=False))
    assert score("ntk_trace", linear, [(torch.zeros_like(x), y)]).reason == (
        "no image's logit depends on any weight that is looked at"
    )


def test_conditions_say_what_the_network_sees() -> None:
    seen = {name: PREDICTORS.get(name).conditions.inputs for name in ORACLES}
    assert seen.pop("gradsign") == seen.pop("gradsign_mean") == "the batch, an image at a time"
    assert set(seen.values()) == {"the batch"}
