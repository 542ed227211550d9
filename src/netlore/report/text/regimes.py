"""How principles move with the budget, in a sentence."""

from __future__ import annotations

from itertools import product

from netlore.analysis.judgements import moved
from netlore.report.data import RefinementData, StudyData
from netlore.report.regimes import refined, side_by_side
from netlore.report.text.phrases import count, join


def moves_text(study: StudyData) -> str:
    """Say whose principles under the last budget have least and most in common with those under the first.

    Of several seeds every one counts: none has a value in common. Empty where no predictor has two budgets.
    """
    ends = [(runs[0], runs[-1]) for runs in side_by_side(study.refinements) if runs[1:]]
    found = [(_moved(one, last), one, last) for one, last in ends]
    if not found:
        return ""
    found.sort(key=lambda entry: -len(entry[0]))
    names, first, last = found[0]
    which = f" ({join(names)})" if names else ""
    text = f"{len(names)} of {count(len(first.grids), 'principle')} of {refined(first)} at {last.regime}{which} "
    text += (
        f"{'shares' if len(names) == 1 else 'share'} no value with {'that' if len(names) == 1 else 'those'} at "
    )
    text += f"{first.regime}{', with any seeds' if first.refinements[1:] or last.refinements[1:] else ''}"
    fewest, other, _ = found[-1]
    if len(fewest) < len(names):
        text += f", the most; {len(fewest)} of {refined(other)}, the fewest"
    return f"{text}."


def _moved(one: RefinementData, last: RefinementData) -> list[str]:
    """Hyperparameters in whose intervals no seed of the one has a value in common with any seed of the other."""
    pairs = product(one.refinements, last.refinements)
    apart = [moved(here.principles, there.principles, one.grids) for here, there in pairs]
    return [name for name in one.grids if all(name in names for names in apart)]
