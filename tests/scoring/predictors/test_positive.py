"""synflow_bn, synflow_log_gradient, epsilon and dss against slow definitions, and their traps."""

from __future__ import annotations

import math
from copy import deepcopy

import numpy as np
import pytest
import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.kinds.positive import Flow
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.predictors.dss import _used
from netlore.testing import examples
from tests.scoring.cases import CLASSES, images_and_labels, seeded, small_network
from tests.scoring.kinds.seen import found_by
from tests.scoring.predictors.compared import check, without_batch_norm


def scored(name: str, network: nn.Module, batch: tuple[Tensor, Tensor], dtype: str = "float64") -> nl.Score:
    return nl.probe(network, *batch, predictors=name, dtype=dtype)[name]


def flowing(network: nn.Module, images: Tensor) -> list[tuple[nn.Module, Tensor, Tensor]]:
    """Layers of the network of absolute values, their weights and gradients of the sum of outputs."""
    with torch.no_grad():
        for tensor in (*network.parameters(), *network.buffers()):
            tensor.copy_(tensor.abs())
    network(torch.ones(1, *images.shape[1:], dtype=torch.float64)).sum().backward()
    layers = [one for one in network.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    none = torch.zeros(())
    return [(one, one.weight.detach(), none if one.weight.grad is None else one.weight.grad) for one in layers]


def synflow_bn(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Layer by layer."""
    return sum(float((weight * gradient).abs().sum()) for _, weight, gradient in flowing(network, images))


def synflow_log_gradient(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Batch norms taken out, weights of each draw put in, biases none, and one number after the other."""
    kind = nl.layer_weights(View("ones", "kaiming_fan_out", draws=3, images=1))
    totals = []
    for weights in found_by(kind, network, (images, labels)):
        twin = deepcopy(network)
        for name, module in list(twin.named_modules()):
            if isinstance(module, nn.BatchNorm2d):
                twin.get_submodule(name.rpartition(".")[0])._modules[name.rpartition(".")[2]] = nn.Identity()
            elif getattr(module, "bias", None) is not None:
                module.bias.data.zero_()
        for name, weight in weights.items():
            twin.get_parameter(name).data.copy_(weight)
        pairs = ((w.flatten().tolist(), g.flatten().tolist()) for _, w, g in flowing(twin, images))
        totals.append(math.fsum(abs(w * math.log(1 + g)) for ws, gs in pairs for w, g in zip(ws, gs, strict=True)))
    return sum(totals) / len(totals)


def epsilon(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """With NumPy, missing numbers for zeros up to rounding."""
    rows = []
    for constant in (1e-7, 1.0):
        for module in network.modules():
            for name, parameter in module._parameters.items():
                if parameter is not None:
                    parameter.data.fill_(0.0 if name == "bias" else constant)
        with torch.no_grad():
            found = network(images).numpy().flatten()
        scaled = (found - found.min()) / (found.max() - found.min())
        rows.append(np.where(scaled < 1e-9, np.nan, scaled))
    return float(np.nanmean(np.abs(rows[0] - rows[1])) / np.nanmean(np.stack(rows)))


def dss(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Of networks whose linear layers of as many outputs as inputs, or called qkv, are attention's."""
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    names = {module: name for name, module in network.named_modules()}
    total = 0.0
    for layer, weight, gradient in flowing(network, images):
        square = weight.ndim == 2 and weight.shape[0] == weight.shape[1]
        if (square or names[layer].endswith("qkv")) and layer is not last:
            total += float(torch.linalg.svdvals(weight).sum() * torch.linalg.svdvals(gradient).sum())
        else:
            total += float((weight * gradient).abs().sum())
    return total


ORACLES = {
    "synflow_bn": synflow_bn,
    "synflow_log_gradient": synflow_log_gradient,
    "epsilon": epsilon,
    "dss": dss,
}


@pytest.mark.parametrize("name", ["synflow_bn", "synflow_log_gradient", "epsilon"])
def test_equal_to_the_oracle(name: str) -> None:
    check(ORACLES, name, n=24 if name == "epsilon" else 6)


def test_synflow_bn_is_synflow_without_normalisations_and_nothing_like_it_with_them() -> None:
    batch = images_and_labels(4, resolution=6)
    for network, same in ((without_batch_norm(), True), (small_network(), False)):
        found = nl.probe(network, *batch, predictors=("synflow", "synflow_bn"), dtype="float64")
        ratio = float(found["synflow_bn"]) / float(found["synflow"])
        assert (abs(ratio - 1) < 1e-9) == same
        assert same or not 0.5 < ratio < 2


def test_synflow_bn_has_no_score_where_a_batch_norm_sees_one_position() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 6), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, CLASSES))
    found = scored("synflow_bn", network, images_and_labels(4, resolution=6))
    assert found.status == "degenerate" and "more than 1 value per channel" in found.reason


def test_the_logarithm_is_of_the_gradient_and_weights_are_drawn_three_times() -> None:
    batch = images_and_labels(4, resolution=6)
    one, other = without_batch_norm(), without_batch_norm()
    other.head.weight.data.mul_(2.0)
    assert float(scored("synflow_log_gradient", one, batch)) != float(scored("synflow_log_gradient", other, batch))
    assert "3 draws" in PREDICTORS.get("synflow_log_gradient").conditions.weights
    # ln synflow is another number.
    found = nl.probe(one, *batch, predictors=("log_synflow", "synflow_log_gradient"), dtype="float64")
    assert float(found["synflow_log_gradient"]) != pytest.approx(float(found["log_synflow"]), rel=0.1)


def test_gates_are_said() -> None:
    network = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(108, 8), nn.Sigmoid(), nn.Linear(8, CLASSES)))
    found = scored("synflow_log_gradient", network, images_and_labels(4, resolution=6))
    assert found.reason == "no sum over paths, since 1 gates or softmaxes take part"

    transformer = vision_transformer(CLASSES)
    found = scored("synflow_log_gradient", transformer, (torch.randn(2, 3, 32, 32), torch.tensor([0, 1])))
    assert found.status == "degenerate" and "as behind gates or softmax, and has no logarithm" in found.reason


