"""docs/reliability-of-scores.md: how far one score of each predictor can be trusted, from stored scores.

    python -m paper.reliability docs/reliability-of-scores.md results

`results/reliability` has a folder for each study, as `netlore export RUN --format archive` writes them. A study
that is not finished is on the page with the factors that are complete. The shares of noise that commands print
beside scores go into the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from netlore.experiments.reliability import ReliabilityRun, stored_reliability
from netlore.experiments.reliability_config import recorded_reliability
from netlore.report.collect import made_with
from netlore.report.command_lines import reliability_command
from netlore.report.figures.figure import FigureSpec, png_bytes
from netlore.report.reliability.figures import reliability_figures
from netlore.report.reliability.tables import conditions_text, reliability_tables
from netlore.report.reliability.write import reliability_page
from netlore.report.tables.table import NamedTable
from netlore.report.text.phrases import join
from netlore.scoring.factors import CHANCE
from netlore.scoring.noise import KnownNoise, NoiseOfFamily, noise_document
from netlore.scoring.reliability import PredictorReliability
from netlore.storage.atomic import make_folder, write_whole
from paper.pages import parser, rendered

SHIPPED = Path(__file__).resolve().parents[1] / "src" / "netlore" / "scoring" / "bundled" / "noise.json"
DIGITS = 4
COMMAND = "python -m paper.reliability docs/reliability-of-scores.md results"


@dataclass(frozen=True, eq=False)
class Part:
    """One study on the page."""

    name: str
    run: ReliabilityRun

    @property
    def about(self) -> str:
        """Which networks, and what was varied."""
        return conditions_text(self.run)

    @property
    def notes(self) -> Sequence[str]:
        """What is not scored yet."""
        return reliability_page(self.run).notes

    @property
    def sentences(self) -> list[str]:
        """One for each predictor."""
        return [one.text for one in reliability_page(self.run).sentences]

    @property
    def tables(self) -> list[NamedTable]:
        """All that have rows."""
        return reliability_tables(self.run)

    @property
    def figures(self) -> list[FigureSpec]:
        """All that show something."""
        return reliability_figures(self.run)

    @property
    def command(self) -> str:
        """What does it again."""
        return reliability_command(self.run.configuration)


def main() -> None:
    """Write the document and its figures."""
    options = parser(__doc__, "out", "results").parse_args()
    folders = [path.parent for path in sorted((options.results / "reliability").glob("*/run.json"))]
    parts = [Part(folder.name, stored_reliability(folder)) for folder in folders]
    pictures = make_folder(options.out.parent / "figures")
    for part in parts:
        for figure in part.figures:
            write_whole(pictures / f"{picture(part, figure)}.png", png_bytes(figure.draw()))
    made = {key: value for folder in folders for key, value in made_with(recorded_reliability(folder)).items()}
    values = {"command": COMMAND, "parts": parts, "picture": picture, "made": sorted(made.items())}
    print(write_whole(options.out, rendered("reliability.md.j2", **values).encode()))
    print(write_whole(SHIPPED, noise_document(shares([part.run for part in parts])).encode()))


def shares(runs: Sequence[ReliabilityRun]) -> dict[str, NoiseOfFamily]:
    """The shares of noise by family, where all that is drawn was varied; of two studies that of more networks
    counts."""
    found: dict[str, NoiseOfFamily] = {}
    images: dict[tuple[str, str], int] = {}
    for run in sorted(runs, key=lambda run: run.found.networks):
        family = next(iter(run.found.tables.values())).rows[0].architecture.family
        known = {
            name: _known(one)
            for name, one in run.found.predictors.items()
            if one.noise is not None and one.factors.keys() >= {*CHANCE}
        }
        if not known:
            continue
        before = found[family].predictors if family in found else {}
        about, size = conditions_text(run), run.configuration.batch_size
        images |= dict.fromkeys(((family, name) for name in known), size)
        fewer = []
        for name, one in before.items():
            if name not in known:
                by = images[family, name]
                fewer.append(f"{name} ({one.networks}{'' if by == size else f', by {by} images'})")
        if fewer:
            about += f" Of fewer networks: {join(fewer)}."
        found[family] = NoiseOfFamily(about=about, predictors={**before, **known})
    return found


def _known(one: PredictorReliability) -> KnownNoise:
    share, low, high = (
        None if end is None else round(1 - end, DIGITS)
        for end in (one.reliability.value, one.reliability.high, one.reliability.low)
    )
    return KnownNoise(share=share or 0.0, low=low, high=high, networks=one.reliability.n)


def picture(part: Part, figure: FigureSpec) -> str:
    """The file of a figure."""
    return f"reliability-{figure.name}-{part.name}"


if __name__ == "__main__":
    main()
