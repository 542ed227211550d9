"""Predictor: a named pure function of evidence, and the registry of all of them."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.plugins import Registry
from netlore.scoring import predictors
from netlore.scoring.conditions import AS_GIVEN, NOTHING, Conditions, together
from netlore.scoring.evidence import Evidence
from netlore.scoring.expressions import FUNCTIONS, evaluated, is_expression, usage
from netlore.scoring.fingerprint import fingerprint
from netlore.scoring.transforms import TRANSFORMS
from netlore.storage.rounds import PredictorRecord

Formula = Callable[[Any], Tensor]
"""From a `Probe` to a scalar tensor."""


@dataclass(frozen=True)
class Predictor:
    """A zero-cost predictor. Of two networks the one with the higher raw score is preferred.

    Attributes:
        name: The name under which scores are stored.
        compute: From a probe to a scalar tensor; reads only what `needs` declares.
        needs: The evidence that it reads.
        source: Where the definition comes from.
        transform: Name of the transform to the scale on which scores are analysed and drawn; see `transforms`.
        summary: The first sentence of the function's docstring.
        applies_to: To which networks the definition applies, in a sentence.
        version: Of the definition, counted up when the formula changes; None: the source is what counts.
        direction: Which scores are preferred.
        layers: Which layers or weights count, in words.
        reduction: How numbers of layers, weights, images and draws become one, in words.
    """

    name: str
    compute: Formula
    needs: Evidence
    source: str
    transform: str
    summary: str
    version: int | None = None
    applies_to: str = ""
    direction: str = "higher is better"
    layers: str = ""
    reduction: str = ""

    @property
    def conditions(self) -> Conditions:
        """What belongs to the definition apart from the formula: its evidence's, its layers and its reduction."""
        of_evidence = together(kind.conditions for kind in self.needs)
        return replace(of_evidence, layers=self.layers, reduction=self.reduction)

    @property
    def names_of_members(self) -> tuple[str, ...]:
        """Of a combination, its predictors."""
        return ()

    @property
    def population(self) -> tuple[tuple[float | None, ...], ...]:
        """Of a combination, the scores of the networks that others are ranked among."""
        return ()

    @property
    def fingerprint(self) -> str:
        """Of two definitions of one name, whether they are the same: the version, and what its own passes show
        the network and with which weights; or what the source computes."""
        if self.version is None:
            return fingerprint(self.definition)
        own = together(kind.conditions for kind in self.needs if kind.run is not None)
        return f"version {self.version}" + (f"; {own}" if own not in (AS_GIVEN, NOTHING) else "")

    @property
    def definition(self) -> tuple[object, ...]:
        """What the scores depend on: the formula and evidence with a pass of its own."""
        return self.version, self.compute, *(kind.definition for kind in self.needs if kind.run is not None)

    def __reduce__(self) -> tuple[Callable[..., Predictor], tuple[str, ...]]:
        """Travel to worker processes as an expression or an import path: the decorated function's name holds the
        predictor."""
        if is_expression(self.name):
            return evaluated, (self.name,)
        module, attribute = self.compute.__module__, getattr(self.compute, "__qualname__", "<no name>")
        if getattr(sys.modules.get(module), attribute, None) is not self:
            raise InvalidInput(
                f"predictor {self.name!r} is not {module}.{attribute}, where worker processes would look for it; "
                f"decorate a function at the top level of a module, or use one worker."
            )
        return _imported, (module, attribute)


def _imported(module: str, attribute: str) -> Predictor:
    found: Predictor = getattr(importlib.import_module(module), attribute)
    return found


