"""How much memory does probing take, by that of one training step of the same module?

    python benchmarks/memory.py [--resolution 224] [--batch-size 32]

Five of torchvision's modules; each number is the highest resident memory (`VmHWM`, so on Linux) of a process of
its own, libraries and the module included. The step is one of SGD with momentum, after a forward and a backward
pass with cross-entropy; probing is all seven predictors at once. One thread; dropout as torchvision has it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import multiprocessing
import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
import torchvision
from timing import sizes, timed
from torch import Tensor, nn
from torch.nn import functional as F

MODELS = ("resnet50", "densenet121", "efficientnet_b0", "vit_b_32", "mobilenet_v2")


def training_step(network: nn.Module, images: Tensor, labels: Tensor) -> None:
    """One step of SGD with momentum."""
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    F.cross_entropy(network(images), labels).backward()
    optimizer.step()


def probing(network: nn.Module, images: Tensor, labels: Tensor) -> None:
    """All seven predictors; what netlore imports counts, too."""
    import netlore as nl

    nl.probe(network, images, labels)


def measured(way: Callable[..., None], name: str, resolution: int, batch_size: int) -> tuple[float, float]:
    """Megabytes at the peak, and seconds, of a fresh process."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options = {"image_size": resolution} if name.startswith("vit") else {}
    network = getattr(torchvision.models, name)(num_classes=10, **options).train()
    if name.startswith("vit"):
        nn.init.normal_(network.heads.head.weight)  # zeros as it comes, behind which nothing has a gradient
    batch = torch.randn(batch_size, 3, resolution, resolution), torch.randint(10, (batch_size,))
    seconds, _ = timed(lambda: way(network, *batch))
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmHWM")), seconds


def alone(way: Callable[..., None], *how: object) -> tuple[float, float]:
    """The same, in a process that does nothing else."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measured, way, *how).result()


def main() -> None:
    """Measure, and print a row per module."""
    options = sizes(__doc__, resolution=224, batch_size=32)
    size = f"{options.batch_size} images of {options.resolution} pixels"
    print(f"torch {torch.__version__}, {platform.machine()}, one thread, {size}; peaks in MB")
    print(f"{'module':20}{'step':>8}{'probe':>8}{'ratio':>7}{'seconds':>16}")
    for name in MODELS:
        how = (name, options.resolution, options.batch_size)
        (step, seconds), (probe, longer) = alone(training_step, *how), alone(probing, *how)
        print(f"{name:20}{step:8.0f}{probe:8.0f}{probe / step:7.2f}{seconds:8.1f}{longer:8.1f}", flush=True)


if __name__ == "__main__":
    main()
