"""All tables of a study of reliability: noise, ceilings, whether numbers compare, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from netlore.analysis.resampling import Statistic
from netlore.experiments.reliability import ReliabilityRun
from netlore.report.names import short_data
from netlore.report.tables.table import SHARE, NamedTable, Row, named_table
from netlore.report.text.phrases import join
from netlore.scoring.factors import BATCHES, DATA, PRECISION, SIZES, WEIGHTS
from netlore.scoring.reliability import PredictorReliability

PREDICTOR = "Predictor"
WORDS = {
    WEIGHTS: "initial weights",
    BATCHES: "batches",
    SIZES: "batch sizes",
    DATA: "data sets",
    PRECISION: "precision",
}
"""What factors are called."""
_INTERVALS = "Intervals: 95 %, bootstrap over networks."


def reliability_tables(run: ReliabilityRun) -> list[NamedTable]:
    """Give every table that has rows, the most important first."""
    made = (_noise(run), _agreement(run), _missing(run))
    return [table for table in made if len(table.frame)]


def conditions_text(run: ReliabilityRun) -> str:
    """What was varied, and of which networks, in a sentence."""
    asked, design = run.configuration, run.configuration.design
    whose = asked.benchmark or f"the space {asked.space}"
    varied = {
        WEIGHTS: f"{design.draws} initial weights",
        BATCHES: f"{design.batches} batches",
        SIZES: f"batches of {join([str(size) for size in design.batch_sizes])} images",
        DATA: f"images of {join([short_data(name) for name in (design.data, *design.others)])}",
        PRECISION: "float32 and float64",
    }
    of_all = join([varied[factor] for factor in dict.fromkeys(design.factors)])
    usual = f"{design.batch_size} images of {short_data(design.data)}, {design.dtype}"
    return f"{run.found.networks} networks of {whose}, seed {asked.seed}; {of_all}; else {usual}."


def _three(what: str, found: Statistic) -> Row:
    return {what: found.value, f"{what}, low": found.low, f"{what}, high": found.high}


def _noise(run: ReliabilityRun) -> NamedTable:
    def row(one: PredictorReliability) -> Row:
        shares = {f"Noise of {WORDS[name]}": of.noise for name, of in one.factors.items()}
        return {
            PREDICTOR: one.predictor,
            "Networks": one.reliability.n,
            SHARE: one.noise,
            **_three("Ceiling of Spearman", one.ceiling),
            "Ceiling of Kendall": one.tau_ceiling,
            "Scores for .9": one.scores_for(),
            **shares,
        }

    caption = (
        "How much of a score's rank is noise, and how well one score can rank at most. Noise of a factor: 1 less "
        "the intraclass correlation of ranks, ICC(1,1) of initial weights and ICC(C,1) of the others. Share of "
        "noise: of initial weights and batches together, which are drawn; the other factors are chosen. Ceiling: "
        "the highest rank correlation of one score with anything that depends on the network alone, "
        "sqrt(1 - share). Scores for .9: how many scores, with other weights and batches, have a mean of "
        "reliability .9."
    )
    rows = map(row, run.found.predictors.values())
    return named_table("noise", f"{caption} {_INTERVALS} {conditions_text(run)}", rows)


def _agreement(run: ReliabilityRun) -> NamedTable:
    def row(one: PredictorReliability) -> Row:
        return {PREDICTOR: one.predictor} | {WORDS[name]: of.agreement.value for name, of in one.factors.items()}

    caption = (
        "Whether numbers may be compared, and not ranks alone: ICC(A,1) of scores on the predictor's scale "
        "between the conditions of a factor. 1: the same number; 0: numbers of different conditions have nothing "
        "in common."
    )
    rows = map(row, run.found.predictors.values())
    return named_table("agreement", f"{caption} {conditions_text(run)}", rows)


def _missing(run: ReliabilityRun) -> NamedTable:
    def rows() -> Iterator[Row]:
        for one in run.found.predictors.values():
            for name, of in one.factors.items():
                if of.dropped or of.icc.reason or of.agreement.reason:
                    reason = of.icc.reason or of.agreement.reason
                    yield {
                        PREDICTOR: one.predictor,
                        "Factor": WORDS[name],
                        "Left out": of.dropped,
                        "Reason": reason,
                    }

    caption = (
        "Networks that are left out of a factor, as they have no score under one of its conditions, and why a "
        "value is undefined."
    )
    return named_table("missing", f"{caption} {conditions_text(run)}", rows())
