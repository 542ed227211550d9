"""Compare methods of search fairly, on landscapes whose exact optimum is known; go on where the last call ended.

    python -m paper.comparison docs/comparison.md results/comparison --workers 2

Nothing is scored: landscapes are functions, or stored scores and accuracies of whole benchmarks, which
`results/validation/published` beside the folder has. Every finished search is kept in a file of the folder,
LANDSCAPE/SEARCHER.json; the same command again does what is missing and writes the page of all. `--page` writes
the page of what is there alone. Figures go to `figures` next to the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput, UnknownName
from netlore.experiments.searches import SearchConfiguration
from netlore.refinement.methods import PAPER
from netlore.refinement.searches import tpe
from netlore.refinement.searches.formulas import NOISE, SUMMANDS, formula
from netlore.refinement.searches.landscape import Landscape
from netlore.refinement.searches.ledger import IDLE
from netlore.refinement.searches.searchers import SEARCHERS, Searcher, searched, searcher, tuned
from netlore.report.figures.figure import png_bytes
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.documents import read_json, write_document
from paper.comparison_figures import figures_of
from paper.comparison_findings import Compared, Kept, winner_sentence, winners_text
from paper.comparison_tables import tables_of, tables_of_landscape
from paper.narrowing import asked
from paper.pages import parser, rendered

COMMAND = "python -m paper.comparison docs/comparison.md results/comparison"
SEEDS, MOST = 20, 2_000
AT = (25, 50, 100, 150, 200, 300, 400, 500, 700, 1_000, 1_400, 2_000)
"""Numbers of paid scores at which picks are judged."""
LEVELS = (0, 1, 2, 5)
"""Noise of the closed form, in units of `NOISE`; all others have one unit."""
TUNING, TUNING_BUDGET = "tuning", (25e6, 100e6)
"""The landscape on which the sequential evolution was tuned: the closed form under another budget."""
POPULATIONS, TOURNAMENTS = (20, 50, 100), (5, 10, 25)


def stored(published: Path) -> Iterator[tuple[str, Callable[[], Landscape]]]:
    """Scores of whole benchmarks that others published, and the accuracies of each once."""
    seen = set()
    for _, one in asked(published.parent):
        if one.scores and one.scores.parent == published:
            where = f"{one.benchmark}-{one.data}".replace("_", "-")
            yield f"{where}-{one.predictor}", partial(by_scores, one)
            if where not in seen:
                yield f"{where}-accuracy", partial(by_accuracies, one)
            seen.add(where)


def by_scores(one: SearchConfiguration) -> Landscape:
    """Stored scores."""
    return one.known().landscape


def by_accuracies(one: SearchConfiguration) -> Landscape:
    """The accuracies of the same networks."""
    return one.known().accuracy_landscape


def landscapes(results: Path) -> dict[str, Callable[[], Landscape]]:
    """How each landscape is made, by the name of its folder."""
    made: dict[str, Callable[[], Landscape]] = {
        f"closed-form-noise-{level}": partial(formula, "closed_form", noise=level * NOISE) for level in LEVELS
    }
    made |= {
        name.replace("_", "-"): partial(formula, name, noise=NOISE) for name in SUMMANDS if name != "closed_form"
    }
    made |= dict(stored(results.parent / "validation" / "published"))
    made[TUNING] = partial(formula, "closed_form", TUNING_BUDGET, NOISE)
    return made


def searchers(landscape: str) -> dict[str, Searcher]:
    """Who searches a landscape, by name."""
    if landscape == TUNING:
        return {one.name: one for one in (tuned(p, s) for p, s in product(POPULATIONS, TOURNAMENTS))}
    return SEARCHERS


@dataclass(frozen=True)
class Job:
    """All searches of one landscape by one searcher, of seeds 0, 1, ..."""

    results: Path
    landscape: str
    searcher: str
    seeds: int
    most: int

    @property
    def path(self) -> Path:
        """Where they are kept."""
        return self.results / self.landscape / f"{self.searcher}.json"

    @property
    def described(self) -> dict[str, Any]:
        """What must be the same for searches of one file."""
        at = [one for one in AT if one < self.most]
        return {"landscape": self.landscape, "searcher": self.searcher, "most": self.most, "at": [*at, self.most]}

    def kept(self) -> dict[str, Any]:
        """The document of what is finished.

        Raises:
            InvalidInput: It was made with other settings.
        """
        if not self.path.is_file():
            return {**self.described, "seeds": {}}
        found = dict(read_json(self.path))
        for name, value in self.described.items():
            if found.get(name) != value:
                raise InvalidInput(
                    f"{self.path} has {name} = {found.get(name)}, not {value}; name another folder, or the same "
                    "settings."
                )
        return found

    def missing(self) -> list[int]:
        """Seeds that are not finished."""
        done = self.kept()["seeds"]
        return [seed for seed in range(self.seeds) if str(seed) not in done]

    def run(self) -> str:
        """Search with every seed that is missing, and keep each as it is finished; what was done."""
        document, missing = self.kept(), self.missing()
        if missing:
            landscape = landscapes(self.results)[self.landscape]()
            document |= {"title": landscape.title, "noise": landscape.noise, "optimum": landscape.optimum}
            document["grids"] = {name: list(grid) for name, grid in landscape.space.grids.items()}
            one = searchers(self.landscape)[self.searcher]
            make_folder(self.path.parent)
            for seed in missing:
                document["seeds"][str(seed)] = searched(one, landscape, seed, self.most, document["at"])
                write_document(self.path, document)
        return f"{self.landscape}: {self.searcher}, {len(missing)} searches"


def main() -> None:
    """Do what is missing, and write the page."""
    line = parser(__doc__, "out", "results")
    for name, usual in (("workers", 1), ("seeds", SEEDS), ("most", MOST)):
        line.add_argument(f"--{name}", type=int, default=usual, help=f"(default: {usual})")
    line.add_argument("--landscape", action="append", help="one of them, may be repeated (default: all)")
    line.add_argument("--searcher", action="append", help="one of them, may be repeated (default: all but gp)")
    line.add_argument("--page", action="store_true", help="write the page of what is finished, and search nothing")
    options = line.parse_args()
    try:
        if not options.page:
            jobs = wanted(options.results, options.landscape, options.searcher, options.seeds, options.most)
            with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
                for done in as_completed([pool.submit(Job.run, one) for one in jobs]):
                    print(done.result(), flush=True)
        compared = read(options.results)
    except InvalidInput as error:
        line.error(str(error))
    pictures = make_folder(options.out.parent / "figures")
    for figure in figures_of([one for one in compared if one.name != TUNING]):
        write_whole(pictures / f"{figure.name}.png", png_bytes(figure.draw()))
    print(write_whole(options.out, document(compared).encode()))


def wanted(
    results: Path, names: Sequence[str] | None, who: Sequence[str] | None, seeds: int, most: int
) -> list[Job]:
    """The jobs that a call asks for.

    Raises:
        InvalidInput: An unknown name, a number that is not positive, or files of other settings.
    """
    known = landscapes(results)
    for name in names or ():
        if name not in known:
            raise UnknownName("landscape", name, [*known])
    for name in who or ():
        searcher(name)
    if seeds < 1 or most < 1:
        raise InvalidInput(f"seeds = {seeds} and most = {most} must be positive; give 1 or more.")
    jobs = [
        Job(results, landscape, one.name, seeds, most)
        for landscape in names or known
        for one in searchers(landscape).values()
        if (takes_part(one) if who is None or landscape == TUNING else one.name in who)
    ]
    return [one for one in jobs if one.missing()]


def takes_part(one: Searcher) -> bool:
    """Whether a searcher that is not named does: what it needs is installed, and it takes seconds."""
    return one.usual and (not one.needs_optuna or tpe.is_installed())


def read(results: Path) -> list[Compared]:
    """What is finished, landscape by landscape.

    Raises:
        InvalidInput: Nothing is.
    """
    found = []
    for name in landscapes(results):
        paths = [results / name / f"{one}.json" for one in searchers(name)]
        kept = [Kept(read_json(path)) for path in paths if path.is_file()]
        if len(kept) > 1:
            found.append(Compared(name, kept, searchers(name)))
    if not found:
        raise InvalidInput(f"{results} has no landscape that two searchers searched; leave out --page.")
    return found


def document(compared: Sequence[Compared]) -> str:
    """The whole page."""
    cases = [one for one in compared if one.name != TUNING]
    tuning = [one for one in compared if one.name == TUNING]
    return rendered(
        "comparison.md.j2",
        command=COMMAND,
        cases=cases,
        tables=tables_of(cases),
        figures=figures_of(cases),
        sentence=winner_sentence,
        winners=winners_text(cases),
        tuning=tuning,
        used=searcher("evolution-sequential").settings,
        searchers=[one for one in SEARCHERS.values() if any(one.name in each.names for each in cases)],
        partly={
            one.label: [each.heading for each in cases if one.name in each.names]
            for one in SEARCHERS.values()
            if 0 < sum(one.name in each.names for each in cases) < len(cases)
        },
        left_out=[one.label for one in SEARCHERS.values() if not any(one.name in each.names for each in cases)],
        noise=NOISE,
        idle=IDLE,
        most=compared[0].first["most"],
        rounds=compared[0].first["most"] // PAPER.networks,
        landscape_tables=tables_of_landscape,
    )


if __name__ == "__main__":
    main()
