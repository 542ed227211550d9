"""Write how well scores predict accuracy, from stored scores, beside what others published.

    python -m paper.validation docs/validation.md results

Of the folders in `results`, `validation` holds runs of `netlore validate`, or archives of them; in its folder
`published` lie scores of the same networks by others, which `python -m paper.make_benchmark_tables` makes, and in
`notes.toml` what is known of differences. Nothing is scored. Figures go to `figures` next to the document.
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.rank_agreement import kendall_samples, spearman_samples
from netlore.analysis.resampling import Statistic, resampled_counts, statistic_of
from netlore.experiments.record import recorded
from netlore.experiments.validate import ValidateRun, stored_validation
from netlore.report.collect import made_with
from netlore.report.figures.figure import FigureSpec, png_bytes
from netlore.report.sampled import transform_of
from netlore.report.tables.table import NamedTable, named_table
from netlore.report.validation.command import validate_command
from netlore.report.validation.data import ValidationData
from netlore.report.validation.figures import validation_figures
from netlore.report.validation.tables import MAIN, validation_tables
from netlore.report.validation.write import validation_summary
from netlore.storage.atomic import make_folder, write_whole
from netlore.validation.judgement import failures_last
from paper.pages import parser, rendered

COMMAND = "python -m paper.validation docs/validation.md results"
TABLES = (*MAIN, "rank-correlation-dropped", "initialisation")
"""Tables of a run that the page has."""
FIGURES = ("validation-kendall", "validation-regret")
"""Figures of a run that the page has."""
FEWEST = 30
"""Networks in common from which on published scores are compared."""


@dataclass(frozen=True)
class Published:
    """Scores that others published.

    Attributes:
        file: Its table in `published`: `architecture` and a column per score.
        source: Whose they are.
        benchmark, data: Of the networks.
        columns: By the name of netlore's quantity, the column that is meant to be the same.
    """

    file: str
    source: str
    benchmark: str
    data: str
    columns: Mapping[str, str]


_SAME = ("fisher", "grad_norm", "grasp", "jacov", "snip", "synflow", "flops", "params", "epe_nas", "l2_norm")
_NASLIB = {name: name for name in (*_SAME, "plain", "zen")} | {"logdet": "nwot", "zen_as_coded": "zen"}


def _freerea(data: str) -> dict[str, str]:
    names = {"logdet": "naswot", "synflow": "log10_synflow", "synflow_log_gradient": "logsynflow"}
    of_data = {name: f"{column}_{data}" for name, column in (names | {"linear_regions": "linear_regions"}).items()}
    return of_data | {"params": "params_m"}


_SUITE, _FREE, _SPACE = "NAS-Bench-Suite-Zero", "FreeREA", "nas-bench-201"
PUBLISHED = (
    Published("suite-zero-cifar10", _SUITE, _SPACE, "cifar10", _NASLIB),
    Published("suite-zero-cifar100", _SUITE, _SPACE, "cifar100", _NASLIB),
    Published("suite-zero-imagenet16-120", _SUITE, _SPACE, "imagenet16-120", _NASLIB),
    Published("suite-zero-class-scene", _SUITE, "transnas-bench-101-micro", "class_scene", _NASLIB),
    Published("freerea", _FREE, _SPACE, "cifar10", _freerea("c10")),
    Published("freerea", _FREE, _SPACE, "cifar100", _freerea("c100")),
    Published("freerea", _FREE, _SPACE, "imagenet16-120", _freerea("im16")),
)


@dataclass(frozen=True)
class Comparison:
    """One quantity by netlore and by others, on the same networks; failures of either rank last there.

    Attributes:
        source, quantity: Whose, and which.
        ours, theirs, difference: Kendall with accuracy, and ours less theirs.
        spearman, their_spearman, spearman_difference: Likewise.
        alike, spearman_alike: Kendall and Spearman between the two scores.
        failed, their_failed: Networks without a score.
        note: What is known of the difference.
    """

    source: str
    quantity: str
    ours: Statistic
    theirs: Statistic
    difference: Statistic
    spearman: Statistic
    their_spearman: Statistic
    spearman_difference: Statistic
    alike: Statistic
    spearman_alike: Statistic
    failed: int
    their_failed: int
    note: str = ""

    @property
    def beyond_noise(self) -> bool:
        """Whether the interval of the difference does not hold 0."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True)
class Part:
    """One run on the page."""

    name: str
    data: ValidationData
    comparisons: tuple[Comparison, ...]

    @property
    def tables(self) -> list[NamedTable]:
        """Those of the page, and the one beside others."""
        found = [table for table in validation_tables(self.data) if table.name in TABLES]
        return [*found, compared_table(self)] if self.comparisons else found

    @property
    def figures(self) -> list[FigureSpec]:
        """Those of the page."""
        return [figure for figure in validation_figures(self.data) if figure.name in FIGURES]


def main() -> None:
    """Write the document and its figures."""
    options = parser(__doc__, "out", "results").parse_args()
    base = options.results / "validation"
    notes = tomllib.loads((base / "notes.toml").read_text()) if (base / "notes.toml").is_file() else {}
    folders = [path.parent for path in sorted(base.glob("*/run.json"))]
    parts = [part_of(folder, base / "published", notes) for folder in folders]
    pictures = make_folder(options.out.parent / "figures")
    for part in parts:
        for figure in part.figures:
            write_whole(pictures / f"{picture(part, figure)}.png", png_bytes(figure.draw()))
    made = {key: value for folder in folders for key, value in made_with(recorded(folder)).items()}
    print(write_whole(options.out, document(parts, made).encode()))


