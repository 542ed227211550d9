"""Score any torch module, here two residual networks, before a single step of training."""

import torch
from torch import nn
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock

import netlore as nl


def network(depth: int) -> nn.Module:
    """A residual network of four stages with `depth` blocks each, and the same weights each time."""
    torch.manual_seed(0)
    return ResNet(BasicBlock, [depth] * 4, num_classes=10)


def main() -> None:
    """Print a row per predictor and a column per network."""
    task = nl.task("cifar10", batch_size=16)
    shallow, deep = (nl.probe(network(depth), task.images, task.labels) for depth in (1, 2))
    print(f"{'predictor':<12} {'one block':>12} {'two blocks':>12}")
    for name in shallow:
        print(f"{name:<12} {float(shallow[name]):>12.5g} {float(deep[name]):>12.5g}")


if __name__ == "__main__":
    main()
