"""VKDNW against a loop over images and classes, with a factor found row by row."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from netlore.scoring.kinds.scalars import first_entries
from netlore.scoring.kinds.view import View
from netlore.scoring.own_pass import OwnPass
from tests.scoring.cases import images_and_labels, seeded, small_network
from tests.scoring.kinds.seen import close, found_by, twin
from tests.scoring.predictors.group import NETWORKS, batches_of, check_against, score

VIEW = View("normal", "kaiming_fan_in", mode="evaluation")


def jacobian(network: nn.Module, x: Tensor, count: int) -> Tensor:
    """d(logit c of image n) / d(first entry of parameter s), (N, classes, entries), the network in its mode."""
    parameters = [one.requires_grad_(True) for one in network.parameters()][:count]
    found = []
    for n in range(len(x)):
        logits = network(x)[n]
        for logit in logits:
            of_each = torch.autograd.grad(logit, parameters, retain_graph=True, allow_unused=True)
            found.append([0.0 if g is None else float(g.flatten()[0]) for g in of_each])
    return torch.tensor(found, dtype=torch.float64).view(len(x), -1, len(parameters))


def factor(p: list[float]) -> Tensor:
    """Cholesky's lower factor of diag(p) - p p^T, by its recursion; the last column is zero."""
    count = len(p)
    lower = torch.zeros(count, count, dtype=torch.float64)
    for j in range(count - 1):
        lower[j, j] = math.sqrt(p[j] - p[j] ** 2 - sum(float(one) ** 2 for one in lower[j, :j]))
        for i in range(j + 1, count):
            lower[i, j] = (-p[i] * p[j] - float(lower[i, :j] @ lower[j, :j])) / lower[j, j]
    return lower


def value(network: nn.Module, x: Tensor, printed: bool) -> float:
    """The number of parameter tensors and the entropy of deciles."""
    own = OwnPass(((x.double(), torch.zeros(len(x), dtype=torch.long)),), lambda: twin(network))
    (draw,) = VIEW.drawn(own)
    logits = draw.network(draw.inputs).detach()
    rows = jacobian(draw.network, draw.inputs, 128)
    fisher = torch.zeros(rows.shape[2], rows.shape[2], dtype=torch.float64)
    for n in range(len(x)):
        p = [0.95 * float(one) + 0.05 / logits.shape[1] for one in logits[n].softmax(dim=0)]
        lower = factor(p)
        product = (lower.T if printed else lower) @ rows[n]
        fisher += product.T @ product / len(x)
    values = sorted(torch.linalg.svdvals(fisher).tolist())
    deciles = []
    for tenth in range(1, 10):
        place = tenth / 10 * (len(values) - 1)
        low = values[math.floor(place)]
        deciles.append(low + (place - math.floor(place)) * (values[math.ceil(place)] - low))
    shares = [one / (sum(deciles) + 1e-10) for one in deciles]
    return len(list(draw.network.parameters())) - sum(one * math.log(one + 1e-10) for one in shares)


def vkdnw(network: nn.Module, x: Tensor, *_: Tensor) -> float:
    """With L J."""
    return value(network, x, printed=False)


def vkdnw_fisher(network: nn.Module, x: Tensor, *_: Tensor) -> float:
    """With L^T J."""
    return value(network, x, printed=True)


ORACLES = ("vkdnw", "vkdnw_fisher")


@pytest.mark.parametrize("case", NETWORKS)
@pytest.mark.parametrize("name", ORACLES)
def test_equal_to_the_oracle(name: str, case: str) -> None:
    check_against(globals()[name], name, case, n=16)


def test_coded_and_printed_differ() -> None:
    coded, printed = (float(score(name, small_network(), batches_of(6, 16))) for name in ORACLES)
    assert abs(coded - printed) > 1e-3 and int(coded) == int(printed)


class Others(nn.Module):
    """Layers of other kinds, a weight that no layer's call multiplies with, paddings, one layer called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor([1.5]))
        self.stem = nn.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(2, 0), dilation=(1, 2), groups=1)
        self.reflected = nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect")
        self.norm = nn.GroupNorm(2, 4)
        self.grouped, self.turned = nn.Conv2d(4, 4, 3, padding=1, groups=2), nn.ConvTranspose2d(4, 4, 2)
        self.batch_norm = nn.BatchNorm2d(4)
        self.tokens = nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0)
        self.unused, self.head = nn.Linear(2, 2), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        x = self.grouped(self.grouped(self.norm(self.reflected(self.stem(x)))).relu_() * self.scale)
        x = self.batch_norm(self.turned(x)).flatten(2).permute(2, 0, 1)
        logits: Tensor = self.head(self.tokens(x).mean(dim=0))
        return logits


def coupled() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False), nn.Flatten(), nn.Linear(64, 4)
    )


def dead() -> nn.Module:
    network = small_network()
    nn.init.zeros_(network.get_submodule("7").weight)
    return network


class Viewed(nn.Module):
    """Asks for the usual layout."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(64, 4)

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        logits: Tensor = self.head(self.conv(x).view(len(x), -1))
        return logits


@pytest.mark.parametrize("build", [lambda: seeded(Others), small_network, lambda: seeded(Viewed)])
def test_derivatives_are_those_of_each_image(build: Callable[[], nn.Module]) -> None:
    images, labels = images_and_labels(n=3, resolution=6)
    (found,) = found_by(first_entries(64, View(mode="evaluation")), build(), (images, labels))
    network = twin(build()).eval()
    close(found.jacobian, jacobian(network, images.double(), 64))
    assert found.tensors == len(list(network.parameters()))
    (single,) = found_by(
        first_entries(64, View(mode="evaluation")), build(), (images, labels), dtype=torch.float32
    )
    torch.testing.assert_close(single.jacobian, found.jacobian, rtol=1e-3, atol=1e-5)
    (few,) = found_by(first_entries(3, View(mode="evaluation")), build(), (images, labels))
    close(few.jacobian, found.jacobian[:, :, :3])


def test_networks_without_such_derivatives_have_no_score() -> None:
    batches = batches_of(6, 16)
    assert score("vkdnw", seeded(coupled), batches).reason == (
        "an image's logits depend on other images, so it has no derivatives of its own"
    )
    maps = seeded(lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3)))
    dense = [(x, y[:, None, None].expand(-1, 2, 2)) for x, y in batches]
    assert score("vkdnw", maps, dense).reason == (
        "it looks at a logit for each class, and outputs have the shape (16, 4, 2, 2)"
    )
    padded = seeded(lambda: nn.Sequential(nn.ZeroPad2d((1, 0, 1, 0)), nn.Flatten(), nn.Linear(147, 4, bias=False)))
    assert score("vkdnw", padded, batches).reason == (
        "nine tenths of the Fisher matrix's eigenvalues are zero or rounding noise"
    )
