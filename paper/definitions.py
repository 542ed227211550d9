"""Write a card for each predictor: what is computed, what is printed, what other implementations do.

    python -m paper.definitions docs/definitions.md

What code says of itself comes from the registry: formula, conditions, evidence, passes, source. The rest stands in
`paper/definitions.toml`, a table for each predictor.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.scoring.cost import passes_of
from netlore.scoring.predictor import EVERYTHING, PREDICTORS, Predictor
from netlore.scoring.transforms import TRANSFORMS
from netlore.storage.atomic import write_whole
from paper.pages import parser, rendered

COMMAND = "python -m paper.definitions docs/definitions.md"
NOTES = Path(__file__).parent / "definitions.toml"
TEXTS = ("formula", "printed", "reduces_to", "published")
LISTS = ("public", "bugs")

Notes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Card:
    """One predictor on the page.

    Attributes:
        name: Its name.
        formula: The first paragraph of its docstring.
        text: The others.
        facts: What code says of it, by what it is.
        notes: What is known of it, as in `definitions.toml`; empty where nothing is.
    """

    name: str
    formula: str
    text: tuple[str, ...]
    facts: Mapping[str, str]
    notes: Mapping[str, Any]


def main() -> None:
    """Write the page."""
    options = parser(__doc__, "out").parse_args()
    print(write_whole(options.out, document(tomllib.loads(NOTES.read_text())).encode()))


def document(notes: Notes) -> str:
    """The whole page.

    Raises:
        InvalidInput: A predictor has no notes, or notes no predictor; or there are some of another kind.
    """
    return rendered("definitions.md.j2", command=COMMAND, cards=list(cards(notes)), escaped=escaped)


def built_in() -> list[Predictor]:
    """netlore's own predictors, the paper's first."""
    return [PREDICTORS.get(name) for name in EVERYTHING]


def cards(notes: Notes) -> Iterator[Card]:
    """A card for each predictor."""
    predictors = {one.name: one for one in built_in()}
    if different := sorted(predictors.keys() ^ notes.keys()):
        raise InvalidInput(
            f"predictors and tables of {NOTES.name} differ in {', '.join(different)}; give each predictor a table."
        )
    for name, one in predictors.items():
        _check(name, notes[name])
        formula, *text = (" ".join(part.split()) for part in inspect.getdoc(one.compute).split("\n\n"))  # type: ignore[union-attr]
        known = dict.fromkeys(TEXTS, "") | dict.fromkeys(LISTS, ()) | dict(notes[name])
        yield Card(name, formula, tuple(text), dict(_facts(one)), known)


def _check(name: str, notes: Mapping[str, Any]) -> None:
    wrong = [key for key in TEXTS if not isinstance(notes.get(key, ""), str)]
    wrong += [key for key in LISTS if not all(isinstance(one, str) for one in notes.get(key, [""]))]
    wrong += [key for key in notes if key not in (*TEXTS, *LISTS)]
    if wrong or "printed" not in notes:
        raise InvalidInput(
            f"table {name!r} of {NOTES.name} is wrong in {', '.join(wrong) or 'printed'}; it has `printed` and "
            f"may have {', '.join(TEXTS)}, texts, and {', '.join(LISTS)}, lists of texts."
        )


def _facts(one: Predictor) -> Iterator[tuple[str, str]]:
    """What code says of a predictor."""
    yield "Source", one.source
    yield from ((name.capitalize(), value) for name, value in one.conditions.as_dict().items())
    yield "Direction", one.direction
    yield "Analysed on the scale", f"{TRANSFORMS.get(one.transform).label} (`{one.transform}`)"
    yield "Applies to", one.applies_to
    yield "Needs", " ".join(f"`{kind.name}`: {kind.summary}" for kind in one.needs) or "no evidence"
    of_module, of_plan = (passes_of(one.needs, kind) for kind in ("module", "plan"))
    yield "Passes over a module", "; ".join(of_module) or "none"
    if of_plan != of_module:
        yield "Passes over a network that netlore builds", "; ".join(of_plan) or "none"


def escaped(text: str) -> str:
    """Text with what Markdown would take for its own signs, but for code and links."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*<|])", r"\\\1", part) for part in parts)


if __name__ == "__main__":
    main()
