"""WRCor against hooks on modules."""

from __future__ import annotations

import numpy as np
import pytest
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.networks import build_plan
from tests.scoring.cases import seeded
from tests.scoring.kinds.seen import Block, twin
from tests.scoring.predictors.group import PLAN, batches_of, check_against, score


class Stages(nn.Module):
    """A stem with a ReLU, blocks with and without batch norm, a ReLU behind each, and one in front of the head."""

    def __init__(self, norm: bool = True, blocks: int = 3) -> None:
        super().__init__()
        self.stem, self.first = nn.Conv2d(3, 4, 3), nn.ReLU()
        self.stage = nn.ModuleList([Plain() for _ in range(blocks)])
        if not norm:
            for block in self.stage:
                block.norm = nn.Identity()
        self.between = nn.ModuleList([nn.ReLU(inplace=True) for _ in range(blocks)])
        self.last, self.head = nn.ReLU(), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        x = self.first(self.stem(x))
        for block, relu in zip(self.stage, self.between, strict=True):
            x = relu(x + block(x))
        logits: Tensor = self.head(self.last(x - 0.1).mean(dim=(2, 3)))
        return logits


class Plain(nn.Module):
    """A convolution between an activation, whose input the shortcut takes as well, and another."""

    def __init__(self) -> None:
        super().__init__()
        self.act, self.conv, self.norm, self.end = (
            nn.GELU(),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        found: Tensor = self.end(self.norm(self.conv(self.act(x))))
        return found


def wrcor(network: nn.Module, x: Tensor, y: Tensor, *_: Tensor) -> float:
    """ln |det| of absolute correlations of inputs of activations and of gradients, by numpy."""
    made = twin(network)
    blocks = set(made.stage) if hasattr(made, "stage") else {one for one in made if hasattr(one, "branch")}
    done, inside, seen = [0], [0], list[tuple[float, Tensor]]()
    relus = [one for one in made.modules() if isinstance(one, nn.ReLU | nn.GELU)]
    for relu in relus:
        if hasattr(relu, "inplace"):
            relu.inplace = False

    def look(module: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor]:
        own = given[0] * 1.0
        own.retain_grad()
        if done[0] or inside[0]:
            seen.append((2.0 ** done[0], own))
        return (own,)

    for relu in relus:
        relu.register_forward_pre_hook(look)
    for block in blocks:
        block.register_forward_pre_hook(lambda *_: inside.__setitem__(0, 1))
        block.register_forward_hook(
            lambda *_: (inside.__setitem__(0, 0), done.__setitem__(0, done[0] + 1))[:0] or None
        )
    for parameter in made.parameters():
        parameter.requires_grad_(True)
    F.cross_entropy(made(x.double()), y).backward()
    total = np.zeros((len(x), len(x)))
    for weight, own in seen:
        for rows in (own.detach(), own.grad):
            assert rows is not None
            with np.errstate(invalid="ignore", divide="ignore"):
                matrix = np.corrcoef(rows.flatten(1).numpy())
            if not np.isnan(matrix).any():
                total += weight * np.abs(matrix)
    return float(np.linalg.slogdet(total)[1])


ORACLES = ("wrcor",)


@pytest.mark.parametrize("norm", [True, False])
def test_equal_to_the_oracle(norm: bool) -> None:
    batches = batches_of(6)
    expected = wrcor(seeded(Stages, norm), *batches[0])
    assert float(score("wrcor", seeded(Stages, norm), batches)) == pytest.approx(expected, rel=1e-9)


def test_equal_to_the_oracle_on_an_anynet() -> None:
    check_against(wrcor, "wrcor", "anynet")
    assert sum(hasattr(one, "branch") for one in build_plan(PLAN, seed=7).children()) > 1


def test_a_block_more_counts_for_more_than_what_it_does() -> None:
    batches = batches_of(6)
    scores = [float(score("wrcor", seeded(Stages, True, blocks), batches)) for blocks in (2, 6)]
    assert scores[1] - scores[0] > 0.7 * 4 * 5 * np.log(2)


def test_what_has_no_correlations_is_degenerate() -> None:
    (x, y), _ = batches_of(6)
    assert score("wrcor", seeded(Stages), [(x[:1], y[:1])]).reason == "one image has no correlations with others"
    assert score("wrcor", seeded(Stages), [(x[[0, 0, 1]], y[[0, 0, 1]])]).reason == (
        "images have equal or dependent correlations, so the matrix is singular"
    )
    silent = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), Block(), Block(), nn.Flatten(), nn.Linear(64, 4))
    for parameter in silent.parameters():
        nn.init.zeros_(parameter)
    assert score("wrcor", silent, [(x, y)]).reason == (
        "no activation in or after the network's blocks responds with any variance"
    )
