"""Networks by what they take and return, how they are wrapped, and what else is attached to them."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from tests.zoo.cases import Case, classes, images, logits, noise, tokens
from tests.zoo.layers import Call, Counting, Outputs, cnn
from tests.zoo.own import changed


def _hooked(network: Any) -> None:
    network[0].register_forward_hook(lambda *_: None)
    network[3].register_full_backward_hook(lambda *_: None)
    network[8].weight.register_hook(lambda gradient: gradient)


def _with_gradients(network: Any) -> None:
    F.cross_entropy(network(images()), classes()).backward()


def _quantised() -> nn.Module:
    network = nn.Sequential(nn.Flatten(), nn.Linear(432, 8), nn.ReLU(), nn.Linear(8, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: nn.Module = torch.ao.quantization.quantize_dynamic(network, {nn.Linear})
    return found


def _scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 4)))


def _on_meta() -> nn.Module:
    with torch.device("meta"):
        return cnn()


def _conditional() -> nn.Module:
    return Call(lambda network, head, image, extra: network(image) + head(extra), cnn(), nn.Linear(5, 4))


def _captioned() -> nn.Module:
    return Call(lambda n, table, x, ids: n(x) + table(ids).mean(1), cnn(), nn.Embedding(30, 4))


def _auxiliary() -> nn.Module:
    def run(stem: nn.Module, aux: nn.Module, head: nn.Module, x: Tensor) -> Any:
        x = F.relu(stem(x)).mean((2, 3))
        return {"out": head(x), "aux": aux(x)}

    return Call(run, nn.Conv2d(3, 8, 3), nn.Linear(8, 4), nn.Linear(8, 4))


def _two_heads() -> nn.Module:
    return Call(lambda body, a, b, x: (a(body(x)), b(body(x))), cnn(out=8), nn.Linear(8, 4), nn.Linear(8, 2))


def _checkpointed(reentrant: bool, begin: int = 0) -> nn.Module:
    return Call(lambda n, x: n[6:](checkpoint(n[begin:6], n[:begin](x), use_reentrant=reentrant)), cnn())


def _inside(network: nn.Module) -> nn.Module:
    return network.get_submodule("networks.0")


def _marking(network: nn.Module, x: Tensor) -> Any:
    x = x[:]
    x.requires_grad = True
    return network(x)


def _dense() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 5, 1))


CASES = (
    Case("CNN, float64", lambda: cnn().double()),
    Case("CNN, bfloat16", lambda: cnn().bfloat16()),
    Case("two inputs", _conditional, (images(), noise(4, 5))),
    Case("inputs by name", _conditional, {"extra": noise(4, 5), "image": images()}),
    Case(
        "returns a dictionary", lambda: Call(lambda n, x: {"out": n(x)}, cnn()), read=lambda r: [(1.0, r["out"])]
    ),
    Case("returns a dataclass", lambda: Call(lambda n, x: Outputs(x, n(x)), cnn()), read=logits),
    Case("an auxiliary head", _auxiliary, read=lambda r: [(1.0, r["out"]), (0.5, r["aux"])]),
    Case(
        "two heads, the second",
        _two_heads,
        targets=classes(of=2),
        output=lambda r: r[1],
        read=lambda r: [(1.0, r[1])],
    ),
    Case("dense labels (segmentation)", _dense, images(6), classes(4, 6, 6, of=5)),
    Case("mean squared error", lambda: cnn(out=1), targets=noise(4, 1), loss="mse"),
    Case("binary cross-entropy", cnn, targets=classes(4, 4, of=2), loss="binary_cross_entropy"),
    Case("shares of classes as labels", cnn, targets=noise(4, 4).softmax(1)),
    Case("all frozen", lambda: cnn().requires_grad_(False)),
    Case("hooks of the user", changed(_hooked)),
    Case("gradients of the user", changed(_with_gradients)),
    Case("writes buffers and attributes", Counting),
    Case("checkpointed", lambda: _checkpointed(False), bare=_inside),
    Case("checkpointed from the first layer, reentrant", lambda: _checkpointed(True), bare=_inside),
    Case("checkpointed from the second layer, reentrant", lambda: _checkpointed(True, 3), bare=_inside),
    Case("marks its input by an attribute", lambda: Call(_marking, cnn()), bare=_inside),
    Case(
        "marks its input by a method",
        lambda: Call(lambda n, x: n(x[:].requires_grad_(False)), cnn()),
        bare=_inside,
    ),
    Case("images of type uint8", cnn, images().to(torch.uint8)),
    Case("token ids and images of type uint8", _captioned, (images().to(torch.uint8), tokens())),
    Case("images of type bool", cnn, images() > 0),
    Case(
        "images of type uint8, converted inside",
        lambda: Call(lambda n, x: n(x.to(n[0].weight) / 255), cnn()),
        images().abs().mul(99).to(torch.uint8),
    ),
    Case("a part without gradients", lambda: Call(lambda n, x: n[3:](n[:3](x).detach()), cnn())),
    Case("traced by torch.fx", lambda: torch.fx.symbolic_trace(cnn())),
    Case(
        "torch.compile",
        lambda: torch.compile(cnn(), backend="eager"),  # type: ignore[arg-type, return-value]
        bare=lambda n: n.get_submodule("_orig_mod"),
    ),
    Case("DataParallel", lambda: nn.DataParallel(cnn()), bare=lambda n: n.get_submodule("module")),
    Case("TorchScript", _scripted),
    Case("lazy layers", lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(4))),
    Case("on the meta device", _on_meta),
    Case("quantised", _quantised),
)
