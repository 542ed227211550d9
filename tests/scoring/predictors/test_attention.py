"""Confidences of attention in networks of torch, timm and transformers, against explicit queries and maps."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

import pytest
import timm
import torch
import torch.nn.functional as F
import transformers
from torch import Tensor, nn

import netlore as nl
from netlore.networks import build_plan
from netlore.networks.transformer import Attention
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from netlore.space.design_space import SPACES
from netlore.testing import examples
from tests.scoring.cases import CLASSES, images_and_labels, plan_of, seeded, small_network

BOTH = ORACLES = ("attention_confidence", "softmax_confidence")
LABELS = torch.tensor([0, 1, 2])


def scored(network: nn.Module, inputs: Any, **named: Any) -> tuple[float, float]:
    found = nl.probe(network, inputs, LABELS, predictors=BOTH, dtype="float64", **named)
    return float(found[BOTH[0]]), float(found[BOTH[1]])


def peak(of: Tensor) -> float:
    """Mean of the maximum along axis 1, number by number."""
    swapped = of.detach().transpose(0, 1)
    maxima = [max(values) for values in zip(*(one.flatten().tolist() for one in swapped), strict=True)]
    return math.fsum(maxima) / len(maxima)


def maps(queries: Tensor, keys: Tensor, heads: int) -> Tensor:
    """(N, heads, T, T) of (N, T, C)."""
    q, k = (one.unflatten(2, (heads, -1)).transpose(1, 2) for one in (queries, keys))
    likeness = torch.einsum("nhtd,nhsd->nhts", q, k) / math.sqrt(q.shape[-1])
    shares = likeness.exp()
    return shares / shares.sum(dim=3, keepdim=True)


def test_torch_s_attention_whatever_it_returns() -> None:
    class Attended(nn.Module):
        """With maps, as by default, keys of other positions, and positions first."""

        def __init__(self, first: bool) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(12, 3, batch_first=first, kdim=8, vdim=8)
            self.head, self.first = nn.Linear(12, CLASSES), first

        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            given = (x, y, y) if self.first else (x.transpose(0, 1), y.transpose(0, 1), y.transpose(0, 1))
            found = self.attention(*given)[0]
            logits: Tensor = self.head(found.mean(dim=1 if self.first else 0))
            return logits

    x, y = torch.randn(3, 5, 12), torch.randn(3, 4, 8)
    for first in (True, False):
        network = seeded(Attended, first)
        twin = deepcopy(network.attention).double()
        biases = twin.in_proj_bias.chunk(3)
        weights = (twin.q_proj_weight, twin.k_proj_weight, twin.v_proj_weight)
        given = (x.double(), y.double(), y.double())
        q, k, v = (F.linear(*one) for one in zip(given, weights, biases, strict=True))
        assert scored(network, (x, y)) == pytest.approx(
            (peak(q) + peak(k) + peak(v), peak(maps(q, k, 3))), rel=1e-9
        )


def test_torch_s_encoder() -> None:
    ((images, labels),) = examples.batches(1)
    network = examples.networks()["Transformer"]()
    twin = deepcopy(network).double()
    rows = twin.patches(images.double()).flatten(2).transpose(1, 2)
    attention = twin.layer.self_attn
    q, k, v = F.linear(rows, attention.in_proj_weight, attention.in_proj_bias).chunk(3, dim=2)
    found = nl.probe(network, images, labels, predictors=BOTH, dtype="float64")
    assert float(found[BOTH[0]]) == pytest.approx(peak(q) + peak(k) + peak(v), rel=1e-9)
    assert float(found[BOTH[1]]) == pytest.approx(peak(maps(q, k, 2)), rel=1e-9)


@pytest.mark.parametrize("fused", [True, False])
def test_timm_s_vision_transformer(fused: bool) -> None:
    network = seeded(
        lambda: timm.create_model("vit_tiny_patch16_224", img_size=32, depth=2, embed_dim=24, num_classes=CLASSES)
    )
    for block in network.blocks:
        block.attn.fused_attn = fused
    images = torch.randn(3, 3, 32, 32)
    twin, projected = deepcopy(network).double(), list[Tensor]()
    for block in twin.blocks:
        block.attn.qkv.register_forward_hook(lambda _, given, one: projected.append(one.detach()))
    twin(images.double())
    parts = [one.chunk(3, dim=2) for one in projected]
    expected = sum(peak(one) for part in parts for one in part), sum(peak(maps(q, k, 3)) for q, k, _ in parts)
    assert scored(network, images) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", ["eager", "sdpa"])
def test_transformers_encoder_of_tokens(kind: str) -> None:
    configuration = transformers.BertConfig(
        vocab_size=20,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=CLASSES,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation=kind,
    )
    network = seeded(transformers.BertForSequenceClassification, configuration)
    tokens = torch.randint(20, (3, 7), generator=torch.Generator().manual_seed(0))
    mask = torch.ones(3, 7, dtype=torch.int64)
    mask[0, 5:] = 0
    twin, kept = deepcopy(network).double(), dict[str, list[Tensor]]()
    for name in ("query", "key", "value"):
        for layer in twin.bert.encoder.layer:
            layer.attention.self.get_submodule(name).register_forward_hook(
                lambda _, given, one, name=name: kept.setdefault(name, []).append(one.detach())
            )
    twin(input_ids=tokens, attention_mask=mask)
    projections = sum(peak(one) for of_name in kept.values() for one in of_name)
    open_maps = 0.0
    for q, k in zip(kept["query"], kept["key"], strict=True):
        found = maps(q, k, 2) * mask[:, None, None, :]
        open_maps += peak(found / found.sum(dim=3, keepdim=True))
    inputs = {"input_ids": tokens, "attention_mask": mask}
    assert scored(network, inputs) == pytest.approx((projections, open_maps), rel=1e-6)


def test_projections_that_are_no_linear_layers_or_whose_weight_alone_is_used() -> None:
    sizes = {"n_embd": 8, "n_layer": 1, "n_head": 2, "vocab_size": 20, "num_labels": CLASSES, "pad_token_id": 0}
    network = seeded(transformers.GPT2ForSequenceClassification, transformers.GPT2Config(**sizes))
    tokens = torch.randint(1, 20, (3, 7), generator=torch.Generator().manual_seed(0))
    layer = network.transformer.h[0].attn.c_attn.double().eval()
    rows: list[Tensor] = []
    layer.register_forward_pre_hook(lambda _, given: rows.append(given[0].detach()))
    network.double().eval()(tokens)
    q, k, v = (rows[0] @ layer.weight + layer.bias).chunk(3, dim=2)
    for dropout in (one for one in network.modules() if isinstance(one, nn.Dropout)):
        dropout.p = 0.0
    assert scored(network, tokens)[0] == pytest.approx(peak(q) + peak(k) + peak(v), rel=1e-9)

    beit = seeded(
        lambda: timm.create_model("beit_base_patch16_224", img_size=32, depth=1, embed_dim=24, num_classes=CLASSES)
    )
    images = torch.randn(3, 3, 32, 32)
    given: list[Tensor] = []
    twin = deepcopy(beit).double()
    attention = twin.blocks[0].attn
    attention.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0].detach()))
    twin(images.double())
    bias = torch.cat((attention.q_bias, torch.zeros_like(attention.q_bias), attention.v_bias))
    q, k, v = F.linear(given[0], attention.qkv.weight, bias).chunk(3, dim=2)
    assert scored(beit, images)[0] == pytest.approx(peak(q) + peak(k) + peak(v), rel=1e-9)


def test_causal_attention_with_fewer_keys_than_queries() -> None:
    class Grouped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.q_proj, self.k_proj, self.v_proj = nn.Linear(8, 8), nn.Linear(8, 4), nn.Linear(8, 4)
            self.o_proj = nn.Linear(8, CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            q, k, v = (
                one(x).unflatten(2, (-1, 2)).transpose(1, 2) for one in (self.q_proj, self.k_proj, self.v_proj)
            )
            found = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
            logits: Tensor = self.o_proj(found.transpose(1, 2).flatten(2).mean(dim=1))
            return logits

    network, x = seeded(Grouped), torch.randn(3, 5, 8)
    twin = deepcopy(network).double()
    q, k, v = twin.q_proj(x.double()), twin.k_proj(x.double()), twin.v_proj(x.double())
    repeated = k.unflatten(2, (2, 2)).repeat_interleave(2, dim=2).flatten(2)
    found = maps(q, repeated, 4) * torch.ones(5, 5).tril()
    expected = peak(q) + peak(k) + peak(v), peak(found / found.sum(dim=3, keepdim=True))
    assert scored(network, x) == pytest.approx(expected, rel=1e-9)


def test_netlore_s_own_vision_transformers() -> None:
    (architecture,) = nl.sample(SPACES.get("autoformer")(num_classes=CLASSES, resolution=32), 1, seed=0)
    plan = plan_of(architecture)
    images = torch.randn(3, 3, 32, 32)
    twin = build_plan(plan, 0).double()
    given: list[Tensor] = []
    attentions = [module for module in twin.modules() if isinstance(module, Attention)]
    for one in attentions:
        one.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0].detach()))
    twin(images.double())
    parts = [(one.chunk(3, dim=2), module.heads) for one, module in zip(given, attentions, strict=True)]
    found = examine(PlanEngine(plan, 0, torch.device("cpu")), images, LABELS, resolve(BOTH), torch.float64)
    expected = sum(float(one.amax(dim=1).mean()) for part, _ in parts for one in part)
    assert float(found[BOTH[0]]) == pytest.approx(expected, rel=1e-9)
    of_maps = sum(float(maps(q, k, heads).amax(dim=1).mean()) for (q, k, _), heads in parts)
    assert float(found[BOTH[1]]) == pytest.approx(of_maps, rel=1e-9)


def test_networks_without_attention_have_none() -> None:
    found = nl.probe(small_network(), *images_and_labels(3, resolution=6), predictors=BOTH)
    assert found["attention_confidence"].reason.startswith("the network has no attention with projections")
    assert found["softmax_confidence"].reason == "the network has no attention maps"
