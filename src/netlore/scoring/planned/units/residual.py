"""The residual sum."""

from __future__ import annotations

from dataclasses import replace

from netlore.scoring.planned.units.signals import Backward, Forward, Record, Unit, run_backward, run_forward


class Residual:
    """A branch and a shortcut from the same input, added.

    While too much would be kept, it recomputes: it keeps nothing but its input, and runs forward again before it
    runs backward. The first ones are; when their turn comes, what the others kept is gone already.
    """

    def __init__(self, branch: list[Unit], shortcut: list[Unit], record: Record) -> None:
        self._branch, self._shortcut, self._record = branch, shortcut, record
        self._x: Forward | None = None

    def forward(self, x: Forward) -> Forward:
        """The sum of both paths."""
        if self._record.keep and self._record.excess > 0:
            self._x = x
            with self._record.paused(keep=False):
                return self._sum(x)
        return self._sum(x)

    def _sum(self, x: Forward) -> Forward:
        long, short = run_forward(self._branch, x), run_forward(self._shortcut, x)
        tangent = None
        if long.tangent is not None and short.tangent is not None:
            tangent = long.tangent + short.tangent
        return Forward(long.value.add_(short.value), tangent)

    def backward(self, g: Backward) -> Backward:
        """The sum of both paths' gradients."""
        if self._x is not None:
            with self._record.paused(keep=True):
                self._sum(self._x)
            self._x = None
        # Units use up what they are given: the branch gets a Backward of its own, of the same gradients.
        long = run_backward(self._branch, replace(g))
        short = run_backward(self._shortcut, g)
        return long.plus(short)