def deep(blocks: int) -> nn.Module:
    parts = [part for _ in range(blocks) for part in (nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU())]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(108, CLASSES))


def test_constant_weights_make_outputs_too_small_for_float32() -> None:
    batch = images_and_labels(4, resolution=6)
    network = deep(4)
    expected = epsilon(deepcopy(network).double().train(), batch[0].double(), batch[1])
    assert float(scored("epsilon", network, batch, "float32")) == pytest.approx(expected, rel=1e-9)
    for parameter in network.parameters():
        parameter.data.fill_(1e-7 if parameter.ndim > 1 or parameter is network[1].weight else 0.0)
    with torch.no_grad():
        assert network(batch[0]).unique().numel() == 1, "so that in float32 there is no scale"


def test_epsilon_does_not_depend_on_initial_weights_and_is_undefined_for_equal_outputs() -> None:
    batch = images_and_labels(4, resolution=6)
    one, other = seeded(small_network), deepcopy(small_network())
    other[0].weight.data.mul_(-3.0)  # type: ignore[operator, union-attr]
    assert float(scored("epsilon", one, batch)) == float(scored("epsilon", other, batch))
    found = scored("epsilon", deep(60), batch)
    assert (found.status, found.reason) == (
        "degenerate",
        "with weights of 1e-07 all outputs are equal, so they have no scale",
    )
    found = scored("epsilon", small_network(), (batch[0][:2], batch[1][:2]))
    assert found.status == "saturated" and found.reason.endswith("give a larger batch, such as 8 images")
    images = batch[0][:2].clone()
    network = nn.Sequential(nn.Flatten(), nn.Linear(108, CLASSES))
    assert scored("epsilon", network, (images[:1], batch[1][:1])).status == "degenerate"
    infinite = scored("epsilon", network, (images.fill_(math.inf), batch[1][:2]))
    assert infinite.status == "nonfinite"


def vision_transformer(classes: int) -> nn.Module:
    return seeded(
        lambda: timm.create_model("vit_tiny_patch16_224", img_size=32, depth=2, embed_dim=24, num_classes=classes)
    )


