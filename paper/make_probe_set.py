"""Make the probe sets that netlore ships: small, balanced choices of CIFAR-10 and CIFAR-100 training images.

    python -m paper.make_probe_set PATH_TO_CIFAR_FOLDER

The folder holds `cifar10-train-20k.parquet` and `cifar100-train-20k.parquet` in the layout of Hugging Face. Image
bytes are kept as they are; the same input gives the same files, byte for byte (with one version of pyarrow, which
writes its version into them).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from netlore.data.sources.pictures import decode
from paper.pages import parser

SEED = 0
BUNDLED = Path(__file__).resolve().parents[1] / "src" / "netlore" / "data" / "bundled"


CHOICES = {"cifar10": ("label", 64), "cifar100": ("fine_label", 6)}
"""The column of labels, and how many images of each class to take."""


def choose_rows(table: pa.Table, label: str, images_a_class: int, seed: int) -> list[int]:
    """Choose rows, balanced over the classes of a label column and in random order, no two with equal pixels.

    Each class is walked through in random order; an image whose pixels were taken before is passed over.

    Raises:
        ValueError: A class has too few different images.
    """
    rng = np.random.default_rng(seed)
    labels = table.column(label).to_numpy()
    pictures = table.column("img").combine_chunks().field("bytes")
    chosen: dict[bytes, int] = {}  # rows, by their pixels
    for one in np.unique(labels):
        wanted = len(chosen) + images_a_class
        for row in rng.permutation(np.flatnonzero(labels == one)):
            chosen.setdefault(decode(pictures[row].as_py()).tobytes(), int(row))
            if len(chosen) == wanted:
                break
        else:
            raise ValueError(f"class {one} of {label} has fewer than {images_a_class} different images.")
    return [int(row) for row in rng.permutation([*chosen.values()])]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make both probe sets and print their sizes and checksums for the data card."""
    line = parser(__doc__, "folder")
    line.add_argument("--out", type=Path, default=BUNDLED, help="folder to write to (default: the package's own)")
    options = line.parse_args(arguments)
    sources = {name: options.folder / f"{name}-train-20k.parquet" for name in CHOICES}
    for path in sources.values():
        if not path.is_file():
            line.error(f"{options.folder} must hold {path.name}, but does not; give the folder that does.")
    options.out.mkdir(parents=True, exist_ok=True)
    for name, path in sources.items():
        table, target = pq.read_table(path), options.out / f"{name}-probe.parquet"
        chosen = table.take(choose_rows(table, *CHOICES[name], SEED)).combine_chunks()
        # The images are compressed already; without dictionaries and statistics there is less that could vary.
        pq.write_table(chosen, target, compression="NONE", use_dictionary=False, write_statistics=False)
        data = target.read_bytes()
        print(f"{hashlib.sha256(data).hexdigest()}  {target.name}  {len(data)} bytes")


if __name__ == "__main__":
    main()
