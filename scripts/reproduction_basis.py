"""What the numbers rest on: the sizes of the runs, what made them, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from reproduction_claims import DATA, NO_VALUE, PREDICTORS
from reproduction_course import replicates

from netlore.report.command_lines import refine_command
from netlore.report.data import SampleData, StudyData, scoring_seconds
from netlore.report.text.phrases import duration, join

Line = Sequence[str]


def rests_on(study: StudyData, sample: SampleData | None, left_out: Sequence[str]) -> str:
    """The sizes of the runs beside the paper's, versions, commands, and what is missing."""
    lines: list[Line] = []
    if sample is not None:
        size, failed = f"{len(sample.frame):,}", sum(sample.failed.values())
        time = duration(sample.seconds)
        lines.append(("sample, all predictors", size, "5,000", str(sample.seed), NO_VALUE, str(failed), time))
    for data in DATA:
        for name in PREDICTORS:
            found = replicates(study, data, name)
            if found:
                lines.append(
                    (
                        f"{DATA[data]}, {name}",
                        f"{found[0].run.configuration.networks:,} a round",
                        "500 a round",
                        ", ".join(str(one.found.seed) for one in found),
                        ", ".join(str(len(one.found.rounds)) for one in found),
                        str(found[0].run.failed),
                        duration(sum(scoring_seconds(one.found) for one in found)),
                    )
                )
    columns = ("run", "networks", "the paper's", "seeds", "rounds", "failed", "scoring time")
    made = join([f"{what} {value}" for what, value in study.made]) if study.made else "not recorded"
    commands = [f"    {one}" for one in _commands(study, sample)]
    text = (
        f"Made with: {made}. Scoring time is summed over networks and processes, so it is not what the clock "
        "showed. The paper's results took about two weeks on one A100 GPU, training included; it "
        "does not state its seeds."
    )
    parts = ["## What it rests on", text, markdown(columns, lines) if lines else "No run is finished."]
    absent = [
        f"{name} on {DATA[data]}" for data in DATA for name in PREDICTORS if not replicates(study, data, name)
    ] + (["the sample"] if sample is None else [])
    if absent:
        parts.append(f"Not computed: {join(absent)}.")
    parts += [*left_out, _unfinished(study), _same_networks(study)]
    if commands:
        parts.append("The runs are made by\n\n" + "\n".join(commands))
    return "\n\n".join(part for part in parts if part)


def _commands(study: StudyData, sample: SampleData | None) -> list[str]:
    ordered = [found for data in DATA for name in PREDICTORS if (found := replicates(study, data, name))]
    return ([sample.command] if sample is not None else []) + [
        refine_command(found[0].run.configuration, found[0].run.asked) for found in ordered if found
    ]


def _unfinished(study: StudyData) -> str:
    """A warning where a refinement would go on: its principles are not its last."""
    halted = [
        f"{name} on {DATA[data]}, seed {one.found.seed}"
        for data in DATA
        for name in PREDICTORS
        for one in replicates(study, data, name)
        if one.found.stopped_because in ("unfinished", "round limit")
    ]
    if not halted:
        return ""
    return f"Stopped early, so that intervals are wider than they would be: {join(halted)}."


def _same_networks(study: StudyData) -> str:
    """A warning where refinements on both data sets are one and the same."""
    first, second = (
        {name: [one.found.principles for one in replicates(study, data, name)] for name in PREDICTORS}
        for data in DATA
    )
    same = [name for name in PREDICTORS if first[name] and first[name] == second[name]]
    if not same:
        return ""
    return (
        f"{join(same)} ends in the same intervals on both data sets, seed by seed. That is no second piece of "
        "evidence: equal seeds draw almost the same networks with the same initial weights below the classifier, "
        "and what differs between the data sets did not change an interval (synflow sees an image of ones, never "
        "the data; its classifier has more outputs, nothing else is different)."
    )


def markdown(columns: Line, lines: Sequence[Line]) -> str:
    """A table in GitHub's Markdown."""
    cells = [columns, tuple("---" for _ in columns), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells)