@validated
def predictor(
    name: str,
    *,
    needs: Evidence,
    source: str,
    transform: str = "log",
    version: int | None = None,
    applies_to: str = "All networks that give its evidence.",
    layers: str = "",
    reduction: str = "",
    direction: str = "higher is better",
) -> Callable[[Formula], Predictor]:
    """Make a predictor of a function of evidence.

    Nothing is registered by that: pass the result itself to `probe`, `score` or `refine`, or name it in the
    entry-point group `netlore.predictors`.

    A store keeps the fingerprint of every definition with its scores, and refuses another one. It is made of the
    source, so that any change counts; declare a `version`, and it is the version that counts. `applies_to` says in
    a sentence to which networks the definition applies, `layers` which of their layers or weights count,
    `reduction` how numbers of layers, weights, images and draws become one. What the network is shown, with which
    weights and in which mode comes from the evidence. `direction` is other than usual only where none is known.

    Raises:
        InvalidInput: No such transform, or a name that a table's columns need.
    """
    if not (re.fullmatch(r"[A-Za-z_]\w*", name) or is_expression(name)) or name in _COLUMNS:
        raise InvalidInput(
            f"predictor name {name!r} is not free; choose letters, digits and underscores that are no column of a "
            f"score table: {', '.join(_COLUMNS)}."
        )
    if ":" not in transform and transform not in TRANSFORMS:
        raise InvalidInput(f"transform {transform!r} is not known; choose one of {', '.join(TRANSFORMS.names())}.")

    def make(compute: Formula) -> Predictor:
        summary = (compute.__doc__ or name).strip().splitlines()[0]
        return Predictor(
            name, compute, needs, source, transform, summary, version, applies_to, direction, layers, reduction
        )

    return make


WEIGHTED = "Networks most of whose weights are those of convolutions, linear layers, attention or recurrent layers"
"""To which networks predictors of weights apply."""

_COLUMNS = ("architecture", "seed", "draw")

PAPER = ("grad_norm", "snip", "grasp", "synflow", "fisher", "jacov", "logdet")
"""The seven predictors of the paper, in its order."""

_FILES = sorted(module.name for module in pkgutil.iter_modules(predictors.__path__))

EVERYTHING = tuple(dict.fromkeys([*PAPER, *_FILES]))
"""All that are built in, the paper's first."""

PREDICTORS: Registry[Predictor] = Registry(
    "predictor",
    "netlore.predictors",
    {name: f"{predictors.__name__}.{name}:{name}" for name in EVERYTHING},
    lambda entry: isinstance(entry, Predictor),
)
"""By name: ours are named after their files, and other packages' are entry points."""


def resolve(wanted: str | Predictor | Sequence[str | Predictor]) -> tuple[Predictor, ...]:
    """Predictors from names, `"all"` (the paper's seven), `"everything"` (all that are built in), or predictors
    themselves, each once.

    Raises:
        UnknownName: A name is not registered; it may be an import path `package.module:name`, or have arguments,
            as `logrank(logdet, synflow)`.
        InvalidInput: None is named, or one twice; one is no predictor, or has the name of another registered one.
    """
    asked = [wanted] if isinstance(wanted, str | Predictor) else list(wanted)
    several: dict[Any, tuple[str, ...]] = {"all": PAPER, "everything": EVERYTHING}
    named = [one for item in asked for one in (several.get(item, (item,)) if isinstance(item, str) else (item,))]
    found = tuple(_checked(_named(one) if isinstance(one, str) else one) for one in named)
    names = [one.name for one in found]
    if not found or len(set(names)) != len(names):
        raise InvalidInput(f"predictors = {names!r} names none or one twice; name each predictor once.")
    return found


def _named(name: str) -> Any:
    """What a name, an import path or an expression stands for."""
    if is_expression(name):
        return evaluated(name)
    if name in FUNCTIONS:
        raise InvalidInput(f"predictor {name!r} takes arguments; write {usage(name)}.")
    return PREDICTORS.get(name)


def check_columns(found: Iterable[Predictor], family: str, columns: Collection[str]) -> None:
    """Refuse a predictor whose name is a hyperparameter of the family or a measure: it would hide that column."""
    for one in found:
        if one.name in columns:
            raise InvalidInput(
                f"predictor name {one.name!r} is a hyperparameter or a measure of family {family!r}; they are "
                f"columns of one table, so give the predictor another name."
            )


def _checked(found: object) -> Predictor:
    """A predictor whose name is its own. Scores are stored by name, so no two predictors may share one."""
    if not isinstance(found, Predictor):
        raise InvalidInput(f"{found!r} is no predictor; decorate a function with @predictor.")
    if found.name in PREDICTORS.names() and PREDICTORS.get(found.name) is not found:
        raise InvalidInput(f"predictor name {found.name!r} is taken; choose another name.")
    return found


def definitions(predictors: Iterable[Predictor]) -> dict[str, PredictorRecord]:
    """What a store keeps of predictors, by their names."""
    found = {}
    for one in predictors:
        label = TRANSFORMS.get(one.transform).label
        about = (one.direction, one.source, one.summary, one.conditions.as_dict())
        found[one.name] = PredictorRecord(
            one.fingerprint, one.transform, label, *about, one.names_of_members, one.population
        )
    return found
