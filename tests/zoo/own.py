"""Modules of torch alone: kinds of layers, norms and activations, and how layers are used."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.zoo.cases import Case, classes, images, noise, tokens
from tests.zoo.layers import (
    Attention,
    Call,
    Cells,
    ChannelsLast,
    Lora,
    Mean,
    Raw,
    Sequences,
    Sliced,
    Spectrum,
    Standardised,
    cnn,
)


def changed(change: Callable[[Any], Any]) -> Callable[[], nn.Module]:
    """Makes the plain CNN and changes it."""

    def make() -> nn.Module:
        network = cnn()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            change(network)
        return network

    return make


def _two_names() -> nn.Module:
    network = Call(lambda backbone, x: backbone(x), cnn())
    network.stem = network.networks[0][0]
    return network


def _tied() -> nn.Module:
    network = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 4))
    network[2].weight = network[0].weight
    return network


def _shared() -> nn.Module:
    layer = nn.Linear(6, 6)
    return nn.Sequential(layer, nn.ReLU(), layer, nn.ReLU(), nn.Linear(6, 4))


def _in_place() -> nn.Module:
    def run(stem: nn.Module, head: nn.Module, x: Tensor) -> Any:
        x = stem(x)
        x.mul_(2).add_(1)
        x[:, :2] -= 1
        x.relu_()
        return head(x.mean((2, 3)))

    return Call(run, nn.Conv2d(3, 8, 3), nn.Linear(8, 4))


def _by(rectify: Callable[[Tensor], Tensor]) -> nn.Module:
    return Call(lambda a, b, x: b(rectify(a(x)).mean((2, 3))), nn.Conv2d(3, 8, 3), nn.Linear(8, 4))


def _transposed(n: int) -> nn.Module:
    of = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[n - 1]
    layers = (of(2, 6, 3, 2), nn.ReLU(), of(6, 4, 3, groups=2), nn.ReLU())
    return nn.Sequential(*layers, nn.Flatten(2), Mean(), nn.Linear(4, 4))


def _plain(n: int) -> nn.Module:
    of, norm = ((nn.Conv1d, nn.BatchNorm1d), (nn.Conv2d, nn.BatchNorm2d), (nn.Conv3d, nn.BatchNorm3d))[n - 1]
    layers = (of(2, 6, 3), norm(6), nn.ReLU(), of(6, 4, 3, padding=1), nn.ReLU())
    return nn.Sequential(*layers, nn.Flatten(2), Mean(), nn.Linear(4, 4))


def _windows() -> nn.Module:
    def run(embed: nn.Module, mix: nn.Module, head: nn.Module, x: Tensor) -> Any:
        x = embed(x)  # (N, 8, 4, 4)
        n = len(x)
        x = x.unflatten(2, (2, 2)).unflatten(4, (2, 2)).permute(0, 2, 4, 3, 5, 1).reshape(n * 4, 4, 8)
        x = F.relu(mix(x))
        return head(x.reshape(n, 16, 8).mean(1))

    return Call(run, nn.Conv2d(3, 8, 3, stride=3), nn.Linear(8, 8), nn.Linear(8, 4))


def _squeeze_excite() -> nn.Module:
    def run(stem: nn.Module, down: nn.Module, up: nn.Module, head: nn.Module, x: Tensor) -> Any:
        x = F.relu(stem(x))
        gate = torch.sigmoid(up(F.relu(down(x.mean((2, 3))))))
        return head((x * gate[:, :, None, None]).mean((2, 3)))

    return Call(run, nn.Conv2d(3, 8, 3), nn.Linear(8, 4), nn.Linear(4, 8), nn.Linear(8, 4))


def _embedding() -> nn.Module:
    parts = (nn.Embedding(30, 8), nn.Linear(8, 8), nn.Linear(8, 4))
    return Call(lambda table, a, head, x: head(F.relu(a(table(x).mean(1)))), *parts)


def _tied_embedding() -> nn.Module:
    parts = (nn.Embedding(30, 8), nn.Linear(8, 8), nn.Linear(8, 30))
    parts[2].weight = parts[0].weight
    return Call(lambda table, a, head, x: head(F.relu(a(table(x)))).movedim(-1, 1), *parts)


def _encoder(**options: Any) -> nn.Module:
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, **options)
    return nn.Sequential(layer, nn.Flatten(), nn.Linear(40, 4))


def _lora() -> nn.Module:
    return nn.Sequential(Lora(6, 8), nn.ReLU(), Lora(8, 4)).eval()


def _standardised() -> nn.Module:
    return nn.Sequential(Standardised(3, 8, 3), nn.ReLU(), nn.Flatten(2), Mean(), nn.Linear(8, 4))


def _norms() -> dict[str, Callable[[int], nn.Module]]:
    return {
        "GroupNorm": lambda c: nn.GroupNorm(4, c),
        "InstanceNorm2d": lambda c: nn.InstanceNorm2d(c, affine=True),
        "LayerNorm of channels": ChannelsLast,
        "LocalResponseNorm": lambda c: nn.LocalResponseNorm(3),
        "no norm": lambda c: nn.Identity(),
        "BatchNorm2d without statistics": lambda c: nn.BatchNorm2d(c, track_running_stats=False),
    }


_ACTIVATIONS: tuple[type[nn.Module], ...] = (
    *(nn.GELU, nn.SiLU, nn.Hardswish, nn.LeakyReLU, nn.PReLU, nn.ReLU6, nn.ELU, nn.Mish, nn.Tanh),
)

_rows, _sequence = noise(4, 6), noise(4, 5, 6)


def _with_norm(norm: Callable[[int], nn.Module]) -> Callable[[], nn.Module]:
    return lambda: cnn(norm)


def _with_activation(act: type[nn.Module]) -> Callable[[], nn.Module]:
    return lambda: cnn(act=act)


CASES = (
    Case("plain CNN", cnn),
    Case("CNN, 1 dimension", lambda: _plain(1), noise(4, 2, 12)),
    Case("CNN, 3 dimensions", lambda: _plain(3), noise(4, 2, 5, 5, 5)),
    Case("transposed convolutions, 1 dimension", lambda: _transposed(1), noise(4, 2, 5)),
    Case("transposed convolutions, 2 dimensions", lambda: _transposed(2), noise(4, 2, 5, 5)),
    Case("transposed convolutions, 3 dimensions", lambda: _transposed(3), noise(4, 2, 3, 3, 3)),
    *(Case(f"CNN with {name}", _with_norm(norm)) for name, norm in _norms().items()),
    Case(
        "MLP with RMSNorm",
        lambda: nn.Sequential(nn.Linear(6, 8), nn.RMSNorm(8), nn.ReLU(), nn.Linear(8, 4)),
        _rows,
    ),
    *(Case(f"CNN with {act.__name__}", _with_activation(act)) for act in _ACTIVATIONS),
    Case("ReLU by clamp", lambda: _by(lambda x: x.clamp(min=0))),
    Case("ReLU by maximum", lambda: _by(lambda x: torch.maximum(x, torch.zeros_like(x)))),
    Case("ReLU by threshold", lambda: _by(lambda x: F.threshold(x, 0, 0))),
    Case("operations in place", _in_place),
    Case("squeeze and excitation", _squeeze_excite),
    Case("dropout", lambda: nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 4)), _rows),
    Case("two layers, one weight", _tied, _rows),
    Case("one layer, called twice", _shared, _rows),
    Case("one layer under two names", _two_names),
    Case("a slice of a weight", Sliced),
    Case("standardised weights", _standardised),
    Case("weight norm", changed(lambda n: nn.utils.parametrizations.weight_norm(n[0]))),
    Case("weight norm by hooks", changed(lambda n: nn.utils.weight_norm(n[0]))),
    Case("spectral norm", changed(lambda n: nn.utils.parametrizations.spectral_norm(n[0]))),
    Case("LoRA that merges by train()", _lora, _rows),
    Case("complex parameters", Spectrum),
    Case("LSTM", lambda: Sequences(nn.LSTM), _sequence),
    Case("GRU", lambda: Sequences(nn.GRU), _sequence),
    Case("RNN", lambda: Sequences(nn.RNN), _sequence),
    Case("LSTM cell", lambda: Cells(nn.LSTMCell(6, 8)), _sequence),
    Case("GRU cell", lambda: Cells(nn.GRUCell(6, 8)), _sequence),
    Case("attention, batch first", lambda: Attention(True), _sequence),
    Case("attention, batch second", lambda: Attention(False), _sequence),
    Case("transformer layer", _encoder, noise(4, 5, 8)),
    Case("transformer layer, norm first", lambda: _encoder(norm_first=True, activation="gelu"), noise(4, 5, 8)),
    Case("positions folded into the batch", _windows),
    Case("embedding and linear layers", _embedding, tokens()),
    Case("tied embedding, dense labels", _tied_embedding, tokens(), classes(4, 6, of=30)),
    Case("matrices without layers", Raw, _rows),
    Case("classifier of zeros", changed(lambda n: nn.init.zeros_(n[8].weight))),
    Case("one logit, cross-entropy", lambda: cnn(out=1), targets=classes(of=1)),
    Case("images that are not finite", cnn, images() / 0.0),
)
