"""What a check raises."""

from __future__ import annotations


class ConformanceError(AssertionError):
    """A plug-in breaks a rule that the rest of netlore relies on.

    Args:
        plugin: What is checked, with its name: `predictor 'snip'`.
        rule: The rule, as a sentence without its full stop.
        found: What was found instead.
    """

    def __init__(self, plugin: str, rule: str, found: str) -> None:
        super().__init__(f"{plugin}: {rule}; {found}.")
