"""What reports say of a method of refinement, where the same words would not be true of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlore.report.story import RefinementStory


@dataclass(frozen=True)
class MethodWords:
    """The words for one method.

    Attributes:
        rounds: What the rounds did; `{networks}` stands for the networks of one.
        caveat: Why another seed may end elsewhere.
        course: The title of a figure of intervals; `{what}` stands for the hyperparameters, `{s}` for the verb's
            ending.
        best: Whose complexities have intervals.
        sizes: The title of the figure of sizes.
        sizes_table: The caption of the table of sizes.
        best_table: The caption of the table of the best architectures.
    """

    rounds: str
    caveat: str
    course: str
    best: str
    sizes: str
    sizes_table: str
    best_table: str


WORDS = {
    "paper": MethodWords(
        rounds=(
            "Every round sampled {networks}, scored them before any training and narrowed the space to the "
            "intervals of the best."
        ),
        caveat="a refinement narrows every hyperparameter at once and never looks back.",
        course="How {what} narrow{s}",
        best="the best networks of a round",
        sizes="How many architectures are left",
        sizes_table="Architectures in the design space (round 0: the original one)",
        best_table="The best architectures",
    ),
    "memory": MethodWords(
        rounds=(
            "The first round sampled {networks} and scored them before any training; every further one drew as "
            "many, half from the intervals and half around the twelve best architectures so far, anywhere in the "
            "original space, and scored those twelve again, each at most three times in all. An interval is the "
            "range of the twelve, the best by the mean of their scores, so it may move and widen."
        ),
        caveat="a refinement sees a small part of the space.",
        course="How the intervals of {what} move",
        best="the twelve best architectures up to a round",
        sizes="How many architectures the intervals hold",
        sizes_table="Architectures within the intervals (round 0: the original design space)",
        best_table="The best architectures, each by the highest of its scores",
    ),
}
"""By `RefinementStory.method`."""


def remembering(stories: Sequence[RefinementStory]) -> bool:
    """Whether any of these refinements has a memory."""
    return any(story.method == "memory" for story in stories)


def course_title(what: str, stories: Sequence[RefinementStory], one: bool = False) -> str:
    """The title of a figure of intervals; words for a memory are true of refinements without one, too."""
    words = WORDS["memory" if remembering(stories) else "paper"]
    return words.course.format(what=what, s="s" if one else "")


def interval_note(stories: Sequence[RefinementStory]) -> str:
    """What an interval is where a refinement has a memory, as a further sentence; nothing where none has."""
    if not remembering(stories):
        return ""
    names = ", ".join(dict.fromkeys(story.predictor for story in stories if story.method == "memory"))
    return (
        f" An interval of {names} is the range of the twelve best architectures up to its round; half of a round "
        "is drawn around them, so that it may move and widen."
    )


def size_note(stories: Sequence[RefinementStory]) -> str:
    """What a size is where a refinement has a memory, as a further sentence; nothing where none has."""
    if not remembering(stories):
        return ""
    return " Counted is what the intervals hold; with memory, half of a round is not drawn from it alone."
