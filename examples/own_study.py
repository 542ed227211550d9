"""A study of one's own: a sample and two refinements, reported together. Takes a few seconds."""

from pathlib import Path
from tempfile import TemporaryDirectory

import netlore as nl

if __name__ == "__main__":
    mine = nl.StudyConfiguration(
        title="What synflow and logdet prefer in small networks",
        data=("digits",),
        flops=(1e6, 4e6),
        predictors=("synflow", "logdet"),
        sizes={"small": {"sample": 60, "networks": 20, "batch_size": 16, "round_limit": 4}},
    )
    with TemporaryDirectory() as folder:
        made = nl.run_study(nl.planned(mine, "small"), Path(folder))
        print(made.plan.title)
        for name, principles in made.principles.items():
            print(name, principles)
        print(f"Wrote {len(made.files)} files, the page first: {made.files[0].name}")
