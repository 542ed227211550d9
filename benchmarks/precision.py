"""How far are scores in float32 from those in float64?

    python benchmarks/precision.py [--networks 50] [--batch-size 64] [--workers 1]

Networks are drawn from the paper's space with a fixed seed; the paper's 14 searched ones, most of them deep, come
in a second table. For each predictor: the median and the largest relative deviation |S32 - S64| / |S64|, how many
scores have the wrong sign, and the rank correlation (Kendall's tau and Spearman's rho) of the two. The tables are
Markdown; synflow is float64 in both and is left out. Below each, how grasp compares with its limit.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from scipy.stats import kendalltau, spearmanr
from timing import sizes

import netlore as nl
from netlore.space.named import names

PREDICTORS = ("grad_norm", "snip", "grasp", "grasp_limit", "fisher", "jacov", "logdet")


def table(architectures: Sequence[nl.Architecture], task: nl.Task, workers: int) -> str:
    """Score in both precisions; a row per predictor."""
    single, double = (
        nl.score(architectures, PREDICTORS, task, workers=workers, dtype=dtype).wide
        for dtype in ("float32", "float64")
    )
    lines = [
        "| predictor | median deviation | largest | wrong sign | Kendall's tau | Spearman's rho |",
        "|---|---|---|---|---|---|",
    ]
    for name in PREDICTORS:
        ours, exact = single[name].to_numpy(float), double[name].to_numpy(float)
        deviations = np.abs(ours - exact) / np.abs(exact)
        lines.append(
            f"| `{name}` | {np.nanmedian(deviations):.1e} | {np.nanmax(deviations):.1e} "
            f"| {int((np.sign(ours) != np.sign(exact)).sum())} of {len(ours)} "
            f"| {kendalltau(ours, exact, nan_policy='omit').statistic:.4f} "
            f"| {spearmanr(ours, exact, nan_policy='omit').statistic:.4f} |"
        )
    grasp, limit = double["grasp"].to_numpy(float), double["grasp_limit"].to_numpy(float)
    agree = int((np.sign(grasp) == np.sign(limit)).sum())
    sizes = np.quantile(np.abs(grasp / limit), [0.25, 0.5, 0.75])
    return "\n".join(
        [
            *lines,
            "",
            f"grasp next to grasp_limit, in float64: the same sign for {agree} of {len(grasp)} networks, "
            f"Kendall's tau {kendalltau(grasp, limit, nan_policy='omit').statistic:.2f}; "
            f"|grasp / grasp_limit| has the quartiles {', '.join(f'{size:.3g}' for size in sizes)}",
        ]
    )


def main() -> None:
    """Print both tables."""
    options = sizes(__doc__, networks=50, batch_size=64, workers=1)
    task = nl.task("cifar10", batch_size=options.batch_size)
    print(f"netlore {nl.__version__}, torch {torch.__version__}, {platform.machine()}, {task.batch_size} images")
    drawn = nl.sample(nl.anynet(flops=(10e6, 50e6)), options.networks, seed=0)
    print(f"\n{options.networks} networks sampled from the paper's space:\n")
    print(table(drawn, task, options.workers))
    searched = [nl.named(name) for name in names() if name.startswith("paper/")]
    print(f"\nThe paper's {len(searched)} searched networks:\n")
    print(table(searched, task, options.workers))


if __name__ == "__main__":
    main()
