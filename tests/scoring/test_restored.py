"""The very same network comes back from an examination, whatever its passes do to it."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import netlore as nl
from netlore.errors import InvalidInput
from tests.scoring.cases import CLASSES, NAMES, images_and_labels, nothing_changes, seeded, small_network


class Aliased(nn.Module):
    """A layer that two names lead to, a weight and a buffer that two layers share, parts in a list besides."""

    def __init__(self, raises: BaseException | None = None) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 6, 1))
        self.stem = self.backbone[0]
        self.norm = nn.BatchNorm2d(6)
        self.norm.running_mean = self.backbone[1].running_mean
        self.parts = [self.stem, self.norm]
        self.last = nn.Conv2d(6, 6, 1)
        self.last.weight = self.backbone[3].weight
        self.head = nn.Linear(6, 4)
        self.raises = raises

    def forward(self, x: Tensor) -> Tensor:
        """Through every layer."""
        x = self.parts[1](self.last(self.backbone(x)))
        if self.raises is not None:
            raise self.raises
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


@pytest.mark.parametrize("predictors", [("snip",), ("logdet",), ("synflow",), ("grad_norm", "synflow"), NAMES])
def test_a_layer_with_two_names_comes_back(predictors: tuple[str, ...]) -> None:
    network = seeded(Aliased)
    own = dict(network.named_parameters(remove_duplicate=False))
    with nothing_changes(network):
        nl.probe(network, *images_and_labels(resolution=6), predictors)
    found = dict(network.named_parameters(remove_duplicate=False))
    assert {name: id(parameter) for name, parameter in found.items()} == {name: id(p) for name, p in own.items()}
    assert all(isinstance(parameter, nn.Parameter) for parameter in found.values())
    assert network.stem is network.backbone[0]


@pytest.mark.parametrize("predictors", ["snip", "synflow"])
@pytest.mark.parametrize("error", [RuntimeError("inside"), KeyboardInterrupt()], ids=["error", "interruption"])
def test_so_it_does_after_an_error_and_an_interruption(error: BaseException, predictors: str) -> None:
    network = seeded(Aliased, error)
    with nothing_changes(network):
        if isinstance(error, KeyboardInterrupt):
            with pytest.raises(KeyboardInterrupt):
                nl.probe(network, *images_and_labels(resolution=6), predictors)
        else:
            assert nl.probe(network, *images_and_labels(resolution=6), predictors)[predictors].status == "error"


class Busy(nn.Module):
    """Counts, remembers, grows and overwrites in its forward pass and in `train`."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head = nn.Linear(108, 8), nn.Linear(8, 4)
        self.calls, self.seen, self.table = 0, [], {"calls": 0}
        self.plain = torch.ones(8)
        self.register_buffer("total", torch.zeros(8))

    def train(self, mode: bool = True) -> nn.Module:
        """Folds a constant into the weight."""
        with torch.no_grad():
            self.layer.weight.mul_(2.0)
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        """All of it."""
        self.calls += 1
        self.seen.append(self.calls)
        self.table["calls"] = self.table[f"call {self.calls}"] = self.calls
        self.latest = x = F.relu(self.layer(x.flatten(1)))
        self.plain += 1.0
        self.total.add_(x.detach().sum(dim=0))
        self.head.requires_grad_(False)
        self.add_module("grown", nn.Linear(2, 2))
        logits: Tensor = self.head(x)
        return logits


@pytest.mark.parametrize("predictors", ["snip", "synflow", NAMES])
def test_what_a_forward_pass_writes_down_is_undone(predictors: str | tuple[str, ...]) -> None:
    network = seeded(Busy)
    with nothing_changes(network):
        nl.probe(network, *images_and_labels(resolution=6), predictors)
    assert (network.calls, network.seen, network.table) == (0, [], {"calls": 0})
    assert torch.equal(network.plain, torch.ones(8))
    assert not hasattr(network, "latest") and not hasattr(network, "grown")


class Checkpointed(nn.Module):
    """Runs its body forward again in backward passes."""

    def __init__(self, again: bool) -> None:
        super().__init__()
        self.body = small_network()[:5]
        self.head = small_network()[5:]
        self.again = again

    def forward(self, x: Tensor) -> Tensor:
        """The body, the head."""
        found = checkpoint(self.body, x, use_reentrant=False) if self.again else self.body(x)
        logits: Tensor = self.head(found)
        return logits


@pytest.mark.parametrize("training", [True, False])
def test_a_network_that_runs_forward_again_in_backward_passes_is_the_same(training: bool) -> None:
    images, labels = images_and_labels(resolution=6)
    network, plain = seeded(Checkpointed, True).train(training), seeded(Checkpointed, False).train(training)
    with nothing_changes(network):
        found = nl.probe(network, images, labels, NAMES)
    expected = nl.probe(plain, images, labels, NAMES)
    assert {name: score.value for name, score in found.items()} == {n: s.value for n, s in expected.items()}


