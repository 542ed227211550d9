"""How much of a study to compute: its sizes, with exceptions for a predictor, for a method, and for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from netlore.errors import InvalidInput
from netlore.experiments.config import Method, Networks, RefineConfiguration, Replicates
from netlore.experiments.study.train_config import TrainTable, several
from netlore.refinement.methods import METHODS

# One method may be written without brackets.
Methods = Annotated[tuple[Method, ...], BeforeValidator(several), Field(min_length=1)]

_USUAL_LIMIT: int = RefineConfiguration.model_fields["round_limit"].default
_USUAL_METHOD: str = RefineConfiguration.model_fields["method"].default


class Amount(BaseModel):
    """How long to refine; None: nothing is said of it here.

    Attributes:
        networks: Networks in each round.
        replicates: Refinements with seeds that count up.
        round_limit: Rounds after which it ends, whatever it found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    networks: Networks | None = None
    replicates: Replicates | None = None
    round_limit: int | None = Field(default=None, ge=1, le=1_000_000)


class RefineSize(Amount):
    """What one predictor's refinements do otherwise than those of the others.

    Attributes:
        methods: How it is refined; None: as the others.
        method: Exceptions, by method.
    """

    methods: Methods | None = None
    method: dict[Method, Amount] = {}


class Size(Amount):
    """How much of a study to compute.

    Attributes:
        sample: Networks of the initial sample; 0: none.
        batch_size: Images in the batch.
        data: Data sets; the study's if not given.
        predictors: Predictors, perhaps none; the study's if not given.
        methods: Every predictor is refined on every data set by each of them.
        method: Exceptions, by method.
        refine: Exceptions, by predictor.
        train: Trainings, after all refinements.
    """

    sample: int = Field(default=0, ge=0, le=1_000_000)
    batch_size: int = Field(default=64, ge=1, le=1_000_000)
    data: tuple[str, ...] | None = None
    predictors: tuple[str, ...] | None = None
    methods: Methods = (_USUAL_METHOD,)
    method: dict[Method, Amount] = {}
    refine: dict[str, RefineSize] = {}
    train: tuple[TrainTable, ...] = ()

    def methods_of(self, predictor: str) -> tuple[Method, ...]:
        """How a predictor is refined."""
        return self.refine.get(predictor, RefineSize()).methods or self.methods

    def of(self, predictor: str, method: Method) -> Amount:
        """How long a predictor is refined by a method, nothing left open: the most special that is said counts.

        That is what is said of the predictor and the method together, then of the predictor, of the method, of
        all, and last what is usual.
        """
        special, nothing = self.refine.get(predictor, RefineSize()), Amount()
        usual = Amount(networks=METHODS.get(method).networks, replicates=1, round_limit=_USUAL_LIMIT)
        said = (usual, self, self.method.get(method, nothing), special, special.method.get(method, nothing))
        names = Amount.model_fields
        return Amount(
            **{k: v for one in said for k, v in one.model_dump(include={*names}).items() if v is not None}
        )

    def check(self, where: str, predictors: Sequence[str]) -> None:
        """Refuse methods that are named twice, and exceptions for what is not done."""
        _check_methods(where, self.methods, self.method, [m for name in predictors for m in self.methods_of(name)])
        for name, special in self.refine.items():
            _check_used(f"{where}.refine.{name}", "predictor of this size", name, predictors)
            _check_methods(f"{where}.refine.{name}", special.methods or (), special.method, self.methods_of(name))


def _check_methods(
    where: str, named: Sequence[str], exceptions: Mapping[str, Amount], used: Sequence[str]
) -> None:
    if len(set(named)) != len(named):
        raise InvalidInput(f"{where}.methods = {list(named)} has one name twice; name each method once.")
    for method in exceptions:
        _check_used(f"{where}.method.{method}", "method that is used", method, used)


def _check_used(where: str, kind: str, name: str, used: Sequence[str]) -> None:
    if name not in used:
        known = ", ".join(dict.fromkeys(used)) or "none"
        raise InvalidInput(f"{where} is about no {kind}; choose from {known}.")
