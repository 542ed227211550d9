"""Check how far the paper's claims are reproduced, from the stored scores of studies.

    python -m paper.check_claims docs/reproduction.md results/paper-size results/laptop results/training

Each folder is a study of `netlore run`, a run, or an archive of one; what several of them hold is taken from the
first. paper/claims.toml holds the claims, results/paper.toml what the paper printed. Nothing is scored. A run that
is missing gives rows that say so. Figures go to `figures` next to the document.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from netlore.analysis.correlation import AccuracyCorrelation
from netlore.report.command_lines import refine_command
from netlore.report.data import StudyData
from netlore.report.figures.figure import png_bytes
from netlore.report.names import measure_title
from netlore.report.sample_data import SampleData
from netlore.report.text.phrases import duration, join
from netlore.report.trainings import score_comparisons, training_groups
from netlore.space.complexity import MEASURES
from netlore.storage.atomic import make_folder, write_whole
from paper import table1
from paper.checks import CHECKS, SMALL, idle
from paper.checks_of_sample import shares, tau_between
from paper.checks_of_trainings import LEARNED, error_lines, errors_of, nearest_predictors, tau_of_errors
from paper.members import EPOCHS, member_lines, stored
from paper.nearest_rows import Likeness, likenesses, papers_of, power_lines, shuffled
from paper.pages import (
    DATA,
    NO_VALUE,
    PREDICTORS,
    Check,
    Entry,
    Verdict,
    gathered,
    interval_text,
    parser,
    rendered,
    runs_of,
)
from paper.reproduction_figures import pictures

ROOT = Path(__file__).parents[1]
COMMAND = "python -m paper.check_claims docs/reproduction.md results/paper-size results/laptop results/training"
SECTIONS = ("space", "printed", "sample", "course", "table1", "statements", "trained")
GRADIENTS = ("grad_norm", "snip", "grasp", "fisher")
Line = tuple[str, ...]


class Claim(NamedTuple):
    """An entry of claims.toml and its checks."""

    entry: Entry
    checks: tuple[Check, ...]

    @property
    def computed(self) -> list[bool | None]:
        """Whether they hold, of the computed checks; None: undecided."""
        return [one.holds for one in self.checks if one.computed]

    @property
    def verdict(self) -> Verdict:
        """Whether all, half or more, or fewer of the computed checks hold; undecided if undecided ones matter."""
        found = self.computed
        if not found:
            return Verdict.MISSING
        least, most = (_graded(found.count(True) + more, len(found)) for more in (0, found.count(None)))
        return least if least is most else Verdict.UNDECIDED

    @property
    def summary(self) -> Line:
        """Its line of the summary."""
        known, missing = len(self.computed), len(self.checks) - len(self.computed)
        text = f"{self.computed.count(True)} of {known}" if known else NO_VALUE
        if open_ := self.computed.count(None):
            text += f", {open_} undecided"
        text += f", {missing} not computed" if known and missing else ""
        return self.entry["place"], self.entry["says"], text, self.verdict


def _graded(holding: int, checks: int) -> Verdict:
    if holding == checks:
        return Verdict.AGREES
    return Verdict.PARTLY if 2 * holding >= checks else Verdict.DIFFERS


def claims_of(study: StudyData, paper: Entry) -> list[Claim]:
    """All claims with their checks, in order."""
    there = tomllib.loads((ROOT / "paper" / "claims.toml").read_text(encoding="utf-8"))
    made = []
    for entry in there["claim"]:
        rule = entry.get("rule") or there["rules"][entry["check"]]
        checks = tuple(CHECKS[entry["check"]](entry, study, paper))
        made.append(Claim({**entry, "rule": rule.format(small=SMALL, **entry)}, checks))
    return made


def document(study: StudyData, paper: Entry, left_out: Sequence[str] = (), members: Sequence[Line] = ()) -> str:
    """The whole page as Markdown; `members` are lines of `members.member_lines`."""
    claims, rows, papers = claims_of(study, paper), list(table1.rows_of(paper["table1"], study)), errors_of(paper)
    known = papers_of(paper["table1"])
    alike = likenesses(rows, known, idle(study))
    sections: dict[str, Sequence[Claim | Likeness]] = {
        name: [one for one in claims if one.entry["section"] == name] for name in SECTIONS
    } | {"table1": alike}
    summary = [one.summary for name in SECTIONS for one in sections[name]]
    runs, names = runs_of(study), [f"{name} on {title}" for title in DATA.values() for name in PREDICTORS]
    there = [f"{run.predictor} on {DATA[run.data]}" for run in runs.values()]
    ends = {key: [one.principles for one in run.refinements] for key, run in runs.items()}
    return rendered(
        "reproduction.md.j2",
        command=COMMAND,
        study=study,
        samples=study.samples[:1],
        runs=runs.values(),
        refine_command=refine_command,
        duration=duration,
        absent=[one for one in names if one not in there] + ([] if study.samples else ["the sample"]),
        left_out=left_out,
        same=[n for n in PREDICTORS if ("cifar10", n) in ends and ends["cifar10", n] == ends.get(("cifar100", n))],
        counts=Counter(line[-1] for line in summary),
        summary=summary,
        sections=sections,
        grasp=size_of_grasp(study.samples[:1]),
        table1=table1,
        parts={title: [row for row in rows if row.data == data] for data, title in DATA.items()},
        picks=[*table1.pick_lines(study)],
        moving=[*table1.moving(rows)],
        likenesses=[one.line for one in alike],
        shuffled=[(what, shuffled(each)) for what, each in families(alike)],
        power=[*power_lines(alike, known)] if any(one.rows for one in alike) else [],
        groups=[
            (one, tau_of_errors(one, papers), nearest_predictors(one), error_lines(one, papers))
            for one in training_groups(study.trainings)
        ],
        learned=LEARNED,
        members=members,
        member_epochs=EPOCHS,
        pictures=pictures(study, paper),
        scores=score_table(study),
    )


def families(alike: Sequence[Likeness]) -> Iterator[tuple[str, Sequence[Likeness]]]:
    """All predictors, and those that read gradients of the loss, which the paper says have similar preferences."""
    yield "all predictors whose scores climb", alike
    known = [one for one in alike if one.predictor in GRADIENTS]
    yield join([one.predictor for one in known if one.rows and one.climbs]), known


def size_of_grasp(samples: Iterable[SampleData]) -> Mapping[str, str]:
    """What grasp would prefer if its sign did not matter."""
    for sample in samples:
        if {"grasp", "grad_norm"} <= set(sample.predictors):
            raw, other = (sample.frame[name].to_numpy(dtype=np.float64) for name in ("grasp", "grad_norm"))
            best, every = shares(sample, "grasp", (("w3", ">=", 24),), by_size=True)
            tau = interval_text(*tau_between(np.abs(raw), other)[:3])
            found = {"negative": (raw < 0).sum() / np.isfinite(raw).sum(), "best": best, "every": every}
            return {name: f"{share:.0%}" for name, share in found.items()} | {"tau": tau}
    return {}


def score_table(study: StudyData) -> list[Line]:
    """Kendall's tau of every predictor, and of complexities, with accuracy, after a line of headings."""
    found = {(one.what, one.group.label, one.source): one.correlation for one in score_comparisons(study)}
    columns = list(dict.fromkeys(key[1:] for key in found))
    heads = (f"trained on {label}, scored on {source.split(' (')[0]}" for label, source in columns)
    names = {what: measure_title(what) if what in MEASURES else what for what, *_ in found}
    lines = [(name, *(_tau(found.get((what, *one))) for one in columns)) for what, name in names.items()]
    return [("predictor", *heads), *lines] if found else []


def _tau(found: AccuracyCorrelation | None) -> str:
    if found is None or found.tau is None:
        return NO_VALUE
    p = f"p = {found.p_value:.2g}" if found.p_value is not None else "too few"
    return f"{found.tau:.2f} (n = {found.n}, {p})"


def main() -> None:
    """Write the page and its figures."""
    line = parser(__doc__, "out")
    line.add_argument("studies", type=Path, nargs="+")
    options = line.parse_args()
    study, left_out = gathered(options.studies)
    printed = tomllib.loads((ROOT / "results" / "paper.toml").read_text(encoding="utf-8"))
    folder = make_folder(options.out.parent / "figures")
    for part in pictures(study, printed).values():
        for figure in part:
            write_whole(folder / f"{figure.name}.png", png_bytes(figure.draw()))
    print(write_whole(options.out, document(study, printed, left_out, [*member_lines(stored())]).encode()))


if __name__ == "__main__":
    main()
