"""score_modules(): weights repeat, workers and stores change nothing, what is no network is refused."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.scoring.draws import network_seed
from netlore.storage.score_store import Store

NAMES = ("snip", "synflow")
TASK = nl.task("noise", batch_size=4)


class Drawn(nn.Module):
    """Draws from every global generator, and prints."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        print("built")
        self.first = nn.Conv2d(3, width, 3, stride=4)
        self.last = nn.Linear(64 * width, 10)
        self.scale = random.random() + float(np.random.rand())  # noqa: NPY002 - as networks do

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        print("forward", file=sys.stdout)
        logits: Tensor = self.last(torch.relu(self.first(x)).flatten(1)) * self.scale
        return logits


def values(table: nl.ScoreTable) -> list[float | None]:
    """The scores in their order."""
    assert all(row.score.status == "ok" for row in table.rows)
    return [row.score.value for row in table.rows]


def test_initial_weights_follow_from_seed_name_and_draw() -> None:
    modules = {"one": Drawn, "two": Drawn}
    first = values(nl.score_modules(modules, "snip", TASK, draws=2))
    assert len(set(first)) == 4
    torch.manual_seed(7)
    random.seed(7)
    torch.set_default_dtype(torch.float64)
    try:
        state = torch.random.get_rng_state()
        again = values(nl.score_modules(modules, "snip", TASK, draws=2))
        assert torch.equal(torch.random.get_rng_state(), state)
    finally:
        torch.set_default_dtype(torch.float32)
    assert again == first
    assert not set(values(nl.score_modules(modules, "snip", TASK, seed=1, draws=2))) & set(first)
    assert values(nl.score_modules({"two": Drawn}, "snip", TASK)) == first[2:3]


def test_a_score_is_that_of_the_network_made_by_hand() -> None:
    found = values(nl.score_modules({"mine": partial(Drawn, width=2)}, "snip", TASK, seed=5))
    seed = network_seed(5, "mine", 0)
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002
    probed = nl.probe(Drawn(2), TASK.images, TASK.labels, "snip")["snip"]
    assert found == [pytest.approx(probed.value, rel=1e-6)]


def test_workers_and_stores_change_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    modules = {"narrow": partial(Drawn, 2), "wide": Drawn}
    expected = values(nl.score_modules(modules, NAMES, TASK))
    assert values(nl.score_modules(modules, NAMES, TASK, workers=2, store=tmp_path)) == expected
    assert capfd.readouterr().out == ""  # nor does what they print reach standard output
    again = nl.score_modules(modules, NAMES, TASK, store=tmp_path)
    assert values(again) == expected
    with Store(tmp_path, None) as store:
        kept = {row.architecture: row for row in store.rows()}
        assert store.count() == 4
    assert {str(one) for one in kept} == {"narrow", "wide"}
    assert again.wide[["module", "params"]].to_dict("list") == {
        "module": ["narrow", "wide"],
        "params": [56 + 128 * 10 + 10, 112 + 256 * 10 + 10],
    }


def test_another_definition_of_a_name_is_scored_again(tmp_path: Path) -> None:
    first = nl.score_modules({"mine": partial(Drawn, 2)}, "snip", TASK, store=tmp_path)
    other = nl.score_modules({"mine": partial(Drawn, 3)}, "snip", TASK, store=tmp_path)
    assert values(first) != values(other)
    assert values(nl.score_modules({"mine": partial(Drawn, 2)}, "snip", TASK, store=tmp_path)) == values(first)


def test_a_network_keeps_its_weights_and_its_precision() -> None:
    network = Drawn().double()
    probed = nl.probe(network, TASK.images, TASK.labels, NAMES)
    found = nl.score_modules({"mine": network}, NAMES, TASK)
    assert values(found) == [pytest.approx(score.value, rel=1e-12) for score in probed.values()]
    other = nl.score_modules({"mine": network}, "snip", TASK, dtype="float32")
    assert values(other)[0] != values(found)[0]
    with pytest.raises(InvalidInput, match="mine is a network already, so it has no 2 draws"):
        nl.score_modules({"mine": network}, NAMES, TASK, draws=2)


def test_losses_of_ones_own(tmp_path: Path) -> None:
    def loss(output: Tensor, labels: Tensor) -> Tensor:
        return output.square().sum(1).mean()

    found = values(nl.score_modules({"mine": Drawn}, "snip", TASK, loss=loss, store=tmp_path))
    assert found != values(nl.score_modules({"mine": Drawn}, "snip", TASK))
    with pytest.raises(DifferentConfiguration, match=r"loss is \"\S*loss [0-9a-f]{16}\" there"):
        nl.score_modules({"mine": Drawn}, "snip", TASK, store=tmp_path)


def test_chunks_change_no_score() -> None:
    def linear() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(3072, 4), nn.ReLU(), nn.Linear(4, 10))

    whole = values(nl.score_modules({"mine": linear}, NAMES, TASK))
    assert values(nl.score_modules({"mine": linear}, NAMES, TASK, chunk_size=3)) == pytest.approx(whole, rel=1e-5)
    with pytest.raises(InvalidInput, match="modules of type Drawn are not known to act on each image alone"):
        nl.score_modules({"mine": Drawn}, NAMES, TASK, chunk_size=3)


def test_what_is_kept_of_a_module_is_no_architecture_to_build_or_to_score() -> None:
    (row,) = nl.score_modules({"mine": Drawn}, "snip", TASK).rows
    uses: tuple[Callable[[nl.Architecture], object], ...] = (
        lambda one: nl.score([one], "snip", TASK),
        lambda one: nl.build(one, 10),
        lambda one: nl.complexity(one, 10),
    )
    for use in uses:
        with pytest.raises(InvalidInput, match="mine is a torch module, which no family of netlore describes"):
            use(row.architecture)


def failing() -> nn.Module:
    """Raises."""
    raise ValueError("first line\nsecond line")


@pytest.mark.parametrize(
    ("modules", "workers", "said"),
    [
        ({}, 1, "no module is named"),
        ({"mine": failing}, 1, r"^module mine fails \(ValueError: first line\); correct it\.$"),
        ({"mine": lambda: 5}, 1, "module mine is of the type int, not a torch module"),
        ({"mine": 5}, 1, r"modules\['mine'\] = 5 is not a function or a Module; give one\."),
        ({"mine": nn.Flatten}, 1, "module mine: the network has no parameters"),
        ({"mine": lambda: Drawn()}, 2, "define what it uses at the top level of a module, or use one worker"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_one_line(modules: object, workers: int, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        nl.score_modules(modules, "snip", TASK, workers=workers)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
