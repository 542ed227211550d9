"""Tables of benchmarks, which are not part of this repository, and how other packages count."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from netlore.space.layer import Extent
from netlore.space.plan import Layer
from netlore.space.totals import Complexity

FOLDER = Path(__file__).parents[3] / "../shared/data/nas"


def table(name: str) -> pd.DataFrame:
    """A table of that folder, in which strings of digits stay strings; without it, the test is skipped."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"../shared/data/nas/{name} is not there")
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype={"arch": str})


def as_tensorwatch(layer: Layer, before: Extent, after: Extent) -> Complexity:
    """FLOPs as NASLib's scores have them, by the package tensorwatch.

    They are multiply-adds of convolutions and, without biases, linear layers; and for each output twice for batch
    norm, once for ReLU, kernel * kernel times for pools. A pool over a whole image of side r counts (r + 1)^2.
    """
    outputs = layer.w_out * after.positions
    flops = {
        "convolution": layer.flops(after),
        "linear": layer.w_in * layer.w_out,
        "batch_norm": 2 * outputs,
        "relu": outputs,
        "avg_pool": layer.kernel**2 * outputs,
        "global_pool": layer.w_in * (before.side + 1) ** 2,
    }
    return Complexity(flops.get(layer.kind, 0), layer.params, layer.activations(after))
