"""What the numbers rest on: the sizes of the runs, what made them, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from reproduction_claims import DATA, NO_VALUE, PREDICTORS
from reproduction_course import stories

from netlore.report.data import SampleFindings, StudyFindings
from netlore.report.text.phrases import duration, join

Line = Sequence[str]


def rests_on(study: StudyFindings, sample: SampleFindings | None, left_out: Sequence[str]) -> str:
    """The sizes of the runs beside the paper's, versions, commands, and what is missing."""
    lines: list[Line] = []
    if sample is not None:
        size, failed = f"{len(sample.frame):,}", sum(sample.failed.values())
        time = duration(sample.seconds)
        lines.append(("sample, all predictors", size, "5,000", str(sample.seed), NO_VALUE, str(failed), time))
    for data in DATA:
        for name in PREDICTORS:
            found = stories(study, data, name)
            if found:
                lines.append(
                    (
                        f"{DATA[data]}, {name}",
                        f"{found[0].networks:,} a round",
                        "500 a round",
                        ", ".join(str(one.seed) for one in found),
                        ", ".join(str(len(one.rounds)) for one in found),
                        str(sum(one.failed for one in found)),
                        duration(sum(one.seconds for one in found)),
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
        f"{name} on {DATA[data]}" for data in DATA for name in PREDICTORS if not stories(study, data, name)
    ] + (["the sample"] if sample is None else [])
    if absent:
        parts.append(f"Not computed: {join(absent)}.")
    parts += [*left_out, _unfinished(study), _same_networks(study)]
    if commands:
        parts.append("The runs are made by\n\n" + "\n".join(commands))
    return "\n\n".join(part for part in parts if part)


def _commands(study: StudyFindings, sample: SampleFindings | None) -> list[str]:
    ordered = [stories(study, data, name) for data in DATA for name in PREDICTORS]
    return ([sample.command] if sample is not None else []) + [found[0].command for found in ordered if found]


def _unfinished(study: StudyFindings) -> str:
    """A warning where a refinement would go on: its principles are not its last."""
    halted = [
        f"{one.predictor} on {DATA[data]}, seed {one.seed}"
        for data in DATA
        for name in PREDICTORS
        for one in stories(study, data, name)
        if one.stopped_because.startswith(("It was interrupted", "The limit of rounds"))
    ]
    if not halted:
        return ""
    return f"Stopped early, so that intervals are wider than they would be: {join(halted)}."


def _same_networks(study: StudyFindings) -> str:
    """A warning where refinements on both data sets are one and the same."""
    first, second = (
        {name: [one.principles for one in stories(study, data, name)] for name in PREDICTORS} for data in DATA
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
