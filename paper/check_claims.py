"""Check how far the paper's claims are reproduced, from the stored scores of studies.

    python -m paper.check_claims docs/reproduction.md results/laptop results/training

Each folder is a study of `netlore run`, a run, or an archive of one. paper/claims.toml holds the claims,
results/paper.toml what the paper printed. Nothing is scored. A run that is missing gives rows that say so.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from netlore.analysis.correlation import kendall_matrix
from netlore.report.command_lines import refine_command
from netlore.report.data import SampleData, StudyData, scoring_seconds
from netlore.report.text.phrases import duration, join
from netlore.report.training_groups import training_groups
from netlore.storage.atomic import write_whole
from paper.checks import CHECKS
from paper.checks_sample import shares
from paper.pages import DATA, NO_VALUE, PREDICTORS, Check, Verdict, gathered, refinement, rendered
from paper.table1 import Row, intervals_table, reasons, rows_of, verdicts_table
from paper.trainings import error_table, errors_of, same_order, score_table

ROOT = Path(__file__).parents[1]
COMMAND = "python -m paper.check_claims docs/reproduction.md results/laptop results/training"
SECTIONS = ("space", "sample", "course", "table1", "statements", "trained")
Line = tuple[str, ...]


class Claim(NamedTuple):
    """An entry of claims.toml and its checks."""

    entry: Mapping[str, Any]
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> str:
        """All of the computed checks hold: agrees; at least half of them: agrees in part; fewer: differs."""
        computed = [one.holds for one in self.checks if one.holds is not None]
        if not computed:
            return Verdict.MISSING
        if all(computed):
            return Verdict.AGREES
        return Verdict.PARTLY if 2 * sum(computed) >= len(computed) else Verdict.DIFFERS

    @property
    def rule(self) -> str:
        """When a check holds, with the numbers of the entry."""
        return str(self.entry["rule"]).format(**self.entry)

    @property
    def why(self) -> str:
        """What is known of a difference; empty where there is none."""
        return str(self.entry.get("why", "")) if self.verdict in (Verdict.PARTLY, Verdict.DIFFERS) else ""

    @property
    def summary(self) -> Line:
        """Its line of the summary."""
        computed = [one.holds for one in self.checks if one.holds is not None]
        text = f"{sum(computed)} of {len(computed)}" if computed else NO_VALUE
        missing = len(self.checks) - len(computed)
        text += f", {missing} not computed" if computed and missing else ""
        return self.entry["place"], self.entry["says"], text, self.verdict

    @property
    def lines(self) -> list[Line]:
        """A line per check."""
        words = {True: "yes", False: "no", None: NO_VALUE}
        return [(*check[:4], words[check.holds]) for check in self.checks]


def claims_of(study: StudyData, paper: Mapping[str, Any]) -> list[Claim]:
    """All claims with their checks, in order."""
    entries = tomllib.loads((ROOT / "paper" / "claims.toml").read_text(encoding="utf-8"))["claim"]
    return [Claim(entry, tuple(CHECKS[entry["check"]](entry, study, paper))) for entry in entries]


def document(study: StudyData, paper: Mapping[str, Any], left_out: Sequence[str] = ()) -> str:
    """The whole page as Markdown."""
    claims, rows, papers = claims_of(study, paper), rows_of(paper["table1"], study), errors_of(paper)
    sections: dict[str, Sequence[Claim | Row]] = {
        name: [one for one in claims if one.entry["section"] == name] for name in SECTIONS
    } | {"table1": rows}
    summary = [one.summary for name in SECTIONS for one in sections[name]]
    counted = Counter(line[-1] for line in summary)
    sample = study.samples[0] if study.samples else None
    runs = [run for data in DATA for name in PREDICTORS if (run := refinement(study, data, name))]
    absent = [
        f"{name} on {DATA[data]}" for data in DATA for name in PREDICTORS if not refinement(study, data, name)
    ]
    commands = [refine_command(one.configuration, one.asked) for one in runs]
    return rendered(
        "reproduction.md.j2",
        command=COMMAND,
        made=join([f"{what} {value}" for what, value in study.made]) or "not recorded",
        runs=[*_sample_line(sample), *_run_lines(study)],
        absent=join(absent + ([] if sample else ["the sample"])),
        left_out=left_out,
        halted=join([f"{name} on {DATA[data]}, seed {seed}" for name, data, seed in _halted(study)]),
        same=join(_same(study)),
        commands=[sample.command, *commands] if sample else commands,
        verdicts=join([f"{one} {counted[one]}" for one in Verdict if counted[one]]),
        summary=summary,
        sections=sections,
        grasp=_size_of_grasp(sample),
        table1=[_table1(data, [row for row in rows if row.data == data]) for data in DATA],
        groups=[(g, same_order(g, papers), error_table(g, papers)) for g in training_groups(study.trainings)],
        scores=score_table(study),
        scored=[one.command for one in study.samples if one.budget.startswith("none")],
    )


def _table1(data: str, rows: Sequence[Row]) -> Mapping[str, str]:
    tables = {"intervals": intervals_table(rows), "verdicts": verdicts_table(rows)}
    return {"title": DATA[data], "why": " ".join(reasons(rows)), **tables}


def _sample_line(sample: SampleData | None) -> Iterator[Line]:
    if sample is not None:
        size, failed = f"{len(sample.frame):,}", str(sum(sample.failed.values()))
        seed, time = str(sample.seed), duration(sample.seconds)
        yield "sample, all predictors", size, "5,000", seed, NO_VALUE, failed, time


def _run_lines(study: StudyData) -> Iterator[Line]:
    """The sizes of the refinements next to the paper's."""
    for data in DATA:
        for run in filter(None, (refinement(study, data, name) for name in PREDICTORS)):
            seeds = ", ".join(str(one.seed) for one in run.refinements)
            rounds = ", ".join(str(len(one.rounds)) for one in run.refinements)
            time = duration(sum(map(scoring_seconds, run.refinements)))
            what, networks = f"{DATA[data]}, {run.predictor}", f"{run.configuration.networks:,} a round"
            yield what, networks, "500 a round", seeds, rounds, str(run.failed), time


