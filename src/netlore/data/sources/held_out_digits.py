"""The digits, of which a fifth is held out: a task that trains on a laptop in a minute."""

from __future__ import annotations

from netlore.data.hold_out import hold_out, measured
from netlore.data.sources.digits import digits
from netlore.data.split import Split, paired

HELD_OUT_DIGITS = 0.2


def digits_split(seed: int) -> Split:
    """1,438 digits to learn from and 359 to judge by, a fifth of each class. The seed plays no part.

    Normalised by the statistics of the former. The mirror image of a digit is none.
    """
    training, validation = hold_out(digits(seed), HELD_OUT_DIGITS)
    return paired(measured(training), validation, mirrors=False)
