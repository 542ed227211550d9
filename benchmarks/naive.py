"""Each predictor in its own pass on its own copy of the network, the way the public implementations do it.

Written from the definitions, without any of netlore's means of saving time, for comparison only: modules as torch
builds them, tensors in torch's default layout, one forward pass a predictor, GraSP by two forward passes and a
double backward, synaptic flow in float64 with all weight gradients, the codes of every ReLU kept until the end of
its call.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

Naive = Callable[[nn.Module, Tensor, Tensor], float]


def _layers(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def _backward(network: nn.Module, images: Tensor, labels: Tensor) -> None:
    network.zero_grad()
    F.cross_entropy(network(images), labels).backward()


def grad_norm(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over layers of the norm of the weight gradient."""
    _backward(network, images, labels)
    return float(sum(layer.weight.grad.norm() for layer in _layers(network)))


def snip(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum of |W dL/dW|."""
    _backward(network, images, labels)
    return float(sum((layer.weight.detach() * layer.weight.grad).abs().sum() for layer in _layers(network)))


def grasp(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum of -W (H g): a pass for g, a second one for the product with the Hessian."""
    weights = [layer.weight for layer in _layers(network)]
    first = torch.autograd.grad(F.cross_entropy(network(images), labels), weights)
    second = torch.autograd.grad(F.cross_entropy(network(images), labels), weights, create_graph=True)
    product = sum((a.detach() * b).sum() for a, b in zip(first, second, strict=True))
    product.backward()
    return float(sum((-weight.detach() * weight.grad).sum() for weight in weights))


def synflow(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum of |W dR/dW| of the network of absolute values, in float64, without batch norm."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.forward = lambda x: x  # type: ignore[method-assign]
    with torch.no_grad():
        for value in network.state_dict().values():
            value.abs_()
    network.double().zero_grad()
    network(torch.ones((1, *images.shape[1:]), dtype=torch.float64)).sum().backward()
    return float(sum((layer.weight.detach() * layer.weight.grad).abs().sum() for layer in _layers(network)))


def fisher(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Per channel 0.5 * mean of squared sums of a * dL/da, times the fan-in."""
    scores: list[Tensor] = []

    def listen(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        def take(gradient: Tensor) -> None:
            product = output.detach() * gradient
            sums = product.flatten(2).sum(2) if product.ndim > 2 else product
            scores.append(0.5 * sums.square().mean(0).sum() * layer.weight[0].numel())

        output.register_hook(take)

    for layer in _layers(network):
        layer.register_forward_hook(listen)
    _backward(network, images, labels)
    return float(sum(scores))


def jacov(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Eigenvalues of the correlations of the input Jacobian's rows, after a backward pass to everything."""
    images = images.clone().requires_grad_(True)
    outputs = network(images)
    outputs.backward(torch.ones_like(outputs))
    eigenvalues = np.linalg.eigvalsh(np.corrcoef(images.grad.flatten(1).double().numpy()))
    return float(-np.sum(np.log(eigenvalues + 1e-5) + 1 / (eigenvalues + 1e-5)))


def logdet(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Agreements of the ReLUs' codes, by hooks on the ReLUs, after a backward pass as in the public script."""
    kernel = np.zeros((len(images), len(images)))

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        on = (output.flatten(1) > 0).float()
        kernel[:] += (on @ on.T + (1 - on) @ (1 - on.T)).numpy()

    images = images.clone().requires_grad_(True)
    outputs = network(images)
    outputs.backward(torch.ones_like(outputs))
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(count)
    with torch.no_grad():
        network(images)
    return float(np.linalg.slogdet(kernel)[1])


PREDICTORS: dict[str, Naive] = {
    "grad_norm": grad_norm,
    "snip": snip,
    "grasp": grasp,
    "synflow": synflow,
    "fisher": fisher,
    "jacov": jacov,
    "logdet": logdet,
}


def score(name: str, network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """One predictor on a copy of its own; the copy counts, as it does there."""
    own = copy.deepcopy(network)
    own.train()
    return PREDICTORS[name](own, images, labels)