def _halted(study: StudyData) -> Iterator[tuple[str, str, int]]:
    """Refinements that would go on: their principles are not their last."""
    for run in study.refinements:
        for one in run.refinements:
            if one.stopped_because in ("unfinished", "round limit"):
                yield run.predictor, run.data, one.seed


def _same(study: StudyData) -> list[str]:
    """Predictors whose refinements on both data sets are one and the same."""
    first, second = (
        {run.predictor: [one.principles for one in run.refinements] for run in study.refined(data)}
        for data in DATA
    )
    return [name for name in PREDICTORS if name in first and first[name] == second.get(name)]


def _size_of_grasp(sample: SampleData | None) -> Mapping[str, float]:
    """What grasp would prefer if its sign did not matter."""
    if sample is None or not {"grasp", "grad_norm"} <= set(sample.predictors):
        return {}
    raw, other = (sample.frame[name].to_numpy(dtype=np.float64) for name in ("grasp", "grad_norm"))
    best, every = shares(sample, "grasp", (("w3", ">=", 24),), by_size=True)
    tau = float(kendall_matrix({"size": np.abs(raw), "grad_norm": other}).tau[0, 1])
    return {"negative": (raw < 0).sum() / np.isfinite(raw).sum(), "best": best, "every": every, "tau": tau}


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("studies", type=Path, nargs="+")
    options = parser.parse_args()
    study, left_out = gathered(options.studies)
    printed = tomllib.loads((ROOT / "results" / "paper.toml").read_text(encoding="utf-8"))
    write_whole(options.out, document(study, printed, left_out).encode())
    print(options.out)


if __name__ == "__main__":
    main()
