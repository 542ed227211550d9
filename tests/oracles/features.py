"""Slow definitions of predictors of features, each written from its formula."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.kinds.blocks import blocks_of
from tests.scoring.kinds.seen import found_by, twin

Batch = tuple[Tensor, Tensor]


def normal(count: int, side: int, channels: int = 3, seed: int = 0) -> Tensor:
    """The N(0, 1) images that all networks see."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, channels, side, side, generator=generator, dtype=torch.float32).double()


def returned(network: nn.Module, images: Tensor) -> list[tuple[str, nn.Module, Any]]:
    """Each call of a module in its order: its name, itself, a copy of what it returned."""
    found: list[tuple[str, nn.Module, Any]] = []
    for name, module in network.named_modules():
        module.register_forward_hook(lambda m, _, y, name=name: found.append((name, m, y.clone())))
    network(images)
    return found


def features_with_graph(network: nn.Module, side: int) -> tuple[list[str], list[Tensor]]:
    """What the first block is given, if a layer made it, and what blocks return, of one graph."""
    copy, names, found = twin(network), list[str](), list[Tensor]()
    for name, block in blocks_of(copy).items():

        def before(module: nn.Module, given: Any) -> Any:
            if not found and given[0].requires_grad:
                names.append("stem")
                found.append(given[0].clone())
                return (found[0].clone(),)
            return None

        def behind(module: nn.Module, given: Any, one: Any, name: str = name) -> Any:
            if not found or one.ndim == found[-1].ndim:
                names.append(name)
                found.append(one.clone())
                return found[-1].clone()
            return one

        block.register_forward_pre_hook(before)
        block.register_forward_hook(behind)
    copy(normal(64, side))
    return names, found


def entropies(network: nn.Module, side: int) -> list[float]:
    """By the definition: a covariance entry by entry, a solver for general matrices."""
    found = []
    for feature in features_with_graph(network, side)[1]:
        channels = feature.detach().transpose(0, 1).flatten(1).numpy()
        less = channels - channels.mean(axis=1, keepdims=True)
        matrix = np.array([[float(np.mean(a * b)) for b in less] for a in less])
        values = np.clip(np.linalg.eigvals(matrix).real, 0, None)
        p = values / values.sum()
        found.append(-math.fsum(one * math.log(one + 1e-8) for one in p))
    return found


def expressivity(network: nn.Module, batch: Batch) -> float:
    """The sum of entropies."""
    return math.fsum(entropies(network, batch[0].shape[-1]))


def progressivity(network: nn.Module, batch: Batch) -> float:
    """The least difference of two that follow each other."""
    found = entropies(network, batch[0].shape[-1])
    return min(later - earlier for earlier, later in itertools.pairwise(found))


def trainability(network: nn.Module, batch: Batch) -> float:
    """By one outer product for each image and position."""
    _, features = features_with_graph(network, batch[0].shape[-1])
    generator, scores = torch.Generator().manual_seed(2**31), []
    for earlier, later in itertools.pairwise(features):
        signs = torch.randint(0, 2, later.shape, generator=generator).double() * 2 - 1
        (gradient,) = torch.autograd.grad((later * signs).sum(), earlier, retain_graph=True)
        stride = gradient.shape[2] // signs.shape[2]
        total = np.zeros((gradient.shape[1] * stride**2, signs.shape[1]))
        for n in range(len(signs)):
            for i in range(signs.shape[2]):
                for j in range(signs.shape[3]):
                    rows = slice(i * stride, (i + 1) * stride), slice(j * stride, (j + 1) * stride)
                    total += np.outer(gradient[n, :, *rows].flatten().numpy(), signs[n, :, i, j].numpy())
        s = float(np.linalg.norm(total / signs[:, 0].numel(), ord=2))
        scores.append(2 - s - 1 / (s + 1e-6))
    return float(np.mean(scores))


def with_normal_weights(network: nn.Module, batch: Batch) -> nn.Module:
    """A copy with the weights that zen draws, biases 0, batch norms as they begin."""
    copy, view = twin(network), nl.View(inputs="normal", initialisation="normal", images=16)
    (weights,) = found_by(nl.layer_weights(view), network, batch)
    with torch.no_grad():
        for name, one in weights.items():
            copy.get_parameter(name).copy_(one)
        for module in copy.modules():
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                module.bias.zero_()
            if isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
                module.momentum = 0.1
    return copy


def pooled(network: nn.Module, images: Tensor) -> Tensor:
    """What networks of these tests pool."""
    parts: Any = network
    found: Tensor = (
        parts[:-2](images)
        if isinstance(network, nn.Sequential)
        else parts.stage(torch.relu(parts.stem(images))).relu()
    )
    return found


