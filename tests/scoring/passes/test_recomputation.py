"""Blocks that run again in backward passes: the same scores, codes counted once, and what cannot run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.passes import recomputation
from netlore.scoring.passes.recomputation import Recomputation
from tests.scoring.cases import nothing_changes, seeded

LIMIT = recomputation.KEPT
SEVEN = ("grad_norm", "snip", "grasp", "fisher", "jacov", "logdet", "synflow")


class Block(nn.Module):
    """A residual block with ReLU in place and, if wanted, dropout."""

    def __init__(self, drop: float = 0.0) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.Conv2d(6, 6, 3, padding=1)
        self.norm, self.relu, self.drop = nn.BatchNorm2d(6), nn.ReLU(inplace=True), nn.Dropout(drop)

    def forward(self, x: Tensor) -> Tensor:
        """Two convolutions and a shortcut."""
        inside = self.drop(self.relu(self.norm(self.first(x))))
        return self.relu(self.second(inside) + x)


def _stacked(*blocks: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.Sequential(*blocks), nn.Flatten(), nn.Linear(6 * 16, 4))


def residual() -> nn.Module:
    """Four blocks."""
    return _stacked(*(Block() for _ in range(4)))


def dropout() -> nn.Module:
    """The same with dropout."""
    return _stacked(*(Block(0.3) for _ in range(4)))


def in_place() -> nn.Module:
    """Convolutions whose outputs are overwritten."""
    return _stacked(*(nn.Sequential(nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(inplace=True)) for _ in range(3)))


class Attention(nn.Module):
    """A block of attention over positions, given a list."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.attend = nn.LayerNorm(6), nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, signals: list[Tensor]) -> list[Tensor]:
        """One more signal."""
        x = self.norm(sum(signals))
        return [*signals, self.attend(x, x, x)[0]]


class Attentive(nn.Module):
    """Blocks of attention that see what all before them returned."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.blocks = nn.Conv2d(3, 6, 3), nn.ModuleList([Attention() for _ in range(3)])
        self.head = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        """The last signal decides."""
        signals = [self.stem(x).flatten(2).transpose(1, 2)]
        for block in self.blocks:
            signals = block(signals)
        logits: Tensor = self.head(signals[-1].relu().mean(dim=1))
        return logits


@pytest.fixture(params=[residual, dropout, in_place, Attentive], ids=lambda one: one.__name__)
def network(request: pytest.FixtureRequest) -> nn.Module:
    """A network in float64."""
    made: nn.Module = seeded(request.param).double()
    return made


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    """Five images of 6x6 pixels and their classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torch.randn(5, 3, 6, 6, dtype=torch.float64), torch.tensor([0, 1, 2, 3, 1])


@pytest.fixture
def forgot(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """No limit to what is forgotten; for each forward pass with tangents that succeeded, whether something was."""
    found: list[bool] = []
    check = Recomputation.check

    def noted(self: Recomputation) -> None:
        check(self)
        found.append(self.used)

    monkeypatch.setattr(recomputation, "KEPT", 0)
    monkeypatch.setattr(Recomputation, "check", noted)
    yield found


def _kept(network: nn.Module, batch: tuple[Tensor, Tensor]) -> dict[str, float | None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recomputation, "KEPT", 10**12)
        return {name: score.value for name, score in nl.probe(network, *batch, SEVEN).items()}


def test_scores_are_the_same_bit_for_bit(
    network: nn.Module, batch: tuple[Tensor, Tensor], forgot: list[bool]
) -> None:
    with nothing_changes(network):
        found = nl.probe(network, *batch, SEVEN)
    assert forgot == [True]
    assert {name: score.value for name, score in found.items()} == _kept(network, batch)
    assert {score.status for score in found.values()} == {"ok"}


def test_alone_is_the_same_as_in_company(
    network: nn.Module, batch: tuple[Tensor, Tensor], forgot: list[bool]
) -> None:
    found = nl.probe(network, *batch, "grasp")["grasp"]
    assert forgot == [True]
    assert found.value == _kept(network, batch)["grasp"]


def test_codes_are_counted_once(batch: tuple[Tensor, Tensor], forgot: list[bool]) -> None:
    counts: list[int] = []

    @nl.predictor("counted", needs=nl.Evidence.ACTIVATION_KERNEL | nl.Evidence.CURVATURE, source="none")
    def counted(probe: nl.Probe) -> Tensor:
        """How many ReLUs there are."""
        _ = probe.curvature
        counts.append(probe.relu_count)
        return torch.tensor(1.0)

    nl.probe(seeded(residual).double(), *batch, [counted])
    assert (counts, forgot) == ([4 * 2 * 6 * 16], [True])


class Remembers(Block):
    """Leaves what it computes where another block finds it."""

    seen: list[Tensor]

    def forward(self, x: Tensor) -> Tensor:
        """The same."""
        inside = self.first(x)
        type(self).seen.append(inside)
        return self.second(inside.relu())


class Finds(Block):
    """Takes what the block before it left."""

    def forward(self, x: Tensor) -> Tensor:
        """The same."""
        return self.second(self.first(x) * Remembers.seen.pop())


class Overwrites(Block):
    """Overwrites what it is given."""

    def forward(self, x: Tensor) -> Tensor:
        """The same."""
        return self.second(self.relu(x))


class Changes(Block):
    """Does something else at each call."""

    calls = 0.0

    def forward(self, x: Tensor) -> Tensor:
        """The same."""
        self.calls += 1.0
        return super().forward(x * self.calls)


class Borrows(Block):
    """Uses a weight of its neighbour's."""

    def __init__(self) -> None:
        super().__init__()
        self.neighbour: list[nn.Module] = []

    def forward(self, x: Tensor) -> Tensor:
        """The same."""
        return super().forward(x) + self.neighbour[0](x)


def _borrowing() -> nn.Module:
    blocks = [Borrows(), Block()]
    blocks[0].neighbour = [blocks[1].first]  # type: ignore[assignment]
    return _stacked(*blocks)


def _remembering() -> nn.Module:
    Remembers.seen = []
    return _stacked(Remembers(), Finds(), Block())


@pytest.mark.parametrize(
    "make",
    [
        _remembering,
        _borrowing,
        lambda: _stacked(Overwrites(), Block()),
        lambda: _stacked(Changes(), Block()),
    ],
    ids=["remembers", "borrows", "overwrites", "changes"],
)
def test_what_cannot_run_again_keeps_everything(
    batch: tuple[Tensor, Tensor], forgot: list[bool], make: Callable[[], nn.Module]
) -> None:
    network = seeded(make).double()
    found = nl.probe(network, *batch, SEVEN)
    assert forgot == []
    assert {name: score.value for name, score in found.items()} == _kept(network, batch)


def test_small_networks_keep_everything(
    network: nn.Module, batch: tuple[Tensor, Tensor], forgot: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputation, "KEPT", LIMIT)
    nl.probe(network, *batch, SEVEN)
    assert forgot == [False]
