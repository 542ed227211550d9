"""What features and their rounding do to scores, and what the published code gives there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.kinds.signals import block_signals
from netlore.scoring.kinds.spectra import channel_likeness, channel_squares
from netlore.scoring.predictors.meco import ONE_IMAGE
from tests.scoring.cases import CLASSES, seeded
from tests.scoring.kinds.seen import Block, blocks, found_by
from tests.scoring.predictors.test_features_refused import BATCH, BLOCKWISE, changed, ending_in, score


def test_modules_made_of_others_count_in_the_coded_meco_alone() -> None:
    plain, nested = (blocks() for _ in range(2))
    nested.stage = nn.Sequential(nested.stage)
    assert score("meco", plain).value == pytest.approx(score("meco", nested).value, rel=1e-12)
    (seen,) = found_by(channel_likeness(every=True, view=ONE_IMAGE), plain)
    assert score("meco_as_coded", nested).value == pytest.approx(
        score("meco_as_coded", plain).value + float(seen[-3].least), rel=1e-9
    )


def test_constant_channels_are_left_out_by_meco_and_zeros_as_coded() -> None:
    def network(dead: bool) -> nn.Module:
        found = ending_in(nn.Conv2d(3, 4, 3))
        with torch.no_grad():
            found[0].weight[0] *= 0.0 if dead else 1.0
        return found

    whole, less = seeded(network, False), seeded(network, True)
    assert score("meco", less).value > score("meco", whole).value > 0
    assert score("meco_as_coded", whole).value > 0
    assert score("meco_as_coded", less).status == "degenerate"


def test_outputs_of_zeros_have_rank_zero_and_no_rank_exceeds_the_channels() -> None:
    network = changed(lambda network: [one.zero_() for one in network.stage[1].norm.parameters()])
    (squares,) = found_by(channel_squares(), network, BATCH)
    channels = {name: one.shape[1] for name, one in squares.items()}
    assert channels == dict.fromkeys(
        ["stem", *(f"stage.{i}.{n}" for i in (0, 1) for n in ("conv", "norm"))], 4
    ) | {"head": CLASSES}
    found, bound = score("near", network).value, sum(channels.values()) - channels["stage.1.norm"]
    assert found is not None and bound / 2 < found <= bound


def test_rounding_below_zero_makes_no_number_of_expressivity() -> None:
    """Equal channels have a covariance of rank one, whose other eigenvalues are rounding of either sign."""
    network = seeded(lambda: ending_in(nn.Conv2d(3, 4, 1), Equal(), nn.Conv2d(4, 4, 1)))
    (found,) = found_by(block_signals(view=nl.View()), network, BATCH, dtype=torch.float32)
    assert found.names == ["0", "2"] and all(bool((one >= 0).all()) for one in found.spectra)
    value = score("expressivity", network, dtype="float32").value
    assert value is not None and math.isfinite(value)


class Equal(nn.Module):
    """The first channel in the place of all."""

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        return x[:, :1].expand_as(x)


def test_zen_forgets_what_batch_norms_kept_before() -> None:
    used = blocks()
    for name in ("zen", "zen_as_coded"):
        fresh = score(name, blocks()).value
        for _ in range(2):
            used(BATCH[0])  # running variances move on
            assert score(name, used).value == fresh
    assert abs(score("zen", used).value - score("zen_as_coded", used).value) > 0.1  # type: ignore[operator]


class Wrapped(Block):
    """A block that returns its output in a container."""

    kind: Callable[[Tensor], Any] = tuple

    def forward(self, x: Any) -> Any:
        """Whatever the container."""
        found = super().forward(x if isinstance(x, Tensor) else next(iter(_values(x))))
        return {"x": found} if type(self).kind is dict else (found, None)


class InMapping(Wrapped):
    """A mapping, which nothing can be put into the place of."""

    kind = dict


def _values(container: Any) -> Any:
    return container.values() if isinstance(container, dict) else container


@pytest.mark.parametrize("kind", [Wrapped, InMapping])
def test_blocks_may_return_their_features_in_containers(kind: type[Wrapped]) -> None:
    class Unwrapping(type(blocks())):  # type: ignore[misc]
        def forward(self, x: Tensor) -> Tensor:
            found = next(iter(_values(self.stage(torch.relu_(self.stem(x))))))
            logits: Tensor = self.head(found.relu().mean(dim=(2, 3)))
            return logits

    network, plain = seeded(Unwrapping), blocks()
    network.stage = nn.Sequential(*(seeded(kind) for _ in range(2)))
    network.load_state_dict(plain.state_dict())
    for name in BLOCKWISE:
        assert score(name, network).value == pytest.approx(score(name, plain).value, rel=1e-12)


def test_channels_of_tokens_are_their_last_axis() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Conv2d(3, 4, 2, stride=2)
            self.layers = nn.ModuleList(
                nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True) for _ in range(2)
            )
            self.head = nn.Linear(4, CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            x = self.embed(x).flatten(2).transpose(1, 2)
            for layer in self.layers:
                x = layer(x)
            logits: Tensor = self.head(x.mean(dim=1))
            return logits

    network = seeded(Tokens)
    (found,) = found_by(block_signals(view=nl.View()), network, BATCH)
    assert found.names == ["stem", "layers.0", "layers.1"] and not found.refused
    (features,) = found_by(nl.block_features(), network, BATCH)
    rows = features["layers.1"].reshape(-1, 4)
    expected = torch.linalg.eigvalsh(torch.cov(rows.T, correction=0))
    torch.testing.assert_close(found.spectra[-1], expected, rtol=1e-9, atol=1e-12)
