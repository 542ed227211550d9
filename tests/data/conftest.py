"""Small data sets of every layout, and the way to the real ones."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from netlore.data.image_set import Indices
from netlore.data.sources.parquet import RowGroup

REPOSITORY = Path(__file__).resolve().parents[2]
CIFAR = REPOSITORY / "../shared/data/cifar"


def png(pixels: np.ndarray) -> bytes:
    """The PNG file of an image, shape (H, W) or (H, W, 3), uint8."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


def picture(index: int, width: int = 4, height: int = 4) -> bytes:
    """An image of its own for every index."""
    return png(np.random.default_rng(index).integers(0, 256, (height, width, 3), dtype=np.uint8))


WriteParquet = Callable[..., Path]


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows of Parquet files are read, reading by reading, while a test runs."""
    read: list[int] = []
    encoded = RowGroup.encoded

    def counting(self: RowGroup, rows: Indices) -> list[bytes | None]:
        read.append(len(rows))
        return encoded(self, rows)

    monkeypatch.setattr(RowGroup, "encoded", counting)
    return read


@pytest.fixture
def write_parquet(tmp_path: Path) -> WriteParquet:
    """Writes a file in the layout of Hugging Face; what is not given is made up."""

    def write(
        labels: Sequence[int | None],
        pictures: Sequence[bytes | None] | None = None,
        names: Sequence[str] | None = None,
        columns: tuple[str, str] = ("img", "label"),
        file: str = "data.parquet",
        label_type: pa.DataType | None = None,
        row_group_size: int = 3,
    ) -> Path:
        files = [picture(i) for i in range(len(labels))] if pictures is None else pictures
        kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        images = pa.array([{"bytes": data, "path": None} for data in files], type=kind)
        table = pa.table({columns[0]: images, columns[1]: pa.array(labels, type=label_type or pa.int64())})
        if names is not None:
            features = {columns[1]: {"names": list(names), "_type": "ClassLabel"}}
            table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, row_group_size=row_group_size)
        return path

    return write


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    """Two classes, "cat" with 5 and "ant" with 3 images of 4 x 4 pixels."""
    for number, (name, count) in enumerate([("cat", 5), ("ant", 3)]):
        folder = tmp_path / "animals" / name
        folder.mkdir(parents=True)
        for index in range(count):
            (folder / f"{index}.png").write_bytes(picture(10 * number + index))
    return tmp_path / "animals"


@pytest.fixture(scope="session")
def cifar() -> Path:
    """The folder of the real CIFAR files."""
    if not CIFAR.is_dir():
        pytest.skip("the CIFAR parquet files are not next to this repository (../shared/data/cifar)")
    return CIFAR


@pytest.fixture
def png_of() -> Callable[[int, int], bytes]:
    """Makes the PNG file of an image of a number of pixels in width and height."""
    return lambda width, height: picture(0, width, height)
