"""What reports say of a method of refinement; a method that is not installed is called by its name."""

from __future__ import annotations

from collections.abc import Sequence

from netlore.errors import NetloreError
from netlore.refinement.loop import Search, SearchSettings
from netlore.refinement.methods import METHODS, Method
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData
from netlore.report.text.phrases import count, join

_NAMED = 4  # refinements in a sentence; more are counted


def method_of(name: str, refinements: Sequence[Refinement] = ()) -> Method:
    """The method of that name; where it is not installed, what its refinements show of it."""
    try:
        return METHODS.get(name)
    except NetloreError:
        elites = any(one.elites for one in refinements)
        return Method(name, f"refinement by {name}", "", 1, None, True, elites, _not_installed, {})


def _not_installed(settings: SearchSettings) -> Search:
    raise NetloreError("this method is not installed; its refinements can only be read.")


def by_elites(runs: Sequence[RefinementData]) -> str:
    """Whose intervals are ranges of elites, and not from a bootstrap: their predictors; empty if nobody's."""
    found = (one.predictor for one in runs if method_of(one.method, one.refinements).has_elites)
    return ", ".join(dict.fromkeys(found))


def course_title(what: str, runs: Sequence[RefinementData]) -> str:
    """The title of a figure of intervals; what is said of those that move is true of those that narrow, too."""
    return f"How the intervals of {what} move" if by_elites(runs) else f"How {what} narrow"


def principles_title(method: Method) -> str:
    """The title of a table of final intervals, which are no principles where a baseline found them."""
    return (
        "Design principles" if method.settles else f"Ranges of the twelve best architectures of a {method.label}"
    )


def principles_caption(runs: Sequence[RefinementData]) -> str:
    """The caption of a table of final intervals of several refinements."""
    methods = [(one, method_of(one.method, one.refinements)) for one in runs]
    baselines = [(one, method.label) for one, method in methods if not method.settles]
    if runs and len(baselines) == len(runs):
        labels = dict.fromkeys(label for _, label in baselines)
        return f"Ranges of the twelve best architectures, by {' and by '.join(labels)}."
    names = ", ".join(dict.fromkeys(f"{one.predictor} on {one.data}" for one, _ in baselines))
    ranges = f"; of {names}, ranges of the twelve best architectures" if baselines else ""
    return f"Design principles that refinement uncovered{ranges}."


def common_draws_note(runs: Sequence[RefinementData]) -> str:
    """Which refinements of several predictors or data begin with the same networks, as a sentence; empty: none."""
    names: dict[tuple[str, str, int], dict[str, None]] = {}
    for one in runs:
        if (asked := one.configuration).common_draws:
            names.setdefault((one.family, one.budget, asked.seed), {})[f"{one.predictor} on {one.data}"] = None
    shared = [name for group in names.values() if len(group) > 1 for name in group]
    if not shared:
        return ""
    which = join(shared) if len(shared) <= _NAMED else f"{len(shared)} pairs of a predictor and a data set"
    return (
        f"The draws of {which} are common: under one seed these refinements begin with the same networks and "
        "initial weights, so that what they agree on is no independent evidence."
    )


def interval_note(runs: Sequence[RefinementData]) -> str:
    """What an interval is where it is no bootstrap's, as a further sentence; nothing where each of them is."""
    text = "is the range of the twelve best architectures up to its round, so it may move and widen."
    return f" An interval of {names} {text}" if (names := by_elites(runs)) else ""


def share_note(runs: Sequence[RefinementData]) -> str:
    """What the share of a category's name is, as a further sentence."""
    of_resamples = "the probability that the best network of a resample has the name; it is kept from 2.5 % on"
    of_elites = "the part of the twelve best architectures up to its round that have the name; all these are kept"
    names, others = by_elites(runs), [one for one in runs if not by_elites([one])]
    if not names:
        return f" A share is {of_resamples}."
    return f" A share is {of_resamples}. Of {names} it is {of_elites}." if others else f" A share is {of_elites}."


def size_note(runs: Sequence[RefinementData]) -> str:
    """What a size is where rounds are not drawn from the intervals alone, as a further sentence; else nothing."""
    text = "what the intervals hold is counted; rounds were not drawn from that alone."
    return f" Of {names}, {text}" if (names := by_elites(runs)) else ""


def stop_sentence(method: str, one: Refinement) -> str:
    """Why a refinement is over, and from when on its rounds were not full."""
    found = method_of(method, [one])
    stopped = found.why_stopped(one.stopped_because)
    exhausted = [entry.number for entry in one.rounds if entry.exhausted]
    if not exhausted:
        return stopped
    if found.has_elites:
        rounds = count(len(exhausted), "round")
        return f"{stopped[:-1]}; in {rounds} there were fewer networks to score than asked for."
    return f"{stopped[:-1]}; from round {exhausted[0]} on every remaining architecture was scored."
