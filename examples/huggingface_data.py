"""A data set of Hugging Face's `datasets`, saved to a folder and read without a network: needs the extra
`huggingface`. One of the hub, or of its cache, is `nl.task("huggingface/OWNER/NAME")`."""

import io
import tempfile
from pathlib import Path

import datasets
import numpy as np
from PIL import Image

import netlore as nl


def picture(angle: float) -> dict[str, bytes | None]:
    """A PNG file of waves that run at an angle."""
    y, x = np.mgrid[:32, :32]
    waves = np.sin(x * np.cos(angle) + y * np.sin(angle))
    pixels = np.repeat((127.5 * (waves + 1)).astype(np.uint8)[..., None], 3, axis=2)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return {"bytes": stream.getvalue(), "path": None}


def main() -> None:
    """Make waves of four directions, save them as `datasets` does, and score three networks on them."""
    datasets.disable_progress_bars()
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["east", "north-east", "north", "north-west"]),
        }
    )
    labels = [number % 4 for number in range(64)]
    rows = {"image": [picture(label * np.pi / 4 + 0.01 * n) for n, label in enumerate(labels)], "label": labels}
    with tempfile.TemporaryDirectory() as folder:
        datasets.Dataset.from_dict(rows, features).save_to_disk(str(Path(folder) / "waves"))
        task = nl.task(str(Path(folder) / "waves"), batch_size=32, seed=0)
    print(f"{task.batch_size} images of {task.num_classes} classes")
    space = nl.anynet(num_classes=task.num_classes, flops=(1e6, 10e6))
    print(nl.score(nl.sample(space, 3, seed=0), ("synflow", "jacov"), task).wide[["flops", "synflow", "jacov"]])


if __name__ == "__main__":
    main()
