"""`netlore compare --benchmark`: searches of a benchmark by scores of a run, of its archive, or of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from netlore.analysis.elite_scores import mean
from netlore.errors import InvalidInput
from netlore.experiments.config import MOST_NETWORKS, ModulesConfiguration, short_name
from netlore.experiments.export import stored_table
from netlore.experiments.record import recorded
from netlore.experiments.validate_config import COMMAND, ValidateConfiguration
from netlore.refinement.elites import scaled
from netlore.refinement.loop import one_predictor
from netlore.refinement.searches.compare import MOST, NETWORKS, SEEDS, SearchComparison, compare_searches
from netlore.refinement.searches.known_space import KnownSpace, known_space
from netlore.scoring.combination import Combination
from netlore.scoring.reference import combined
from netlore.space.architecture import Architecture
from netlore.storage.documents import RUN
from netlore.storage.score_table import ScoreTable
from netlore.validation.accuracies import Accuracies, sampled
from netlore.validation.benchmark import ARCHITECTURE, BENCHMARKS
from netlore.validation.own_tables import read_accuracies


@dataclass(frozen=True)
class SearchConfiguration:
    """What is asked of a comparison of searches by stored scores of a benchmark.

    Attributes:
        benchmark: A name of `netlore list benchmarks`, or `package.module:name`.
        data: What its networks were trained on.
        predictor: Whose scores.
        scores: A folder or an archive of `netlore validate`, `score` or `refine`; or a CSV or Parquet file; None:
            the folder that `netlore validate` writes if none is named.
        target: Which accuracy; empty: the usual one.
        architecture_column: Of a file, the column with the benchmark's strings or netlore's ids; empty:
            `architecture`.
        score_column: Of a file, the column with scores on the scale on which they are analysed, such as ln S;
            empty: the predictor's name.
        networks: In a round.
        seeds: Searches by each method.
        most: Networks that a search looks at, at most.
        tpe: Whether Optuna's TPE takes part.
    """

    benchmark: str
    data: str = "cifar10"
    predictor: str = "synflow"
    scores: Path | None = None
    target: str = ""
    architecture_column: str = ""
    score_column: str = ""
    networks: int = NETWORKS
    seeds: int = SEEDS
    most: int = MOST
    tpe: bool = True

    @property
    def usual_folder(self) -> Path:
        """The folder that `netlore validate` writes if none is named."""
        return Path("runs") / f"{COMMAND}-{short_name(self.benchmark)}-{short_name(self.data)}"

    def known(self) -> KnownSpace:
        """Accuracies of all networks of the benchmark, and stored scores of them; nothing is scored.

        Raises:
            InvalidInput: Something does not exist, cannot be read, or does not fit.
        """
        accuracies = sampled(self.benchmark, self.data, self.target, MOST_NETWORKS)
        path = self.scores or self.usual_folder
        if path.is_file():
            found, source = _of_file(path, self, accuracies)
            return known_space(accuracies, found, self.predictor, source)
        _refuse_columns(self)
        _check_folder(path, self)
        found, source, seconds = _of_run(path, self.predictor)
        return known_space(accuracies, found, self.predictor, source, seconds)

    def compared(self, progress: Callable[[int, int], None] | None = None) -> SearchComparison:
        """Every method in that space; `progress` and errors as of `compare_searches`."""
        return compare_searches(self.known(), self.networks, self.seeds, self.most, self.tpe, progress)


def _of_file(
    path: Path, asked: SearchConfiguration, accuracies: Accuracies
) -> tuple[Mapping[Architecture, float], str]:
    """Scores of a table, the mean of several of one architecture."""
    column, family = asked.score_column or asked.predictor, BENCHMARKS.get(asked.benchmark).family
    known = {one.id: one for one in accuracies.architectures}
    read = read_accuracies(path, asked.architecture_column or ARCHITECTURE, column, family, known=known)
    source = f"Scores: column {column} of {path.name}, as they are."
    return dict(zip(read.architectures, read.values.tolist(), strict=True)), source


def _of_run(
    folder: Path, predictor: str
) -> tuple[Mapping[Architecture, float], str, Mapping[Architecture, float]]:
    """Scores of a run, on the predictor's scale, and the seconds that they took: means over initialisations."""
    table, asked = stored_table(folder), recorded(folder).configuration
    if isinstance(asked, ModulesConfiguration):
        raise InvalidInput(f"{folder} holds scores of torch modules, which no benchmark has.")
    present = dict.fromkeys(row.predictor for row in table.rows)
    asked_for = one_predictor(predictor)
    if isinstance(asked_for, Combination) and set(asked_for.names_of_members) <= present.keys():
        table = combined(asked_for, table)
    elif predictor not in present:
        raise InvalidInput(f"{folder} has no {predictor} scores, but of {', '.join(present)}; name one of them.")
    rows = [row for row in table.rows if row.predictor == asked_for.name]
    values: dict[Architecture, list[float]] = {}
    for one, value in scaled(ScoreTable(rows, table.num_classes), asked_for):
        values.setdefault(one, []).append(value)
    seconds: dict[Architecture, list[float]] = {}
    for row in rows:
        seconds.setdefault(row.architecture, []).append(row.score.seconds)
    images = asked.shown if isinstance(asked, ValidateConfiguration) else asked.data
    most = max(map(len, values.values()), default=1)
    source = f"Scores by {asked.batch_size} images of {short_name(images)}, seed {asked.seed}"
    source += f", mean of {most} initialisations." if most > 1 else "."
    scores, took = ({one: mean(found) for one, found in entries.items()} for entries in (values, seconds))
    return scores, source, took


def _refuse_columns(asked: SearchConfiguration) -> None:
    for name in ("architecture_column", "score_column"):
        if getattr(asked, name):
            option = name.replace("_", "-")
            raise InvalidInput(f"--{option} is about a file of scores, and none is given; add --scores FILE.")


def _check_folder(folder: Path, asked: SearchConfiguration) -> None:
    """Refuse what is no run, and say how to make one."""
    if not (folder / RUN).is_file():
        where = "is neither a run nor a file" if asked.scores else "is no run of netlore validate"
        raise InvalidInput(
            f"scores of {asked.benchmark} are needed, and {folder} {where}; name them by --scores, or make them "
            f"by netlore validate --benchmark {asked.benchmark} --data {asked.data} --predictor "
            f"{asked.predictor} --networks 20000."
        )
