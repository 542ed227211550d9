"""Is a designed network better than a random one of the same budget, and as good as ResNet-20 at half its cost?

    python benchmarks/design.py FOLDER [--data digits images odd] [--cifar FILE] [--seeds 5] [--predictor NAME]

For each data set and seed three networks are trained by one recipe over as many epochs: what `netlore design`
ends in within half of the parameters and FLOPs of ResNet-20, a network drawn at random from the same part of the
design space within that budget, and ResNet-20. Data: scikit-learn's digits; 5,000 pictures of CIFAR-10 as a
folder, judged by its test images; and 1,200 odd pictures (`odd_images.py`), judged by as many others. Everything
is kept in FOLDER, and the same command goes on with it; the errors are the last thing that it prints, as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from odd_images import write_odd_images

RESNET = "baseline/resnet-20"
IMAGES = 500
"""Of each class of CIFAR-10."""
ODD = 300
"""Of each class of odd pictures."""


def main() -> None:
    """Make the data, train what is missing, and print the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--data", nargs="+", choices=["digits", "images", "odd"], default=["digits", "images", "odd"]
    )
    parser.add_argument("--cifar", type=Path, default=Path("../shared/data/cifar"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--predictor")
    given = parser.parse_args()
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for seed in range(given.seeds):
        for name in given.data:
            errors = compared(given.folder, name, seed, given.cifar, given.predictor)
            found.setdefault(name, {})[str(seed)] = errors
            print(name, "seed", seed, errors, flush=True)
    print(json.dumps(found, indent=2))


def compared(folder: Path, name: str, seed: int, cifar: Path, predictor: str | None) -> dict[str, Any]:
    """Errors in percent of the designed, the random and the known network, and what the first costs."""
    from netlore.design import run_design
    from netlore.experiments.design import planned_design
    from netlore.experiments.design_config import DesignConfiguration
    from netlore.experiments.train import train_run
    from netlore.experiments.train_config import configured
    from netlore.space.complexity import complexity
    from netlore.space.named import named
    from netlore.space.sampling import sample

    data, validation = made(folder / "data", name, cifar)
    known = complexity(named(RESNET), 4 if name == "odd" else 10, 32)
    asked: dict[str, Any] = {"data": data, "seed": seed}
    asked |= {"validation": validation} if validation else {}
    asked |= {"flops": (0.0, known.flops / 2), "params": (0.0, known.params / 2)}
    asked |= {"skip_bad": True} if name == "odd" else {}
    asked |= {"predictor": predictor} if predictor else {}
    chosen = planned_design(DesignConfiguration(**asked))
    run = run_design(chosen, folder / f"{name}-{predictor or 'usual'}-{seed}")
    errors = {"designed": run.data.record.error, "flops": run.data.measures["flops"]}
    errors["params"] = run.data.measures["params"]
    (drawn,) = sample(run.data.study.refinements[0].first.space, 1, seed=(seed, 7))
    table, how = chosen.recipe, chosen.reading.given()
    for what, one in (("random", drawn.to_json()), (RESNET, RESNET)):
        same = configured(
            one, data, table.recipe, table.epochs, table.changes, validation=validation, seed=seed, **how
        )
        place = folder / f"{name}-{what.rpartition('/')[2]}-{seed}"
        errors[what] = train_run(same, place).records[0].error
    return errors


def made(folder: Path, name: str, cifar: Path) -> tuple[str, str | None]:
    """Where pictures to learn from and to judge by are; written if they are not there."""
    if name == "digits":
        return name, None
    place, judge = folder / name, folder / f"{name}-validation"
    if name == "odd":
        for number, one in enumerate((place, judge)):
            if not one.is_dir():
                write_odd_images(one, ODD, seed=number)
    else:
        for one, file, images in ((place, "cifar10-train-20k", IMAGES), (judge, "cifar10-test", 1_000)):
            if not one.is_dir():
                write_pictures(cifar / f"{file}.parquet", one, images)
    return str(place), str(judge)


def write_pictures(file: Path, folder: Path, images: int) -> None:
    """The first pictures of each class of a Parquet file as a folder of PNG files."""
    import numpy as np
    from PIL import Image

    from netlore.data import load

    found = load(str(file))
    for label, name in enumerate(found.class_names):
        place = folder / name
        place.mkdir(parents=True)
        chosen = np.flatnonzero(found.labels == label)[:images]
        for number, pixels in enumerate(found.images.read(chosen)):
            Image.fromarray(pixels).save(place / f"{number:04}.png")


if __name__ == "__main__":
    main()
