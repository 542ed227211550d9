"""What a training step spends on making its batch, and what the quick recipe's layout and number format bring.

    python benchmarks/training.py [--steps 12] [--repeats 3] [--threads 1]

Each ratio is of times measured one after the other in one run, on one machine: the fastest of several repeats of
each way. Batches are made of random images of CIFAR's size; what they show costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import torch.nn.functional as F
from timing import best_seconds, sizes
from torchvision import transforms

import netlore as nl
from netlore.executors.allocator import keep_freed_memory
from netlore.training.batches import Batches, Images
from netlore.training.optimizer import resolved_precision

NETWORKS = ("baseline/resnet-20", "paper/cifar10/synflow", "paper/cifar10/jacov")
IMAGES = 1_000


def images() -> Images:
    """Random images of CIFAR's size."""
    rng = np.random.default_rng(0)
    pixels = torch.from_numpy(rng.integers(0, 256, (IMAGES, 32, 32, 3), dtype=np.uint8))
    labels = torch.from_numpy(rng.integers(0, 10, IMAGES))
    return Images(pixels, labels, torch.full((3,), 0.5), torch.full((3,), 0.25))


def batch_maker(recipe: nl.Recipe) -> Callable[[int], object]:
    """Picks, normalises, crops and mirrors a batch as training does it."""
    batches = Batches(images(), recipe, seed=0, mirrors=True)
    return lambda step: batches.batch(0, step % len(batches))


def one_by_one(recipe: nl.Recipe) -> Callable[[int], object]:
    """Does the same by torchvision's transforms, image by image, as a data loader does it."""
    source = [transforms.functional.to_pil_image(one.permute(2, 0, 1)) for one in images().pixels]
    mirror = transforms.RandomHorizontalFlip()
    crop = transforms.RandomCrop(32, padding=recipe.padding)
    scale = transforms.Normalize((0.5,) * 3, (0.25,) * 3)
    transform = transforms.Compose([crop, mirror, transforms.ToTensor(), scale])
    size = recipe.batch_size
    return lambda step: torch.stack([transform(source[(step * size + i) % IMAGES]) for i in range(size)])


def learner(name: str, recipe: nl.Recipe) -> Callable[[int], object]:
    """Goes forward, backward and updates, the batch being there."""
    network = nl.build(nl.named(name), 10)
    if recipe.channels_last:
        network = network.to(memory_format=torch.channels_last)
    inputs, labels = Batches(images(), recipe, seed=0, mirrors=True).batch(0, 0)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9, nesterov=True)

    def step(_: int) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bf16"):
            loss = F.cross_entropy(network(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def milliseconds(work: Callable[[int], object], steps: int, repeats: int) -> float:
    """One step's time, in the fastest repeat."""
    work(0)
    return 1e3 * best_seconds(lambda: [work(step) for step in range(steps)], repeats) / steps


def main() -> None:
    """Measure, and print."""
    given = sizes(__doc__, steps=12, repeats=3, threads=1)
    torch.set_num_threads(given.threads)
    keep_freed_memory()
    timed = partial(milliseconds, steps=given.steps, repeats=given.repeats)
    quick = nl.recipe("quick").changed({"precision": resolved_precision(nl.recipe("quick"), "cpu")})
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, {given.threads} thread(s)")
    for name, recipe in (("paper", nl.recipe("paper")), ("quick", quick)):
        made, alone = timed(batch_maker(recipe)), timed(one_by_one(recipe))
        print(
            f"\n{name}: a batch of {recipe.batch_size} in {made:.1f} ms, {alone / made:.1f} times as fast as image"
        )
        print("by image with torchvision's transforms in the same process; of a whole step that is")
        for network in NETWORKS:
            learned = timed(learner(network, recipe))
            print(f"  {made / (made + learned):6.1%} of {made + learned:4.0f} ms, {network}")
    plain = quick.changed({"channels_last": False, "precision": "float32"})
    print("\nquick: a step, the batch being there, in times as fast as float32 with contiguous images")
    for network in NETWORKS:
        base = timed(learner(network, plain))
        last = timed(learner(network, plain.changed({"channels_last": True})))
        both = timed(learner(network, plain.changed({"channels_last": True, "precision": "bf16"})))
        print(f"  {base / last:4.2f} channels last, {base / both:4.2f} with bf16 too: {network}")


if __name__ == "__main__":
    main()