def distance(network: nn.Module, batch: Batch) -> float:
    """The logarithm of the mean over images of sums of absolute differences; norms keep what they found."""
    side = batch[0].shape[-1]
    x, change = normal(16, side), normal(16, side, seed=2**31)
    assert abs(np.corrcoef(x.flatten(), change.flatten())[0, 1]) < 0.1  # seeds count in their last 32 bits alone
    with torch.no_grad():
        difference = pooled(network, x) - pooled(network, x + 0.01 * change)
    return math.log(float(np.mean([float(one.abs().sum()) for one in difference])))


def zen(network: nn.Module, batch: Batch) -> float:
    """With variances of x, channel by channel."""
    copy, scales = with_normal_weights(network, batch), list[float]()

    def look(module: nn.Module, given: Any) -> None:
        deviations = [np.std(given[0][:, c].numpy()) for c in range(given[0].shape[1])]
        scales.append(math.sqrt(np.mean(np.square(deviations))))

    for module in copy.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.register_forward_pre_hook(look)
    with torch.no_grad():
        pooled(copy, normal(16, batch[0].shape[-1]))
    return distance(with_normal_weights(network, batch), batch) + math.fsum(map(math.log, scales))


def zen_as_coded(network: nn.Module, batch: Batch) -> float:
    """With what torch's batch norms keep."""
    copy = with_normal_weights(network, batch)
    found = distance(copy, batch)
    kept = [float(one.running_var.mean()) for one in copy.modules() if isinstance(one, nn.BatchNorm2d)]
    return found + sum(math.log(math.sqrt(one)) for one in kept)


def least(rows: np.ndarray) -> float:
    """The smallest real part of the eigenvalues of correlations, by a solver for general matrices."""
    return float(np.linalg.eigvals(np.atleast_2d(np.corrcoef(rows))).real.min())


def meco(network: nn.Module, batch: Batch) -> float:
    """Modules without children that are no identity."""
    total = 0.0
    for _, module, output in returned(twin(network), normal(1, 64)):
        rows = output[0].detach().flatten(1).numpy() if output.ndim == 4 else np.zeros((1, 1))
        if any(True for _ in module.children()) or isinstance(module, nn.Identity | nn.Sequential):
            continue
        if rows.shape[0] < rows.shape[1]:
            varied = rows[rows.std(axis=1) > 0]
            total += least(varied) if len(varied) else 0.0
    return total


def meco_as_coded(network: nn.Module, batch: Batch) -> float:
    """All modules; correlations that are not numbers are 0."""
    total = 0.0
    for _, _, output in returned(twin(network), normal(1, 64)):
        first = output[0].detach().reshape(len(output[0]), -1)
        if first.shape[1] > 1:
            with np.errstate(invalid="ignore", divide="ignore"):
                matrix = np.nan_to_num(np.atleast_2d(np.corrcoef(first.numpy())), posinf=0, neginf=0)
            total += float(np.linalg.eigvals(matrix).real.min())
    return total


def near(network: nn.Module, batch: Batch) -> float:
    """The first call of each module with a weight or of nn.ReLU."""
    generator, found = torch.Generator().manual_seed(2**31), dict[str, float]()
    for name, module, output in returned(twin(network), normal(64, batch[0].shape[-1])):
        if name in found or not (hasattr(module, "weight") or isinstance(module, nn.ReLU)):
            continue
        rows = output.detach().permute(0, 2, 3, 1).flatten(0, 2) if output.ndim == 4 else output.detach()
        channels = rows.shape[1]
        start = int(torch.randint(max(0, len(rows) - channels) + 1, (), generator=generator))
        values = np.linalg.svd(rows[start : start + channels].numpy(), compute_uv=False)
        p = values / (values.sum() or 1.0)
        found[name] = math.exp(-math.fsum(one * math.log(one) for one in p if one > 0)) if p.any() else 0.0
    return math.fsum(found.values())


def intrain(network: nn.Module, batch: Batch) -> float:
    """Participation ratios by eigenvalues, gradients by autograd."""
    copy, sums, layers = twin(network), 0.0, 0
    images, labels = normal(64, 64), batch[1][torch.arange(64) % len(batch[1])]
    for _, module, output in returned(twin(network), images):
        if isinstance(module, nn.Conv2d | nn.Linear):
            values = np.linalg.eigvalsh(np.cov(output.detach().transpose(0, 1).flatten(1).numpy(), bias=True))
            sums += math.log(values.sum() ** 2 / (values**2).sum())
            layers += 1
    F.cross_entropy(copy(images), labels).backward()
    evenness = 0.0
    for module in copy.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            g = module.weight.grad.numpy()
            evenness += min(1.0, float(g.std() / (np.abs(g).max() + 1e-8)))
    return sums * (1 + evenness) / math.log(layers + 1)


ORACLES: dict[str, Callable[[nn.Module, Batch], float]] = {
    "expressivity": expressivity,
    "progressivity": progressivity,
    "trainability": trainability,
    "zen": zen,
    "zen_as_coded": zen_as_coded,
    "meco": meco,
    "meco_as_coded": meco_as_coded,
    "near": near,
    "intrain": intrain,
}
