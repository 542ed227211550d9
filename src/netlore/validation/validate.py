"""validate(): networks of a benchmark, scored, and judged by their accuracies."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from netlore.analysis.resampling import RESAMPLES
from netlore.arguments import validated
from netlore.data import ReadingOptions, task
from netlore.executors import Workers
from netlore.scoring.examination import Predictors
from netlore.scoring.scorer import Progress, score
from netlore.storage.score_store import Store
from netlore.validation.accuracies import sampled
from netlore.validation.benchmark import BENCHMARKS, Benchmark
from netlore.validation.result import Validation, judged


@validated
def validate(
    benchmark: str | Benchmark = "nas-bench-201",
    data: str = "cifar10",
    predictors: Predictors = "all",
    networks: int = 500,
    draws: int = 1,
    seed: int = 0,
    *,
    target: str = "",
    connected: bool = False,
    distinct: bool = False,
    images: str = "",
    batch_size: int = 64,
    data_seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    resamples: int = RESAMPLES,
    progress: Progress | None = None,
    **how: Unpack[ReadingOptions],
) -> Validation:
    """Find out how well predictors rank the trained networks of a benchmark.

    Args:
        benchmark: A name of `netlore list benchmarks`, or a benchmark.
        data: What its networks were trained on.
        predictors: Names, predictors, or "all" for the paper's seven.
        networks: How many networks to draw, each at most once; all if there are not as many.
        draws: Initialisations of each; with two or more, the share of initialisation is found, too.
        seed: Decides networks, initial weights and resamples.
        target: Which accuracy; the benchmark's usual one if none is named.
        connected: Leave out networks with operations on no way from input to output.
        distinct: Leave out all but one of networks that compute the same function.
        images: The data set of netlore to show; if not given, that of the benchmark's data, or what stands in for
            it.
        batch_size: Images in the batch.
        data_seed: Decides which images.
        store: A store, or a folder for one; see `score`.
        workers: Processes or an executor; see `score`.
        dtype: Precision; see `score`.
        device: A torch device.
        resamples: For bootstrap intervals, of networks.
        progress: Called with the numbers of networks scored and to score.
        how: How pictures are read; see `task`.

    Returns:
        `frame` has a row for each predictor, FLOPs, parameters, depth and layers; `networks` one for each network.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit.
    """
    found = BENCHMARKS.get(benchmark) if isinstance(benchmark, str) else benchmark
    about, _ = found.of(data, target)
    drawn = sampled(found, data, target, networks, seed, connected, distinct)
    shown = task(images or about.images, batch_size, data_seed, **how)
    architectures = [one for one in drawn.architectures for _ in range(draws)]
    table = score(architectures, predictors, shown, seed, store, workers, dtype, device, progress)
    return judged(drawn, table, resamples=resamples, seed=seed)