def picture(part: Part, figure: FigureSpec) -> str:
    """The file of a figure."""
    return f"{figure.name}-{part.name}"


def document(parts: Sequence[Part], made: Mapping[str, str]) -> str:
    """The whole page."""
    different = [(part, one) for part in parts for one in part.comparisons if one.beyond_noise]
    return rendered(
        "validation.md.j2",
        command=COMMAND,
        parts=parts,
        picture=picture,
        summary=validation_summary,
        differences=[
            f"{one.quantity} of {one.source}, {part.data.found.accuracies.title}: {difference_text(one)}"
            for part, one in different
        ],
        compared=sum(len(part.comparisons) for part in parts),
        commands=[shlex.join(validate_command(part.data.run.configuration)) for part in parts],
        sources=list(dict.fromkeys(part.data.found.accuracies.source for part in parts)),
        made=sorted(made.items()),
    )


def difference_text(one: Comparison) -> str:
    """A difference with its interval, and what is known of it."""
    value, low, high = one.difference[:3]
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]. {one.note or 'Not explained.'}"


def part_of(folder: Path, published: Path, notes: Mapping[str, Mapping[str, str]]) -> Part:
    """A run's folder or archive, judged again and compared with what is published."""
    run = stored_validation(folder)
    data = ValidationData(run, {one.name: transform_of(one.name) for one in run.found.predictors})
    return Part(folder.name, data, tuple(comparisons(run, published, notes)))


def comparisons(run: ValidateRun, published: Path, notes: Mapping[str, Mapping[str, str]]) -> Iterator[Comparison]:
    """Every quantity of a run that others published, too, of enough of its networks.

    Notes are by quantity, then by source, or source and data: `[logdet] "FreeREA, cifar10" = "..."`.
    """
    asked, found = run.configuration, run.found
    strings = [one.string for one in found.accuracies.architectures]
    ours = {one.name: one.scores for one in found.judgements}
    for other in PUBLISHED:
        path = published / f"{other.file}.parquet"
        if (other.benchmark, other.data) != (asked.benchmark, asked.data) or not path.is_file():
            continue
        table = pd.read_parquet(path).set_index("architecture")
        common = np.flatnonzero([string in table.index for string in strings])
        if len(common) < FEWEST:
            continue
        rows = table.loc[[strings[place] for place in common]]
        counts = resampled_counts(len(common), seed=asked.seed)
        accuracies = found.accuracies.values[common]
        for quantity, column in other.columns.items():
            if quantity in ours and column in rows:
                theirs = rows[column].to_numpy(dtype=np.float64)
                known = notes.get(quantity, {})
                note = known.get(f"{other.source}, {other.data}", known.get(other.source, ""))
                pair = (ours[quantity][common], np.where(np.isfinite(theirs), theirs, np.nan))
                yield _compared((other.source, quantity, note), *pair, accuracies, counts)


def _compared(
    about: tuple[str, str, str], ours: Floats, theirs: Floats, accuracies: Floats, counts: np.ndarray
) -> Comparison:
    source, quantity, note = about
    one, other, n = failures_last(ours), failures_last(theirs), len(ours)
    kendall = [kendall_samples(scores, accuracies, counts) for scores in (one, other)]
    spearman = [spearman_samples(scores, accuracies, counts) for scores in (one, other)]
    return Comparison(
        source,
        quantity,
        ours=statistic_of(kendall[0], n),
        theirs=statistic_of(kendall[1], n),
        difference=statistic_of(kendall[0] - kendall[1], n),
        spearman=statistic_of(spearman[0], n),
        their_spearman=statistic_of(spearman[1], n),
        spearman_difference=statistic_of(spearman[0] - spearman[1], n),
        alike=statistic_of(kendall_samples(one, other, counts), n),
        spearman_alike=statistic_of(spearman_samples(one, other, counts), n),
        failed=int(np.isnan(ours).sum()),
        their_failed=int(np.isnan(theirs).sum()),
        note=note,
    )


def compared_table(part: Part) -> NamedTable:
    """netlore's values beside others'."""

    def row(one: Comparison) -> dict[str, object]:
        return {
            "Scores by": one.source,
            "Quantity": one.quantity,
            "Networks": one.ours.n,
            "Failed here": one.failed,
            "Failed there": one.their_failed,
            "Kendall here": one.ours.value,
            "Kendall there": one.theirs.value,
            "Difference": one.difference.value,
            "Difference, low": one.difference.low,
            "Difference, high": one.difference.high,
            "Spearman here": one.spearman.value,
            "Spearman there": one.their_spearman.value,
            "Difference of Spearman": one.spearman_difference.value,
            "Kendall between both": one.alike.value,
            "Spearman between both": one.spearman_alike.value,
        }

    caption = (
        "netlore's scores and published ones, on the networks that have both. Kendall and Spearman are with the "
        "same accuracies, networks without a score last; the difference is netlore's Kendall less the published "
        f"one, with its 95 % bootstrap interval over networks. {part.data.accuracy}"
    )
    return named_table("published", caption, map(row, part.comparisons))


if __name__ == "__main__":
    main()
