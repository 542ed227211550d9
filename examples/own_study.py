"""A study of one's own: a sample and two refinements, reported together. Takes a few seconds."""

from pathlib import Path
from tempfile import TemporaryDirectory

from netlore.experiments.study.config import StudyConfiguration, planned
from netlore.report.text.summary import summary
from netlore.study import study

if __name__ == "__main__":
    mine = StudyConfiguration(
        title="What synflow and logdet prefer in small networks",
        data=("digits",),
        flops=(1e6, 4e6),
        predictors=("synflow", "logdet"),
        sizes={"small": {"sample": 60, "networks": 20, "batch_size": 16, "round_limit": 4}},
    )
    with TemporaryDirectory() as folder:
        made = study(planned(mine, "small"), Path(folder))
        print(*(one.text for one in summary(made.findings)), sep="\n")
        print(f"Wrote {len(made.files)} files, the page first: {made.files[0].name}")
