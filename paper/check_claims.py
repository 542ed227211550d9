"""Check how far the paper's claims are reproduced, from the stored scores of studies.

    python -m paper.check_claims docs/reproduction.md results/laptop results/training

Each folder is a study of `netlore run`, a run, or an archive of one. paper/claims.toml holds the claims,
results/paper.toml what the paper printed. Nothing is scored. A run that is missing gives rows that say so.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from netlore.analysis.correlation import AccuracyCorrelation, accuracy_correlation, kendall_matrix
from netlore.report.command_lines import refine_command
from netlore.report.data import StudyData
from netlore.report.names import measure_title
from netlore.report.sample_data import SampleData
from netlore.report.text.phrases import duration
from netlore.report.trainings import (
    TrainingGroup,
    counted,
    error_spread,
    mean_error,
    score_comparisons,
    training_groups,
)
from netlore.space.complexity import MEASURES
from netlore.storage.atomic import write_whole
from paper import table1
from paper.checks import CHECKS, errors_of, short
from paper.checks_of_sample import shares
from paper.pages import DATA, NO_VALUE, PREDICTORS, Check, Entry, Verdict, gathered, parser, rendered, runs_of

ROOT = Path(__file__).parents[1]
COMMAND = "python -m paper.check_claims docs/reproduction.md results/laptop results/training"
SECTIONS = ("space", "sample", "course", "table1", "statements", "trained")
Line = tuple[str, ...]


class Claim(NamedTuple):
    """An entry of claims.toml and its checks."""

    entry: Entry
    checks: tuple[Check, ...]

    @property
    def computed(self) -> list[bool]:
        """Whether they hold, of the computed checks."""
        return [one.holds for one in self.checks if one.holds is not None]

    @property
    def verdict(self) -> str:
        """All of the computed checks hold: agrees; at least half of them: agrees in part; fewer: differs."""
        if not self.computed:
            return Verdict.MISSING
        if all(self.computed):
            return Verdict.AGREES
        return Verdict.PARTLY if 2 * sum(self.computed) >= len(self.computed) else Verdict.DIFFERS

    @property
    def summary(self) -> Line:
        """Its line of the summary."""
        known, missing = len(self.computed), len(self.checks) - len(self.computed)
        text = f"{sum(self.computed)} of {known}" if known else NO_VALUE
        text += f", {missing} not computed" if known and missing else ""
        return self.entry["place"], self.entry["says"], text, self.verdict


def claims_of(study: StudyData, paper: Entry) -> list[Claim]:
    """All claims with their checks, in order."""
    there = tomllib.loads((ROOT / "paper" / "claims.toml").read_text(encoding="utf-8"))
    made = []
    for entry in there["claim"]:
        rule = entry.get("rule") or there["rules"][entry["check"]]
        checks = tuple(CHECKS[entry["check"]](entry, study, paper))
        made.append(Claim({**entry, "rule": rule.format(**entry)}, checks))
    return made


def document(study: StudyData, paper: Entry, left_out: Sequence[str] = ()) -> str:
    """The whole page as Markdown."""
    claims, rows, papers = claims_of(study, paper), list(table1.rows_of(paper["table1"], study)), errors_of(paper)
    sections: dict[str, Sequence[Claim | table1.Row]] = {
        name: [one for one in claims if one.entry["section"] == name] for name in SECTIONS
    } | {"table1": rows}
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
        groups=[
            (one, same_order(one, papers), error_lines(one, papers)) for one in training_groups(study.trainings)
        ],
        scores=score_table(study),
    )


def size_of_grasp(samples: Iterable[SampleData]) -> Mapping[str, str]:
    """What grasp would prefer if its sign did not matter."""
    for sample in samples:
        if {"grasp", "grad_norm"} <= set(sample.predictors):
            raw, other = (sample.frame[name].to_numpy(dtype=np.float64) for name in ("grasp", "grad_norm"))
            best, every = shares(sample, "grasp", (("w3", ">=", 24),), by_size=True)
            tau = float(kendall_matrix({"size": np.abs(raw), "grad_norm": other}).tau[0, 1])
            found = {"negative": (raw < 0).sum() / np.isfinite(raw).sum(), "best": best, "every": every}
            return {name: f"{100 * share:.0f} %" for name, share in found.items()} | {"tau": f"{tau:+.3f}"}
    return {}


def same_order(group: TrainingGroup, papers: Mapping[str, float]) -> AccuracyCorrelation:
    """Whether our errors are in the order of the paper's."""
    known = [one for one in group.finished if one.name in papers]
    ours = np.array([mean_error(one) for one in known])
    return accuracy_correlation(-np.array([papers[one.name] for one in known]), ours)


def error_lines(group: TrainingGroup, papers: Mapping[str, float]) -> Iterator[Line]:
    """The errors of trainings next to the paper's."""
    for one in group.trainings:
        spread, records = error_spread(one), counted(one)
        yield (
            short(one.name),
            f"{mean_error(one):.2f}" + ("" if spread is None else f" (s {spread:.2f})"),
            f"{min(record.best_error for record in records):.2f}",
            f"{papers[one.name]:g}" if one.name in papers else NO_VALUE,
            f"{one.flops / 1e6:.1f}",
            ", ".join(str(record.seed) for record in records),
            f"{np.median([record.seconds_an_epoch for record in records]):.1f}",
        )


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
    """Write the page."""
    line = parser(__doc__, "out")
    line.add_argument("studies", type=Path, nargs="+")
    options = line.parse_args()
    study, left_out = gathered(options.studies)
    printed = tomllib.loads((ROOT / "results" / "paper.toml").read_text(encoding="utf-8"))
    print(write_whole(options.out, document(study, printed, left_out).encode()))


if __name__ == "__main__":
    main()
