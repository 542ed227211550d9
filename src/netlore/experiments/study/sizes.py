"""How much of a study to compute: its sizes, with exceptions for a predictor, for a method, and for both."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from netlore.experiments.config import Method, RefineConfiguration, usual_networks
from netlore.experiments.study.train_config import TrainTable, several

# One method may be written without brackets.
Methods = Annotated[tuple[Method, ...], BeforeValidator(several), Field(min_length=1)]


class Amount(BaseModel):
    """How long to refine; None: nothing is said of it here.

    Attributes:
        networks: Networks in each round.
        replicates: Refinements with seeds that count up.
        round_limit: Give up after so many rounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    networks: int | None = Field(default=None, ge=1)
    replicates: int | None = Field(default=None, ge=1)
    round_limit: int | None = Field(default=None, ge=1)


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

    sample: int = Field(default=0, ge=0)
    batch_size: int = Field(default=64, ge=1)
    data: tuple[str, ...] | None = None
    predictors: tuple[str, ...] | None = None
    methods: Methods = ("paper",)
    method: dict[Method, Amount] = {}
    refine: dict[str, RefineSize] = {}
    train: tuple[TrainTable, ...] = ()

    def methods_of(self, predictor: str) -> tuple[Method, ...]:
        """How a predictor is refined."""
        return self._special(predictor).methods or self.methods

    def of(self, predictor: str, method: Method) -> Amount:
        """How long a predictor is refined by a method, nothing left open.

        What is said of the predictor and the method together counts before what is said of the predictor, that
        before what is said of the method, that before what is said of all, and that before what is usual.
        """
        special = self._special(predictor)
        usual = Amount(
            networks=usual_networks(method),
            replicates=1,
            round_limit=RefineConfiguration.model_fields["round_limit"].default,
        )
        found = usual.model_dump()
        for said in (self, self.method.get(method), special, special.method.get(method)):
            if said is not None:
                found |= said.model_dump(include={*found}, exclude_none=True)
        return Amount(**found)

    def _special(self, predictor: str) -> RefineSize:
        return self.refine.get(predictor, RefineSize())
