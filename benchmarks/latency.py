"""How well do tables predict latency on this machine, and how well do FLOPs rank it?

    python benchmarks/latency.py [--networks 100] [--held-out 50] [--rounds 24] [--seed 0] [--alone 1]

For onnxruntime and torch, one thread and one image: a table is made of networks of the paper's space with 10 to 50
MFLOPs, as `netlore latency --table` makes it, and judged by 50 others. Measurements are kept in the cache that the
command uses, so what was measured there is not measured again. With `alone`, each different convolution is
measured by itself as well, and the sum of a network's convolutions predicts the same networks: as it is, and with
a factor, a time for each convolution and one for each network that are fitted to the networks of the table.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import warnings
from collections import Counter

import numpy as np
import torch
from scipy.optimize import nnls
from timing import sizes

import netlore as nl
from netlore.data.sources.torchvision import cache_folder
from netlore.latency.kept import machine, measured
from netlore.latency.runtimes import RUNTIMES, runner
from netlore.latency.tables import WITHIN, latency_table
from netlore.latency.timing import RUNS, Setting, in_turns
from netlore.networks import build_plan
from netlore.space.family import plan_of
from netlore.space.outline import lines_of
from netlore.space.plan import Chain, Layer, relu

Shape = tuple[int, ...]


def main() -> None:
    """Measure, and print some lines for each runtime."""
    options = sizes(__doc__, networks=100, held_out=50, rounds=24, seed=0, alone=1)
    warnings.simplefilter("ignore")
    space, cache = nl.anynet(flops=(10e6, 50e6)), cache_folder() / "latency"
    drawn = nl.sample(space, options.networks + options.held_out, options.seed)
    shapes = [shapes_of(one) for one in drawn]
    for runtime in RUNTIMES:
        how = {"networks": options.networks, "held_out": options.held_out, "rounds": options.rounds}
        found = latency_table(space, runtime, seed=options.seed, cache=cache, **how)
        about, number = machine(Setting(runtime)), len(found.measured)
        print(f"{runtime}: {about['processor']}, {about['versions']}, 1 thread, 1 image, {options.rounds} rounds")
        print(f"  {found.measured.min():.2f} to {found.measured.max():.2f} ms")
        said(f"table of {options.networks} networks", found.predicted, found.measured)
        print(
            f"  rank correlation with what was measured (Spearman, {number} networks): "
            f"{found.rank_correlation:.3f} of the table, {found.rank_correlation_of_flops:.3f} of FLOPs",
            flush=True,
        )
        if options.alone:
            times = measured(drawn, Setting(runtime), options.rounds, cache)
            compare_with_sums(shapes, times, options.networks, runtime)


def said(what: str, predicted: np.ndarray, taken: np.ndarray) -> None:
    """Print how near predictions are."""
    errors = np.abs(predicted / taken - 1)
    right = int((errors <= WITHIN).sum())
    print(f"  {what}: {right} of {len(taken)} within 20 %, median error {np.median(errors):.1%}", flush=True)


def shapes_of(one: nl.Architecture) -> Counter[Shape]:
    """The different convolutions of a network, with their input's side, and how often each is there."""
    found: Counter[Shape] = Counter()
    for line in lines_of(plan_of(one.family, one.values, 10, 3), 32):
        layer = line.layer
        if layer.kind == "convolution":
            sizes_of = (layer.w_in, layer.w_out, layer.kernel, layer.stride, layer.groups, line.resolution)
            found[tuple(map(int, sizes_of))] += line.times
    return found


def compare_with_sums(shapes: list[Counter[Shape]], times: np.ndarray, networks: int, runtime: str) -> None:
    """Predict by sums of convolutions that are measured alone, with batch norm and ReLU."""
    different = sorted({shape for one in shapes for shape in one})
    runs = [runner(build_plan(alone(shape)), images(shape), runtime, 1) for shape in different]
    each = np.min([processor.min(axis=1) for _, processor in in_turns(runs, 1, 3)], axis=0)
    by_shape = dict(zip(different, each, strict=True))
    sums = np.asarray([sum(by_shape[shape] * count for shape, count in one.items()) for one in shapes])
    columns = np.column_stack([sums, [one.total() for one in shapes], np.ones(len(shapes))])
    factors, _ = nnls(columns[:networks] / times[:networks, np.newaxis], np.ones(networks))
    said(f"sum of {len(different)} convolutions alone, {3 * RUNS} runs each", sums[networks:], times[networks:])
    said("the same, fitted", columns[networks:] @ factors, times[networks:])


def alone(shape: Shape) -> Chain:
    """A convolution with batch norm and ReLU."""
    w_in, w_out, kernel, stride, groups, _ = shape
    norm = Layer("batch_norm", w_out, w_out)
    return Chain((Layer("convolution", w_in, w_out, kernel, stride, groups), norm, relu(w_out)))


def images(shape: Shape) -> torch.Tensor:
    """One input of a convolution."""
    return torch.randn(1, shape[0], shape[-1], shape[-1], generator=torch.Generator().manual_seed(0))


if __name__ == "__main__":
    main()
