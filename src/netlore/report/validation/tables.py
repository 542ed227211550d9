"""All tables of a validation; each says which accuracy is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netlore.analysis.correlation import kendall_matrix
from netlore.analysis.initialisation_noise import InitialisationNoise
from netlore.analysis.resampling import Statistic
from netlore.report.tables.table import SHARE, NamedTable, Row, named_table
from netlore.report.text.phrases import NOISE
from netlore.report.validation.data import ValidationData, name_of
from netlore.scoring.noise import known_noise
from netlore.validation.judgement import Judgement

QUANTITY = "Quantity"
MAIN = ("rank-correlation", "within-costs", "choices")
"""Names of the tables that a reader looks for first."""

_INTERVALS = "Intervals: 95 %, bootstrap over networks."
_STATISTICS = {
    "kendall": "Kendall's tau",
    "spearman": "Spearman's rho",
    "partial": "partial rank correlation",
    "within_flops": "within bands of FLOPs",
    "within_layers": "within numbers of layers",
}


def validation_tables(data: ValidationData) -> list[NamedTable]:
    """Give every table that has rows, the most important first."""
    makers = (_correlations, _dropped, _within, _choices, _initialisation, _hardware, _undefined)
    return [table for make in makers for table in [make(data)] if len(table.frame)]


def _table(data: ValidationData, name: str, caption: str, of: Callable[[Judgement], Row | None]) -> NamedTable:
    """A table with a row for each quantity that has one."""
    rows = ((one, of(one)) for one in data.found.judgements)
    found = ({QUANTITY: name_of(one), **row} for one, row in rows if row is not None)
    return named_table(name, f"{caption} {data.networks}. {data.accuracy}", found)


def _three(what: str, found: Statistic | None) -> Row:
    """A value and the ends of its interval."""
    value, low, high = (found.value, found.low, found.high) if found else (None, None, None)
    return {what: value, f"{what}, low": low, f"{what}, high": high}


def _correlations(data: ValidationData) -> NamedTable:
    predictors, best = {one.name for one in data.found.predictors}, data.best_count
    known = known_noise(data.found.accuracies.architectures[0].family)
    noise = known.predictors

    def of(one: Judgement) -> Row:
        above = data.above_counts(one) if one.name in predictors else None
        more = {} if best is None else _three(f"Above {name_of(best)}", above)
        return {
            "Networks": len(one.scores),
            "Failed": one.failed,
            **_three("Kendall", one.kendall),
            **_three("Spearman", one.spearman),
            **more,
            **({SHARE: noise[one.name].share} if one.name in predictors & noise.keys() else {}),
        }

    caption = "Rank correlation with accuracy, networks without a score ranked last."
    if best is not None:
        caption += f" Above {name_of(best)}: difference in Kendall's tau to that count, the best of all."
    if predictors & noise.keys():
        caption += f" {SHARE}: {NOISE}, {known.about}"
    return _table(data, "rank-correlation", f"{caption} {_INTERVALS}", of)


def _dropped(data: ValidationData) -> NamedTable:
    def of(one: Judgement) -> Row | None:
        if not one.failed:
            return None
        counted = {"Networks": one.kendall_dropped.n, "Failed": one.failed}
        kendall, spearman = _three("Kendall", one.kendall_dropped), _three("Spearman", one.spearman_dropped)
        return {**counted, **kendall, **spearman}

    caption = "Rank correlation with accuracy without the networks that have no score, where there are any."
    return _table(data, "rank-correlation-dropped", f"{caption} {_INTERVALS}", of)


def _within(data: ValidationData) -> NamedTable:
    def of(one: Judgement) -> Row:
        return {
            **_three("Partial", one.partial),
            "Given": " and ".join(one.given),
            **_three("Within FLOPs", one.within_flops),
            **_three("Within layers", one.within_layers),
        }

    bands = data.found.ground.bands
    caption = (
        "What is left of it where costs are equal. Partial: Spearman's rho given costs. Within FLOPs: Kendall's "
        f"tau over pairs of one of {bands} bands of FLOPs with about equally many networks; within "
        "layers: over pairs with as many layers."
    )
    return _table(data, "within-costs", f"{caption} {_INTERVALS}", of)


def _choices(data: ValidationData) -> NamedTable:
    best, unit = data.found.ground.best, data.unit

    def of(one: Judgement) -> Row:
        return {
            "nDCG": one.ndcg,
            f"Precision of {best}": one.precision,
            f"Regret of the best, {unit}": one.regret,
            f"Regret of ten, {unit}": one.regret_of_ten,
        }

    highest = float(data.found.ground.accuracies.max())
    chance = data.chance
    caption = (
        "What a quantity would choose. nDCG: a network that is a point less accurate has half the gain. Precision "
        f"of {best}: share of the {best} networks with the highest score that are among the {best} most accurate "
        f"ones. Regret: the highest accuracy, {highest:.4g} {unit}, less that of the network with the highest "
        f"score, and less the highest of the ten with the highest scores; chance: {chance[0]:.3g} and "
        f"{chance[min(10, len(chance)) - 1]:.3g}."
    )
    return _table(data, "choices", caption, of)


def _initialisation(data: ValidationData) -> NamedTable:
    def row(what: str, noise: InitialisationNoise, kendall: float | None, spearman: float | None) -> Row:
        return {
            QUANTITY: what,
            "Share of initialisation": noise.share,
            "Kendall": kendall,
            "Ceiling of Kendall": noise.tau_ceiling,
            "Spearman": spearman,
            "Ceiling of Spearman": noise.rho_ceiling,
        }

    noisy = [(one, one.noise) for one in data.found.judgements if one.noise is not None]
    rows = [row(name_of(one), noise, one.kendall.value, one.spearman.value) for one, noise in noisy]
    if data.found.training_noise is not None:
        rows.append(row("accuracy, by its trainings", data.found.training_noise, None, None))
    caption = (
        "What initialisation does. Share: of the variance of ranks, between initialisations of one network. "
        "Ceilings: what a score with this noise would reach if it ranked perfectly but for it; the noise of the "
        "accuracies, which come of few trainings, is not in them, but in a row of its own where trainings are "
        "known."
    )
    return named_table("initialisation", f"{caption} {data.networks}. {data.accuracy}", rows)


def _hardware(data: ValidationData) -> NamedTable:
    known = data.found.accuracies.hardware or {}
    names = {one.name: one.scores for one in data.found.judgements}
    found = kendall_matrix({**names, **known}) if known else None
    places = {name: place for place, name in enumerate((*names, *known))}

    def of(one: Judgement) -> Row | None:
        if found is None:
            return None
        return {name: found.tau[places[one.name], places[name]] for name in known}

    caption = "Kendall's tau with latencies (ms) and energies (mJ), without networks that have no score."
    return _table(data, "hardware", caption, of)


def _undefined(data: ValidationData) -> NamedTable:
    def rows() -> Iterator[Row]:
        for one in data.found.judgements:
            for name, what in _STATISTICS.items():
                if reason := getattr(one, name).reason:
                    yield {QUANTITY: name_of(one), "Statistic": what, "Reason": reason}

    return named_table("undefined", f"What is undefined, and why. {data.networks}. {data.accuracy}", rows())