def test_a_weight_that_is_computed_is_refused_where_weights_count_and_not_recomputed() -> None:
    network = nn.Sequential(nn.Flatten(), nn.utils.parametrizations.spectral_norm(seeded(nn.Linear, 108, 4)))
    with nothing_changes(network):
        found = nl.probe(network, *images_and_labels(resolution=6), ("snip", "synflow", "jacov", "grad_norm_l2"))
    assert {name: score.status for name, score in found.items()} == {
        "snip": "degenerate",
        "synflow": "degenerate",
        "jacov": "ok",
        "grad_norm_l2": "ok",
    }
    assert "remove its parametrization" in found["snip"].reason


class LowRank(nn.Linear):
    """Has a low-rank part, which is folded into its weight for evaluation."""

    def __init__(self) -> None:
        super().__init__(8, CLASSES)
        self.down, self.up = nn.Parameter(torch.randn(2, 8)), nn.Parameter(torch.randn(CLASSES, 2))
        self.merged = False

    def train(self, mode: bool = True) -> LowRank:
        """Fold it in, or take it out."""
        super().train(mode)
        if mode == self.merged:
            self.weight.data += (-1 if mode else 1) * (self.up @ self.down)
            self.merged = not mode
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Both parts."""
        logits: Tensor = super().forward(x)
        return logits if self.merged else logits + x @ self.down.T @ self.up.T


@pytest.mark.parametrize("training", [True, False])
def test_a_network_that_changes_its_weights_with_its_mode_is_scored_as_in_training(training: bool) -> None:
    images, labels = images_and_labels(resolution=6)
    network = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(108, 8), nn.ReLU(), LowRank()))
    plain = nl.probe(network, images, labels, NAMES, dtype="float64")
    network.double().train(training)
    with nothing_changes(network):
        found = nl.probe(network, images, labels, NAMES)
    for name in NAMES:
        # Folding it in and taking it out again rounds.
        assert float(found[name]) == pytest.approx(float(plain[name]), rel=1e-6), name


class Recurrent(nn.Module):
    """A recurrent layer keeps its weights in a list besides."""

    def __init__(self) -> None:
        super().__init__()
        self.memory, self.head = nn.GRU(18, 8, batch_first=True), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        """Over six rows of pixels."""
        return self.head(self.memory(x.transpose(1, 2).flatten(2))[0][:, -1])  # type: ignore[no-any-return]


def test_the_weights_of_recurrent_layers_are_evaluated_in_the_precision_asked_for() -> None:
    network, (images, labels) = seeded(Recurrent), images_and_labels(resolution=6)
    with nothing_changes(network):
        found = nl.probe(network, images, labels, "grad_norm_l2", dtype="float64")["grad_norm_l2"]
    twin = seeded(Recurrent).double()
    F.cross_entropy(twin(images.double()), labels).backward()
    expected = sum(float(parameter.grad.square().sum()) for parameter in twin.parameters()) ** 0.5
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_a_compiled_network_is_refused() -> None:
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        scripted = torch.jit.script(small_network())
    with pytest.raises(InvalidInput, match="give the module that it was made from"):
        nl.probe(scripted, *images_and_labels(resolution=6), "logdet")


@pytest.mark.parametrize(
    ("own", "asked"),
    [
        (torch.float64, "float64"),
        (torch.float32, "float32"),
        (torch.bfloat16, "float32"),
        (torch.float16, "float32"),
    ],
)
def test_a_network_is_computed_in_its_own_precision(own: torch.dtype, asked: str) -> None:
    images, labels = images_and_labels(resolution=6)
    network = small_network().to(own)
    found = nl.probe(network, images, labels, NAMES)
    expected = nl.probe(network, images, labels, NAMES, dtype=asked)
    assert [score.value for score in found.values()] == [score.value for score in expected.values()]
    other = "float32" if asked == "float64" else "float64"
    assert nl.probe(network, images, labels, "snip", dtype=other)["snip"].value != found["snip"].value


@pytest.mark.parametrize("kind", [small_network, lambda: seeded(Busy)], ids=["plain", "busy"])
def test_threads_wait_for_each_other(kind: Callable[[], nn.Module]) -> None:
    network, (images, labels) = kind(), images_and_labels(resolution=6)
    names = ("snip", "synflow", "grasp")
    expected = {name: nl.probe(network, images, labels, name)[name].value for name in names}
    found: list[tuple[str, float | None]] = []

    def examine(name: str) -> None:
        found.extend((name, nl.probe(network, images, labels, name)[name].value) for _ in range(8))

    with nothing_changes(network):
        threads = [threading.Thread(target=examine, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 24
    assert all(value == expected[name] for name, value in found)
