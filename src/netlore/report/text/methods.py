"""What reports say of a method of refinement, where the same words would not be true of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlore.refinement.methods import METHODS
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData


@dataclass(frozen=True)
class MethodWords:
    """The words for one method.

    Attributes:
        noun: What one such run is called.
        deed: What was done to the design space; the predictor's name follows.
        refined: What was done with a predictor; the data set's name follows.
        rounds: What the rounds did; `{networks}` stands for the networks of one.
        caveat: Why another seed may end elsewhere.
        principles: The title of a table of final intervals.
        course: The title of a figure of intervals; `{what}` stands for the hyperparameters, `{s}` for the verb's
            ending.
        best: Whose complexities have intervals.
        sizes: The title of the figure of sizes.
        sizes_table: The caption of the table of sizes.
        left: What the number of architectures at the end is called.
        ended: From the first size to the last; `{before}` and `{after}` stand for them.
        best_table: The caption of the table of the best architectures.
        settles: Whether it ends by itself, so that a limit of rounds interrupts it; a baseline does as many rounds
            as were asked for.
    """

    noun: str
    deed: str
    refined: str
    rounds: str
    caveat: str
    principles: str = "Design principles"
    course: str = "How the intervals of {what} move"
    best: str = "the twelve best architectures up to a round"
    sizes: str = "How many architectures the intervals hold"
    sizes_table: str = "Architectures within the intervals (round 0: the original design space)"
    left: str = "architectures within the intervals"
    ended: str = "of {before}, the last intervals hold {after}"
    best_table: str = "The best architectures, each by the highest of its scores"
    settles: bool = True


_RANGE = "An interval is the range of the twelve best architectures so far"

WORDS = {
    "paper": MethodWords(
        noun="refinement",
        deed="refined for the predictor",
        refined="refined",
        rounds=(
            "Every round sampled {networks}, scored them before any training and narrowed the space to the "
            "intervals of the best."
        ),
        caveat="a refinement narrows every hyperparameter at once and never looks back.",
        course="How {what} narrow{s}",
        best="the best networks of a round",
        sizes="How many architectures are left",
        sizes_table="Architectures in the design space (round 0: the original one)",
        left="architectures left",
        ended="{before} came down to {after}",
        best_table="The best architectures",
    ),
    "memory": MethodWords(
        noun="refinement with memory",
        deed="refined, with a memory, for the predictor",
        refined="refined with memory",
        rounds=(
            "The first round sampled {networks} and scored them before any training. Every further one drew as "
            "many: half where a quadratic trend of all scores so far is highest, a quarter from the intervals, "
            "and a quarter around the twelve best architectures so far, anywhere in the original space. It also "
            "scored those twelve again, each at most three times in all. They are the best by their own scores "
            "and the trend together; an interval is their range, so it may move and widen."
        ),
        caveat="a refinement sees a small part of the space.",
    ),
    "random": MethodWords(
        noun="random search",
        deed="searched at random for high scores of the predictor",
        refined="in a random search",
        rounds=(
            "Every round sampled {networks} of the whole space, whatever those before had found, and scored them "
            f"before any training. {_RANGE}, so it may move and widen."
        ),
        caveat="a random search sees a small part of the space.",
        principles="Ranges of the twelve best architectures of a random search",
        settles=False,
    ),
    "evolution": MethodWords(
        noun="regularised evolution",
        deed="searched by regularised evolution for high scores of the predictor",
        refined="in a regularised evolution",
        rounds=(
            "Rounds sampled {networks} and scored them before any training, until the population was full: those "
            "scored last, 100 or as many as a round has. Every further round scored as many children, each one "
            f"grid step from the best of 25 random members. {_RANGE}, so it may move and widen."
        ),
        caveat="an evolution sees a small part of the space.",
        principles="Ranges of the twelve best architectures of a regularised evolution",
        settles=False,
    ),
}
"""By a configuration's method."""


def by_elites(refinements: Sequence[RefinementData]) -> bool:
    """Whether intervals of any of these refinements are ranges of its elites, and not from a bootstrap."""
    return any(each.method != "paper" for each in refinements)


def course_title(what: str, refinements: Sequence[RefinementData], one: bool = False) -> str:
    """The title of a figure of intervals; what is said of those that move is true of those that narrow, too."""
    words = next((WORDS[each.method] for each in refinements if by_elites([each])), WORDS["paper"])
    return words.course.format(what=what, s="s" if one else "")


def principles_caption(refinements: Sequence[RefinementData]) -> str:
    """The caption of a table of final intervals, which are no principles where a baseline found them."""
    baselines = [each for each in refinements if not WORDS[each.method].settles]
    if refinements and len(baselines) == len(refinements):
        nouns = dict.fromkeys(WORDS[each.method].noun for each in baselines)
        return f"Ranges of the twelve best architectures, by {' and by '.join(nouns)}."
    names = ", ".join(dict.fromkeys(f"{each.predictor} on {each.data}" for each in baselines))
    ranges = f"; of {names}, ranges of the twelve best architectures" if baselines else ""
    return f"Design principles that refinement uncovered{ranges}."


def interval_note(refinements: Sequence[RefinementData]) -> str:
    """What an interval is where it is no bootstrap's, as a further sentence; nothing where each of them is."""
    if not by_elites(refinements):
        return ""
    return (
        f" An interval of {_by_elites(refinements)} is the range of the twelve best architectures up to its "
        "round, so it may move and widen."
    )


def size_note(refinements: Sequence[RefinementData]) -> str:
    """What a size is where rounds are not drawn from the intervals alone, as a further sentence; else nothing."""
    if not by_elites(refinements):
        return ""
    which = _by_elites(refinements)
    return f" Of {which}, what the intervals hold is counted; rounds were not drawn from that alone."


def _by_elites(refinements: Sequence[RefinementData]) -> str:
    """The predictors of those refinements whose intervals are ranges."""
    return ", ".join(dict.fromkeys(each.predictor for each in refinements if by_elites([each])))


def stop_sentence(method: str, one: Refinement) -> str:
    """Why a refinement is over, and from when on its rounds were not full."""
    stopped = METHODS.get(method).why_stopped(one.stopped_because)
    exhausted = [found.number for found in one.rounds if found.exhausted]
    if not exhausted:
        return stopped
    if METHODS.get(method).has_elites:
        rounds = "1 round" if len(exhausted) == 1 else f"{len(exhausted)} rounds"
        return f"{stopped[:-1]}; in {rounds} there were fewer networks to score than asked for."
    return f"{stopped[:-1]}; from round {exhausted[0]} on every remaining architecture was scored."
