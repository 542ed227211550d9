"""Make the tables of trained networks that netlore ships, from files of others: see
validation/bundled/DATA_CARD.md.

    python -m paper.make_benchmark_tables PATH_TO_NAS_FOLDER [--published results/validation/published]

The folder holds `nb201_accuracy.csv`, `nb201_hardware.parquet` and `transnas101_micro_tasks.csv`. Accuracies keep
all their digits; latencies and energies are rounded to float32, which keeps seven. The same input gives the same
files, byte for byte (with one version of pyarrow, which writes its version into them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from netlore.storage.atomic import make_folder, write_whole
from paper.pages import parser

BUNDLED = Path(__file__).resolve().parents[1] / "src" / "netlore" / "validation" / "bundled"
NAS_BENCH_201 = {
    "cifar10_valid": "cifar10-validation",
    "cifar10_test": "cifar10-test",
    "cifar10_test_12epochs": "cifar10-test-12-epochs",
    "cifar100_test": "cifar100-test",
    "imagenet16_120_test": "imagenet16-120-test",
}
"""Columns of the source, and what they are called in the table."""
SUITE_ZERO = (
    *("epe_nas", "fisher", "flops", "grad_norm", "grasp", "jacov", "l2_norm", "nwot", "params", "plain", "snip"),
    *("synflow", "zen"),
)
FREEREA = ("naswot", "log10_synflow", "logsynflow", "linear_regions")


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all tables and print their sizes and checksums for the data card."""
    line = parser(__doc__, "folder")
    line.add_argument("--out", type=Path, default=BUNDLED, help="folder to write to (default: the package's own)")
    line.add_argument("--published", type=Path, help="folder for scores that others published (default: none)")
    options = line.parse_args(arguments)
    _write(tables(options.folder), options.out)
    if options.published is not None:
        _write(published(options.folder), options.published)


def _write(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    make_folder(folder)
    for name, frame in frames.items():
        content = encoded(frame)
        write_whole(folder / f"{name}.parquet", content)
        print(f"{name}.parquet: {len(frame):,} rows, {len(content):,} bytes, {sha256(content).hexdigest()}")


def tables(folder: Path) -> Mapping[str, pd.DataFrame]:
    """By name, with a row for each architecture, in the order of their strings."""
    accuracies = pd.read_csv(folder / "nb201_accuracy.csv").set_index("index")
    hardware = pd.read_parquet(folder / "nb201_hardware.parquet").set_index("index").loc[accuracies.index]
    hardware = hardware.astype("float32").rename(columns=_hardware_name)
    tasks = pd.read_csv(folder / "transnas101_micro_tasks.csv").rename(columns={"arch": "architecture"})
    named = accuracies.rename(columns={"arch_str": "architecture", **NAS_BENCH_201})
    return {
        "nas-bench-201": _sorted(named[["architecture", *NAS_BENCH_201.values()]]),
        "nas-bench-201-hardware": _sorted(hardware.assign(architecture=named["architecture"])),
        "transnas-bench-101-micro": _sorted(tasks),
    }


def published(folder: Path) -> Mapping[str, pd.DataFrame]:
    """Scores of the same networks by NAS-Bench-Suite-Zero (Krishnakumar et al. 2022) and FreeREA (Cavagnero et al.
    2023), those that netlore has, too; seven digits of each."""
    found = {}
    for data, file in (("cifar10", "cifar10"), ("cifar100", "cifar100"), ("imagenet16-120", "imagenet16")):
        table = pd.read_csv(folder / f"nb201_zc_scores_{file}.csv").rename(columns={"arch_str": "architecture"})
        # Not every table has every score.
        found[f"suite-zero-{data}"] = table[["architecture", *(name for name in SUITE_ZERO if name in table)]]
    scenes = pd.read_csv(folder / "transnas101_micro_classscene.csv")
    strings = [_transnas_string(text) for text in scenes["naslib_ops"]]
    found["suite-zero-class-scene"] = scenes.assign(architecture=strings)[["architecture", *SUITE_ZERO]]
    free = pd.read_parquet(folder / "nb201_freerea_scores.parquet").rename(columns={"arch_str": "architecture"})
    named = (f"{score}_{data}" for score in FREEREA for data in ("c10", "c100", "im16"))
    kept = [name for name in named if name in free]  # regions are not counted for all data
    found["freerea"] = free[["architecture", "params_m", *kept]]
    rounded = {"architecture": str} | dict.fromkeys((*SUITE_ZERO, "params_m", *kept), "float32")
    return {
        name: _sorted(table.astype({str(key): rounded[str(key)] for key in table}))
        for name, table in found.items()
    }


def _transnas_string(operations: str) -> str:
    """The benchmark's string of operations.

    >>> _transnas_string("(2, 3, 1, 0, 3, 3)")
    '64-41414-2_31_033'
    """
    digits = "".join(sign for sign in operations if sign.isdigit())
    return f"64-41414-{digits[0]}_{digits[1:3]}_{digits[3:]}"


def _hardware_name(column: str) -> str:
    """`edgegpu_latency_cifar10` as `cifar10-edgegpu-latency`.

    >>> _hardware_name("eyeriss_arithmetic_intensity_imagenet16_120")
    'imagenet16-120-eyeriss-arithmetic-intensity'
    """
    for data in ("cifar100", "cifar10", "imagenet16_120"):
        if column.endswith(f"_{data}"):
            return f"{data}_{column.removesuffix(f'_{data}')}".replace("_", "-")
    raise ValueError(f"{column} is of no data set of NAS-Bench-201.")


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """Architectures first, in the order of their strings, which makes the file smaller."""
    rest = [name for name in frame if name != "architecture"]
    return frame[["architecture", *rest]].sort_values("architecture", ignore_index=True)


def encoded(frame: pd.DataFrame) -> bytes:
    """A Parquet file: architectures by what they share with the one before, numbers by a dictionary or as they
    are."""
    numbers = [str(name) for name in frame if name != "architecture"]
    few = [name for name in numbers if frame[name].nunique() < len(frame) / 2]
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False, nthreads=1),
        sink,
        compression="zstd",
        compression_level=19,
        use_dictionary=few,
        column_encoding={"architecture": "DELTA_BYTE_ARRAY"},
        store_schema=False,
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content


if __name__ == "__main__":
    main()
