"""Is a designed network better than a random one of the same budget, and as good as ResNet-20 at half its cost?

    python benchmarks/design.py FOLDER [--data digits images odd] [--seeds 5] [--epochs N] [--predictor NAME]
        [--cifar FOLDER] [--results FILE]

For each data set and seed three networks are trained by one recipe over as many epochs, those that a design
chooses if no number is given: what `netlore design` ends in within half of the parameters and FLOPs of ResNet-20,
a network drawn at random from the same part of the design space within that budget, and ResNet-20. Data: digits
of scikit-learn; 5,000 pictures of CIFAR-10 as a folder, judged by 2,000 of its test images; and 1,200 odd pictures
(`odd_images.py`), judged by as many others.

Everything is kept in FOLDER, and each error as a line of FILE, so that the same command goes on with either. The
last thing that it prints is a table. Intervals are Student's, at 95 %, for mean differences over seeds.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from odd_images import write_odd_images
from scipy import stats

RESNET = "baseline/resnet-20"
DESIGNED, RANDOM, KNOWN = "designed", "random", "resnet-20"
IMAGES, JUDGES = 500, 200
"""Of each class of CIFAR-10, to learn from and to judge by."""
ODD = 300
"""Of each class of odd pictures."""
NAMES = {"digits": "digits", "images": "5,000 images of CIFAR-10", "odd": "1,200 odd pictures"}


def main() -> None:
    """Make the data, train what is missing, and print the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", nargs="+", choices=[*NAMES], default=[*NAMES])
    parser.add_argument("--cifar", type=Path, default=Path("../shared/data/cifar"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--predictor")
    parser.add_argument("--results", type=Path, default=Path("results/design/errors.jsonl"))
    given = parser.parse_args()
    for seed in range(given.seeds):
        for name in given.data:
            key = {"data": name, "seed": seed, "predictor": given.predictor, "asked": given.epochs}
            there = [one["network"] for one in stored(given.results) if one.items() >= key.items()]
            for found in compared(given.folder, key, given.cifar, there):
                with given.results.open("a") as lines:
                    lines.write(json.dumps(key | found) + "\n")
                print(key | found, flush=True)
    print("\n".join(table(stored(given.results), given.data)))


def stored(results: Path) -> list[dict[str, Any]]:
    """What was found before."""
    return [json.loads(line) for line in results.read_text().splitlines()] if results.is_file() else []


def compared(folder: Path, key: dict[str, Any], cifar: Path, there: list[str]) -> Iterator[dict[str, Any]]:
    """Errors in percent of the designed, the random and the known network, and what each costs."""
    from netlore.design import run_design
    from netlore.experiments.design import planned_design
    from netlore.experiments.design_config import DesignConfiguration
    from netlore.experiments.train import train_run
    from netlore.experiments.train_config import configured
    from netlore.space.complexity import complexity
    from netlore.space.named import named
    from netlore.space.sampling import sample

    if {DESIGNED, RANDOM, KNOWN} <= {*there}:
        return
    name, seed = key["data"], key["seed"]
    data, validation = made(folder / "data", name, cifar)
    sizes = (4 if name == "odd" else 10, 32)
    known = complexity(named(RESNET), *sizes)
    asked: dict[str, Any] = {"data": data, "seed": seed, "skip_bad": name == "odd"}
    more = {"validation": validation, "predictor": key["predictor"], "epochs": key["asked"]}
    asked |= {what: one for what, one in more.items() if one is not None}
    asked |= {"flops": (0.0, known.flops / 2), "params": (0.0, known.params / 2)}
    chosen = planned_design(DesignConfiguration(**asked))
    place = folder / "-".join(str(one) for one in key.values() if one is not None)
    if DESIGNED not in there:
        run = run_design(chosen, place / DESIGNED)
        cost = {what: run.data.measures[what] for what in ("flops", "params")}
        alone = {str(one.configuration.make_architecture()): one.records[0].error for one in run.data.finalists}
        more = {"architecture": str(run.data.architecture), "picked": str(run.data.picked), "finalists": alone}
        record = run.data.record
        yield {"network": DESIGNED, "error": record.error, "epochs": len(record.epochs), **cost, **more}
    whole = chosen.plan().parts[0].configuration
    (drawn,) = sample(whole.make_space(whole.make_task()), 1, seed=(seed, 7))
    how = chosen.recipe
    for what, one in ((RANDOM, drawn), (KNOWN, named(RESNET))):
        if what not in there:
            settings = (data, how.recipe, how.epochs, how.changes)
            more = {"validation": validation, "seed": seed, **chosen.reading.given()}
            record = train_run(configured(one.to_json(), *settings, **more), place / what).records[0]
            cost = complexity(one, *sizes)
            costs = {"flops": cost.flops, "params": cost.params, "architecture": str(one)}
            yield {"network": what, "error": record.error, "epochs": len(record.epochs), **costs}


def table(rows: list[dict[str, Any]], data: list[str]) -> Iterator[str]:
    """Markdown: mean errors, differences with their intervals, and what designed networks cost."""
    titles = ("data", "epochs", "seeds", DESIGNED, RANDOM, "ResNet-20", "below random", "above ResNet-20")
    yield f"| {' | '.join(titles)} | FLOPs, parameters |"
    yield "|---" * (len(titles) + 1) + "|"
    for name in data:
        for number in sorted({one["epochs"] for one in rows if one["data"] == name}):
            some = [one for one in rows if (one["data"], one["epochs"]) == (name, number)]
            found = {
                what: {one["seed"]: one for one in some if one["network"] == what}
                for what in (DESIGNED, RANDOM, KNOWN)
            }
            seeds = sorted(set.intersection(*(set(one) for one in found.values())))
            if len(seeds) < 2:
                continue
            errors = {what: np.asarray([one[seed]["error"] for seed in seeds]) for what, one in found.items()}
            shares = [
                np.mean([found[DESIGNED][s][of] / found[KNOWN][s][of] for s in seeds])
                for of in ("flops", "params")
            ]
            yield " | ".join(
                (
                    f"| {NAMES[name]} | {number} | {len(seeds)}",
                    *(f"{errors[what].mean():.1f}" for what in (DESIGNED, RANDOM, KNOWN)),
                    interval(errors[RANDOM] - errors[DESIGNED]),
                    interval(errors[DESIGNED] - errors[KNOWN]),
                    f"{shares[0]:.0%}, {shares[1]:.0%} |",
                )
            )


def interval(differences: Any) -> str:
    """The mean, and Student's interval."""
    if np.ptp(differences) == 0:
        return f"{differences[0]:.1f}"
    found = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    return f"{differences.mean():.1f} [{found.low:.1f}, {found.high:.1f}]"


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
        for one, file, images in ((place, "cifar10-train-20k", IMAGES), (judge, "cifar10-test", JUDGES)):
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
