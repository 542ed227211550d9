"""Evidence with a pass of its own: shared, undone, refused where it cannot be given."""

from __future__ import annotations

import random

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import netlore as nl
from netlore.errors import InvalidInput, UndeclaredEvidence
from netlore.scoring.draws import network_seed
from netlore.scoring.engine import AutogradEngine
from netlore.scoring.probe import Probe
from tests.scoring.cases import NAMES, images_and_labels, nothing_changes, small_network
from tests.scoring.small import TINY

RUNS: list[str] = []


@nl.evidence("noisy_steps", batches=2)
def noisy_steps(own: nl.OwnPass) -> Tensor:
    """Losses of two batches in a network that is trained and disturbed meanwhile, and a random number."""
    RUNS.append("noisy_steps")
    network = own.fresh_network()
    assert network.training and all(parameter.grad is None for parameter in network.parameters())
    losses = []
    for images, labels in own.batches:
        loss = F.cross_entropy(network(images), labels)
        loss.backward()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter -= 0.1 * parameter.grad if parameter.grad is not None else 0.0
        images.zero_()
        labels.zero_()
        losses.append(loss.detach())
    return torch.stack([*losses, torch.rand(()), torch.tensor(random.random())]).double()


@nl.predictor("first_loss", needs=noisy_steps, source="a test", transform="identity")
def first_loss(probe: Probe) -> Tensor:
    """S = minus the first loss, and noise."""
    return -probe[noisy_steps][0] + probe[noisy_steps][2]


@nl.predictor("both_losses", needs=noisy_steps | nl.Evidence.LOSS_GRADIENT, source="a test", transform="identity")
def both_losses(probe: Probe) -> Tensor:
    """S = minus both, and the number of layers, and noise."""
    return -probe[noisy_steps].sum() + len(probe.loss_gradient)


OURS = (first_loss, both_losses)


def batches(count: int = 2) -> list[tuple[Tensor, Tensor]]:
    return [images_and_labels(resolution=6, seed=seed) for seed in range(1, count + 1)]


def scores(*predictors: object) -> dict[str, float | None]:
    first, *further = batches()
    return {n: s.value for n, s in nl.probe(small_network(), *first, predictors, batches=further).items()}  # type: ignore[arg-type]


def test_it_runs_once_for_all_that_need_it_and_is_the_same_in_any_company() -> None:
    RUNS.clear()
    fused = scores(*OURS, *NAMES)
    assert RUNS == ["noisy_steps"] and None not in fused.values()
    assert scores(*NAMES, *reversed(OURS)) == fused
    assert {**scores(first_loss), **scores(both_losses), **scores(*NAMES)} == fused


def test_nothing_is_left_of_it() -> None:
    network, (first, second) = small_network(), batches()
    network[0].weight.grad = torch.ones_like(network[0].weight)
    before = [tensor.clone() for tensor in (*first, *second)]
    with nothing_changes(network):
        nl.probe(network, *first, OURS, batches=[second])
    assert all(torch.equal(old, new) for old, new in zip(before, (*first, *second), strict=True))


def test_its_batches_and_network_have_the_precision_of_the_passes() -> None:
    seen: list[torch.dtype] = []

    @nl.evidence("dtypes")
    def dtypes(own: nl.OwnPass) -> float:
        """Types."""
        seen.extend([own.images.dtype, *(p.dtype for p in own.fresh_network().parameters()), own.labels.dtype])
        return 1.0

    counted = nl.predictor("counted", needs=dtypes, source="a test")(lambda probe: torch.tensor(probe[dtypes]))
    nl.probe(small_network(), *batches(1)[0], counted, dtype="float64")
    assert set(seen[:-1]) == {torch.float64} and seen[-1] == torch.int64


def test_its_error_is_the_status_of_all_that_need_it_and_it_is_not_tried_again() -> None:
    RUNS.clear()

    @nl.evidence("failing")
    def failing(own: nl.OwnPass) -> Tensor:
        """Fails."""
        RUNS.append("failing")
        raise ValueError("in its own pass")

    pair = [
        nl.predictor(name, needs=failing, source="a test")(lambda probe: probe[failing]) for name in ("one", "two")
    ]
    found = nl.probe(small_network(), *batches(1)[0], [*pair, "snip"])
    assert [(s.status, s.reason) for s in found.values()][:2] == [("error", "ValueError: in its own pass")] * 2
    assert found["snip"].status == "ok" and RUNS == ["failing"]


def test_reading_it_undeclared_fails() -> None:
    greedy = nl.predictor("greedy", needs=nl.Evidence.LOSS_GRADIENT, source="a test")(
        lambda probe: probe[noisy_steps].sum()
    )
    with pytest.raises(UndeclaredEvidence, match="noisy_steps was read but not declared; add noisy_steps to"):
        nl.probe(small_network(), *batches(1)[0], greedy)


def test_too_few_batches_are_refused_before_anything_is_computed() -> None:
    RUNS.clear()
    with pytest.raises(InvalidInput, match="'noisy_steps' looks at 2 batches, but there is 1; give further ones"):
        nl.probe(small_network(), *batches(1)[0], ("snip", first_loss))
    images, labels = images_and_labels(n=8, resolution=32, classes=10)
    with pytest.raises(InvalidInput, match=r"has 1 of the 2 batches that are looked at; give `nl\.task` further"):
        nl.score(TINY[:1], first_loss, nl.task(images=images, labels=labels))
    assert not RUNS


def test_chunks_are_refused() -> None:
    first, second = batches()
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(108, 4))
    with pytest.raises(
        InvalidInput, match=r"first_loss on a batch of 4 cannot be .* noisy_steps has a pass of its own"
    ):
        nl.probe(network, *first, first_loss, chunk_size=2, batches=[second])


def test_score_gives_it_with_any_number_of_workers_and_as_probe_does() -> None:
    task = nl.task("noise", batch_size=4)
    one = nl.score(TINY, (*OURS, "snip"), task)
    assert not one.failures
    assert nl.score(TINY, (*OURS, "snip"), task, workers=2).wide.equals(one.wide)
    further = task.with_batches(2).further
    network = nl.build(TINY[0], 10, seed=network_seed(0, TINY[0].id, 0))
    by_probe = nl.probe(network, task.images, task.labels, OURS, batches=further)
    assert [score.value for score in by_probe.values()] == [one.wide[name][0] for name in by_probe]


def test_a_score_of_own_tensors_may_have_several_batches() -> None:
    task = nl.task("noise", batch_size=4).with_batches(2)
    own = nl.task(images=task.images, labels=task.labels, num_classes=10, batches=task.further)
    found, expected = (nl.score(TINY[:1], first_loss, of).wide["first_loss"][0] for of in (own, task))
    assert found == expected


def test_the_probe_gives_it_by_its_kind() -> None:
    first, second = batches()
    probe = Probe(AutogradEngine(small_network()), *first, noisy_steps, batches=[second])
    assert probe[noisy_steps] is probe[noisy_steps]
    with pytest.raises(UndeclaredEvidence):
        _ = probe.loss_gradient
