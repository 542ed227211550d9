"""Write whether narrowing a space helps to find accurate networks, from stored scores of whole benchmarks.

    python -m paper.narrowing docs/narrowing.md results --workers 2

Of the folder `validation` in `results`, archives and runs of `netlore validate` that hold synflow or logdet of all
networks of a benchmark, and the scores that others published, which `python -m paper.make_benchmark_tables` makes.
Nothing is scored; a search by each method and seed takes seconds. Figures go to `figures` next to the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from netlore.experiments.record import ValidateRecord, recorded
from netlore.experiments.searches import SearchConfiguration
from netlore.refinement.searches.compare import SEEDS, SearchComparison
from netlore.report.compare.search_data import SearchData, accuracy_text, label_of, searches_command
from netlore.report.compare.search_figures import search_figures
from netlore.report.compare.search_tables import search_tables
from netlore.report.compare.searches import search_summary
from netlore.report.figures.figure import FigureSpec, png_bytes
from netlore.report.tables.table import NamedTable, Row, named_table
from netlore.storage.atomic import make_folder, write_whole
from netlore.validation.benchmark import BENCHMARKS
from paper.pages import parser, rendered

COMMAND = "python -m paper.narrowing docs/narrowing.md results"
TABLES = ("accuracy", "regret", "above-random", "ends")
"""Tables of a comparison that the page has."""
AFTER = 200
"""Networks after which the first table compares: about as many as a refinement takes."""
_NATS, _MICRO = "nas-bench-201", "transnas-bench-101-micro"
PUBLISHED = {
    (_NATS, "cifar10", "synflow"): ("freerea", "log10_synflow_c10"),
    (_NATS, "cifar10", "logdet"): ("freerea", "naswot_c10"),
    (_NATS, "cifar100", "synflow"): ("freerea", "log10_synflow_c100"),
    (_NATS, "imagenet16-120", "synflow"): ("freerea", "log10_synflow_im16"),
    (_MICRO, "class_scene", "synflow"): ("suite-zero-class-scene", "synflow"),
    (_MICRO, "class_scene", "logdet"): ("suite-zero-class-scene", "nwot"),
}
"""File and column of published scores, by benchmark, data and predictor. The page has these, and netlore's own."""


@dataclass(frozen=True)
class Case:
    """One comparison on the page.

    Attributes:
        name: In the names of figures.
        whose: Whose scores, for headings.
        asked: What was asked.
        data: What was found.
    """

    name: str
    whose: str
    asked: SearchConfiguration
    data: SearchData

    @property
    def title(self) -> str:
        """A heading."""
        return f"{self.data.found.known.accuracies.title}, {self.asked.predictor} by {self.whose}"

    @property
    def figures(self) -> list[FigureSpec]:
        """Its figure."""
        return search_figures(self.data)

    @property
    def tables(self) -> list[NamedTable]:
        """Those of the page."""
        return [table for table in search_tables(self.data) if table.name in TABLES]


def main() -> None:
    """Write the document and its figures."""
    line = parser(__doc__, "out", "results")
    line.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    line.add_argument("--seeds", type=int, default=SEEDS, help=f"searches by each method (default: {SEEDS})")
    options = line.parse_args()
    found = list(asked(options.results / "validation", options.seeds))
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        compared = list(pool.map(SearchConfiguration.compared, [one for _, one in found]))
    cases = [case_of(whose, one, result) for (whose, one), result in zip(found, compared, strict=True)]
    pictures = make_folder(options.out.parent / "figures")
    for case in cases:
        for figure in case.figures:
            write_whole(pictures / f"narrowing-{case.name}.png", png_bytes(figure.draw()))
    print(write_whole(options.out, document(cases).encode()))


def asked(base: Path, seeds: int = SEEDS) -> Iterator[tuple[str, SearchConfiguration]]:
    """Every comparison that stored scores allow, with whose scores they are: netlore's own first."""
    for folder in sorted(path.parent for path in base.glob("*/run.json")):
        run = recorded(folder)
        if isinstance(run, ValidateRecord) and (benchmark := run.configuration.benchmark):
            whole = run.configuration.networks >= len(BENCHMARKS.get(benchmark).table())
            selected = run.configuration.connected or run.configuration.distinct
            for predictor in ("synflow", "logdet") if whole and not selected else ():
                if predictor in run.configuration.predictors:
                    data = run.configuration.data
                    yield "netlore", SearchConfiguration(benchmark, data, predictor, folder, seeds=seeds)
    for (benchmark, data, predictor), (file, column) in PUBLISHED.items():
        path = base / "published" / f"{file}.parquet"
        if path.is_file():
            whose = "FreeREA" if file == "freerea" else "NAS-Bench-Suite-Zero"
            yield (
                whose,
                SearchConfiguration(benchmark, data, predictor, path, score_column=column, seeds=seeds),
            )


def case_of(whose: str, one: SearchConfiguration, found: SearchComparison) -> Case:
    """A comparison on the page."""
    name = f"{one.benchmark}-{one.data}-{one.predictor}-{whose}".lower().replace("_", "-")
    return Case(name, whose, one, SearchData(found))


def overview(cases: Sequence[Case]) -> NamedTable:
    """All comparisons in one table."""

    def row(case: Case) -> Row:
        data, found = case.data, case.data.found
        medians = {
            label_of(one.name): accuracy_text(data, float(found.over_seeds(one, [AFTER]).middle[0]))
            for one in found.lines
        }
        known = found.known
        return {
            "Networks of": known.accuracies.title,
            "Score": f"{known.name}, {case.whose}",
            **medians,
            "Highest score of all": accuracy_text(data, found.whole[known.name]),
            "Best of all": accuracy_text(data, found.best),
        }

    caption = (
        f"Median accuracy of the pick after {AFTER} networks. Highest score of all: what would be picked if all "
        "were scored; best of all: the most accurate network."
    )
    return named_table("overview", caption, map(row, cases))


def document(cases: Sequence[Case]) -> str:
    """The whole page."""
    return rendered(
        "narrowing.md.j2",
        command=COMMAND,
        cases=cases,
        overview=overview(cases),
        summary=search_summary,
        rule=cases[0].data.rule if cases else "",
        commands=[searches_command(case.asked) for case in cases],
        sources=list(dict.fromkeys(case.data.found.known.accuracies.source for case in cases)),
    )


if __name__ == "__main__":
    main()
