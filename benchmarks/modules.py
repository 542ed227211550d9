"""How much faster are modules scored than by running every predictor in its own pass?

    python benchmarks/modules.py [--networks 8] [--batch-size 64] [--repeats 1] [--grasp 30]

Two other ways: `naive` (`benchmarks/naive.py`), as the public implementations do it, and `five lines`, the
shortest honest autograd for each predictor, on the module itself, in float32 but for synflow, without needless
backward passes. Modules are AnyNets sampled with a fixed seed, two of them by name, and torchvision's at 64x64.
Times are from one run on one thread; each way has a process of its own and scores a network before the clock
starts.
At the end, grasp alone against a double backward on that many modules.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import naive
import numpy as np
import torch
import torchvision
from timing import best_seconds, sizes
from torch import Tensor, nn
from torch.nn import functional as F

import netlore as nl
from netlore.executors.processes import Processes
from netlore.scoring.predictor import PAPER

NAMED = {"depthwise": "paper/cifar10/fisher", "group width 1": "paper/cifar10/logdet"}
TORCHVISION = ("resnet18", "mobilenet_v2", "resnext50_32x4d", "densenet121")
OTHERS = (
    *("alexnet", "convnext_tiny", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "mnasnet0_5", "mnasnet1_0"),
    *("mobilenet_v3_large", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf", "resnet34", "resnet50"),
    *(
        "shufflenet_v2_x0_5",
        "shufflenet_v2_x1_0",
        "squeezenet1_0",
        "squeezenet1_1",
        "vgg11",
        "vgg11_bn",
        "vit_b_32",
    ),
    *("swin_t", "wide_resnet50_2"),
)


@dataclass(frozen=True)
class Case:
    """A module and its batch, by name, so that it travels to other processes."""

    name: str
    architecture: nl.Architecture | None
    batch_size: int

    def made(self) -> tuple[nn.Module, Tensor, Tensor]:
        """The module in training mode, without dropout; images and labels."""
        torch.manual_seed(0)
        network = self._network().train()
        for module in network.modules():
            if isinstance(module, nn.modules.dropout._DropoutNd | torchvision.ops.StochasticDepth):
                module.p = 0.0
        resolution = 32 if self.architecture is not None else 64
        images = torch.randn(self.batch_size, 3, resolution, resolution)
        return network, images, torch.randint(10, (self.batch_size,))

    def _network(self) -> nn.Module:
        if self.architecture is not None:
            return nl.build(self.architecture, 10)
        options = {"image_size": 64} if self.name.startswith("vit") else {}
        options |= {"aux_logits": False, "init_weights": True} if self.name == "googlenet" else {}
        network: nn.Module = getattr(torchvision.models, self.name)(num_classes=10, **options)
        return network


def five_lines(name: str, network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """One predictor by plain autograd."""
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    weights = [layer.weight for layer in layers]
    if name == "synflow":
        return naive.score(name, network, images, labels)
    if name == "logdet":
        return _logdet(network, images)
    if name == "jacov":
        images = images.clone().requires_grad_(True)
        (rows,) = torch.autograd.grad(network(images).sum(), images)
        values = torch.linalg.eigvalsh(torch.corrcoef(rows.flatten(1).double()))
        return float(-((values + 1e-5).log() + 1 / (values + 1e-5)).sum())
    if name == "fisher":
        return _fisher(network, images, labels)
    gradients = torch.autograd.grad(
        F.cross_entropy(network(images), labels), weights, create_graph=name == "grasp"
    )
    if name == "grad_norm":
        return float(sum(gradient.norm() for gradient in gradients))
    if name == "snip":
        return float(sum((w.detach() * g).abs().sum() for w, g in zip(weights, gradients, strict=True)))
    product = sum((gradient * gradient.detach()).sum() for gradient in gradients)
    second = torch.autograd.grad(product, weights)
    return float(-sum((w.detach() * h).sum() for w, h in zip(weights, second, strict=True)))


def _fisher(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    outputs: list[tuple[nn.Module, Tensor]] = []
    layers = [one for one in network.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    hooks = [one.register_forward_hook(lambda layer, _, y: outputs.append((layer, y))) for one in layers]
    # A ReLU that works in place would overwrite the outputs; copies are what a hook can keep.
    hooks += [one.register_forward_hook(lambda _, __, y: y.clone()) for one in layers]
    loss = F.cross_entropy(network(images), labels)
    for hook in hooks:
        hook.remove()
    total = 0.0
    gradients = torch.autograd.grad(loss, [y for _, y in outputs])
    for (layer, y), gradient in zip(outputs, gradients, strict=True):
        product = y.detach() * gradient
        sums = product.flatten(2).sum(2) if product.ndim > 2 else product
        total += float(0.5 * sums.square().mean(0).sum() * layer.weight[0].numel())
    return total


def _logdet(network: nn.Module, images: Tensor) -> float:
    kernel = torch.zeros(len(images), len(images))

    def count(_: nn.Module, __: object, output: Tensor) -> None:
        on = (output.flatten(1) > 0).float()
        kernel.add_(on @ on.T + (1 - on) @ (1 - on.T))

    hooks = [one.register_forward_hook(count) for one in network.modules() if isinstance(one, nn.ReLU | nn.ReLU6)]
    with torch.no_grad():
        network(images)
    for hook in hooks:
        hook.remove()
    return float(torch.linalg.slogdet(kernel.double())[1])


@dataclass(frozen=True)
class Timing:
    """Prepares a process to time modules in one way."""

    way: Callable[[str, nn.Module, Tensor, Tensor], object]
    names: tuple[str, ...]
    repeats: int

    def __call__(self) -> Callable[[Case], float]:
        """The function that gives seconds."""
        torch.set_num_threads(1)

        def seconds(case: Case) -> float:
            made = case.made()
            return sum(best_seconds(partial(self.way, name, *made), self.repeats) for name in self.names)

        return seconds


def probed(names: str, network: nn.Module, images: Tensor, labels: Tensor) -> object:
    """All at once by netlore."""
    return nl.probe(network, images, labels, names.split())


def compared(cases: list[Case], ways: dict[str, Timing]) -> list[tuple[float, ...]]:
    """A row for each module: seconds of each way, and those of the others by those of the last one."""
    ratios = []
    workers = {name: Processes(1) for name in ways}
    print(f"{'module':20}" + "".join(f"{name:>12}" for name in ways) + "  ratios", flush=True)
    try:
        for case in [cases[0], *cases]:  # the first one to get warm
            try:
                found = [next(workers[name].run(way, [case]))[1] for name, way in ways.items()]
            except RuntimeError as error:  # torch has no second derivative of some operations
                print(f"{case.name:20}  {error}", flush=True)
                continue
            ratios.append(tuple(one / found[-1] for one in found[:-1]))
            if len(ratios) > 1:
                row = "".join(f"{one:12.2f}" for one in found) + "".join(f"{one:8.1f}" for one in ratios[-1])
                print(f"{case.name:20}{row}", flush=True)
    finally:
        for worker in workers.values():
            worker.close()
    means, lowest = np.exp(np.log(ratios[1:]).mean(axis=0)), np.min(ratios[1:], axis=0)
    for name, mean, low in zip(ways, means, lowest, strict=False):
        print(f"against {name}: geometric mean {mean:.1f}, lowest {low:.1f}")
    return ratios[1:]


def main() -> None:
    """Measure, and print a row per module and the geometric means."""
    options = sizes(__doc__, networks=8, batch_size=64, repeats=1, grasp=30)
    versions = f"netlore {nl.__version__}, torch {torch.__version__}, {platform.machine()}"
    print(f"{versions}, {torch.backends.cpu.get_cpu_capability()}, one thread, {options.batch_size} images")
    drawn = nl.sample(nl.anynet(flops=(10e6, 50e6)), options.networks, seed=0) if options.networks else []
    named = {f"sample {i}": one for i, one in enumerate(drawn)} | {n: nl.named(a) for n, a in NAMED.items()}
    anynets = [Case(name, one, options.batch_size) for name, one in named.items()]
    usual = [Case(name, None, options.batch_size) for name in TORCHVISION]
    seven, repeats = PAPER, options.repeats
    ways = {
        "naive": Timing(naive.score, seven, repeats),
        "five lines": Timing(five_lines, seven, repeats),
        "netlore": Timing(probed, (" ".join(seven),), repeats),
    }
    print("seconds for all seven predictors")
    compared(anynets, ways)
    compared(usual, ways)
    print("seconds for grasp alone")
    others = [Case(name, None, options.batch_size) for name in OTHERS]
    alone = [*usual, *anynets, *others][: options.grasp]
    grasp = {"five lines": Timing(five_lines, ("grasp",), repeats), "netlore": Timing(probed, ("grasp",), repeats)}
    compared(alone, grasp)


if __name__ == "__main__":
    main()