@pytest.mark.parametrize("classes", [4, 24])
def test_dss_of_timm_s_transformer_whose_classifier_may_be_square(classes: int) -> None:
    batch = torch.randn(2, 3, 32, 32), torch.tensor([0, 1])
    network = vision_transformer(classes)
    expected = dss(deepcopy(network).double().train(), batch[0].double(), batch[1])
    assert float(scored("dss", network, batch)) == pytest.approx(expected, rel=1e-9)
    # What is left where gradients of all layers but the classifier's are lost, as in the public code.
    *_, (_, weight, gradient) = flowing(deepcopy(network).double().train(), batch[0].double())
    assert float((weight * gradient).abs().sum()) < 0.5 * expected


class OfAThousand(nn.Module):
    """Attention, and an inner layer of 1,000 outputs, which is no classifier; of its weights parts may be used."""

    def __init__(self, spare: int) -> None:
        super().__init__()
        self.qkv, self.proj = nn.Linear(3 + spare, 9 + 2 * spare), nn.Linear(3 + spare, 3)
        self.wide, self.head = nn.Linear(3, 1000 + spare), nn.Linear(1000 + spare, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        rows = F.linear(x.flatten(2).transpose(1, 2), self.qkv.weight[:9, :3], self.qkv.bias[:9])
        queries, keys, values = rows.chunk(3, dim=2)
        attended = F.scaled_dot_product_attention(queries, keys, values)
        rows = F.linear(attended, self.proj.weight[:, :3], self.proj.bias) + values
        hidden = F.linear(rows.mean(dim=1), self.wide.weight[:1000])
        logits: Tensor = F.linear(hidden, self.head.weight[:, :1000], self.head.bias)
        return logits


def test_dss_of_slices_is_that_of_layers_of_their_size() -> None:
    batch = images_and_labels(2, resolution=6)
    network, larger = seeded(OfAThousand, 0), seeded(OfAThousand, 2)
    for name, parameter in network.named_parameters():
        larger.get_parameter(name).data[tuple(map(slice, parameter.shape))] = parameter.data
    expected = dss(deepcopy(network).double().train(), batch[0].double(), batch[1])
    assert float(scored("dss", network, batch)) == pytest.approx(expected, rel=1e-9)
    assert float(scored("dss", larger, batch)) == pytest.approx(expected, rel=1e-9)
    flows = flowing(deepcopy(larger).double().train(), batch[0].double())
    assert all(gradient.abs().sum() > 0 for _, _, gradient in flows)


def test_dss_of_torch_s_attention_and_of_none() -> None:
    (batch,) = examples.batches(1)
    network = examples.networks()["Transformer"]()
    twin = deepcopy(network).double().train()
    flows = {id(weight): (weight, gradient) for _, weight, gradient in flowing(twin, batch[0].double())}
    attention = twin.layer.self_attn
    total = 0.0
    for weight in (attention.in_proj_weight, attention.out_proj.weight):
        total += float(torch.linalg.svdvals(weight.detach()).sum() * torch.linalg.svdvals(weight.grad).sum())
    for layer in (twin.patches, twin.layer.linear1, twin.layer.linear2, twin.classifier):
        total += float((layer.weight * layer.weight.grad).abs().sum().detach())
    assert flows and float(scored("dss", network, batch)) == pytest.approx(total, rel=1e-9)
    found = scored("dss", small_network(), images_and_labels(4, resolution=6))
    assert (found.status, found.reason) == (
        "degenerate",
        "the network has no attention with projections to queries, keys and values",
    )


def test_zeros_of_rounding_before_the_last_row_are_no_slice() -> None:
    weight, gradient = torch.rand(6, 5, dtype=torch.float64), torch.rand(6, 5, dtype=torch.float64)
    gradient[1], gradient[:, 2], gradient[4:], gradient[:, 4:] = 0, 0, 0, 0
    kept = _used(Flow(weight, gradient, is_projection=True, gives_output=False))
    assert [tuple(one.shape) for one in kept] == [(4, 4), (4, 4)]
    assert torch.equal(kept[0], weight[:4, :4]) and torch.equal(kept[1], gradient[:4, :4])
    nothing = _used(Flow(weight, torch.zeros_like(gradient), is_projection=True, gives_output=False))
    assert [one.numel() for one in nothing] == [0, 0]
