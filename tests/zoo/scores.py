"""What each predictor says of a module, beside its definition."""

from __future__ import annotations

import math

import netlore as nl
from netlore.errors import InvalidInput
from tests.oracles.modules import Definitions
from tests.zoo.cases import Case

PREDICTORS = (
    *("grad_norm", "snip", "grasp", "synflow", "fisher", "jacov", "logdet"),
    *("log_synflow", "grasp_limit", "grad_norm_l2", "grasp_l1", "fisher_parameter"),
)


def judged(case: Case) -> dict[str, tuple[str, str]]:
    """For each predictor a mark and a note: `=` equal to the definition, `-` refused, `!` another number."""
    network, (inputs, targets) = case.network(), case.batch
    try:
        scores = nl.probe(network, inputs, targets, PREDICTORS, "float64", loss=case.loss, output=case.output)
    except InvalidInput as error:
        return dict.fromkeys(PREDICTORS, ("-", str(error)))
    definitions = Definitions(lambda: case.bare(case.network()), inputs, targets, case.loss_of, case.read)
    found = {}
    for name, score in scores.items():
        if score.value is None:
            found[name] = ("-", f"{score.status}: {score.reason}")
        else:
            equal = _error(name, score.value, definitions) < case.tolerance
            found[name] = ("=" if equal else "!", score.reason)
    return found


def _error(name: str, value: float, definitions: Definitions) -> float:
    """Relative to the definition; where its terms cancel, to the sum of their sizes."""
    wanted: float = getattr(definitions, name)
    size = {"grasp": "grasp_l1", "grasp_limit": "grasp_limit_size"}.get(name, name)
    error = abs(value - wanted) / max(abs(getattr(definitions, size)), 1e-300)
    return error if math.isfinite(error) else math.inf
