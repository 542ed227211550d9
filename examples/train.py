"""From principles to a trained network: refine, pick, train, and take it away as one Python module.

Needs the extra: pip install 'netlore[train]'. A few epochs on scikit-learn's digits are enough to see it learn.
"""

import tempfile
from pathlib import Path

import netlore as nl
from netlore.export import write_python
from netlore.training.checkpoints import CHECKPOINT, weights_of


def main() -> None:
    """Do it all with small networks, so that it takes half a minute."""
    task = nl.task("digits", batch_size=32, seed=0)
    space = nl.anynet(num_classes=10, flops=(1e6, 4e6))
    refined = nl.refine(space, "synflow", task, networks=24, seed=0, round_limit=3)
    best = nl.pick(refined, task, networks=10).architecture
    print("picked:", best)

    data = nl.training_data("digits")
    recipe = nl.recipe("quick").changed({"epochs": 6, "batch_size": 64})
    with tempfile.TemporaryDirectory() as folder:
        record = nl.train(best, data, recipe, Path(folder), seed=0)
        for one in record.epochs:
            print(f"epoch {one.epoch}: loss {one.loss:.3f}, validation error {one.error:.1f} %")
        network = nl.TrainedNetwork(
            architecture=best,
            weights=weights_of(Path(folder) / CHECKPOINT),
            class_names=data.class_names,
            resolution=data.resolution,
            mean=tuple(data.training.mean.tolist()),
            std=tuple(data.training.std.tolist()),
            facts={"data": "digits", "error": f"{record.error:.1f} %"},
        )
        for path in write_python(network, Path(folder)):
            print("wrote", path.name, f"({path.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
