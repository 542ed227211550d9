"""What a check raises, and the frame that all checks share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Text = Callable[[Exception], str]


class ConformanceError(AssertionError):
    """A plug-in breaks a rule that the rest of netlore relies on.

    Args:
        plugin: What is checked, with its name: `predictor 'snip'`.
        rule: The rule, as a sentence without its full stop.
        found: What was found instead.
    """

    def __init__(self, plugin: str, rule: str, found: str) -> None:
        super().__init__(f"{plugin}: {rule}; {found.rstrip('.')}.")


class Checked:
    """A plug-in under check, by the name that it has in messages."""

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin

    def require(self, holds: object, rule: str, found: str) -> None:
        """Refuse the plug-in unless the rule holds."""
        if not holds:
            raise ConformanceError(self._plugin, rule, found)

    @contextmanager
    def rule(self, rule: str, *errors: type[Exception], found: Text = "it raises {!r}".format) -> Iterator[None]:
        """Inside, an error of these types breaks the rule; `found` puts it into words."""
        try:
            yield
        except ConformanceError:
            raise
        except errors as error:
            raise ConformanceError(self._plugin, rule, found(error)) from None
