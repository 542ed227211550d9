"""Write what predictors are in closed form, and the optima that follow, from stored scores.

    python -m paper.closed_forms docs/closed-forms.md results

`results` holds archives of scores; those of AnyNets on CIFAR-10 and CIFAR-100 count, each once. Nothing is scored;
it takes some minutes. Figures go to `figures` next to the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.closed_forms.optimum import Optimum, optimum
from netlore.closed_forms.synaptic_flow import block_gain
from netlore.report.figures.figure import png_bytes
from netlore.scoring.transforms import identity, log, minus_log_minus
from netlore.space.families.anynet import anynet
from netlore.storage.archive import opened
from netlore.storage.atomic import make_folder, write_whole
from paper.closed_forms_data import (
    FLOPS,
    NAMES,
    PARAMS,
    Fit,
    Noise,
    by_mean,
    elsewhere,
    held_out,
    noise_of,
    rank_fit,
    stored,
    swept,
    synflow_fits,
)
from paper.closed_forms_figures import Ends, fitted_figure, predicted_figure, regimes_figure
from paper.pages import markdown, parser, rendered

COMMAND = "python -m paper.closed_forms docs/closed-forms.md results"
BUDGETS = ((10e6, 50e6), (50e6, 100e6), (100e6, 200e6))
SAMPLE = "sample-cifar10"
FITTED: dict[str, Callable[[Floats], Floats]] = {
    "logdet": identity,
    "jacov": minus_log_minus,
    "snip": log,
    "grad_norm": log,
}
"""Predictors with a fitted form, and the scale on which it is fitted."""
SCALES = {"logdet": "S", "jacov": "-ln(-S)", "snip": "ln S", "grad_norm": "ln S"}
Row = dict[str, Any]


def main() -> None:
    """Write the document and its figures."""
    options = parser(__doc__, "out", "results").parse_args()
    scores = stored(options.results, "synflow")
    mean, form = synflow_fits(scores)
    noise = noise_of(scores, mean)
    sweeps = {"flops": [*swept("flops", FLOPS)], "params": [*swept("params", PARAMS)]}
    refined = sorted(refinements(options.results / "regimes"), key=lambda one: one[0])
    optima = [optimum(anynet(10, flops=budget)) for budget in BUDGETS]
    fits = fitted(options.results)
    pictures = make_folder(options.out.parent / "figures")
    drawn = {
        "synflow": predicted_figure(mean, form, noise.sd),
        "regimes": regimes_figure(sweeps, refined),
        "fitted": fitted_figure([one for one, _ in fits.values()]),
    }
    for name, figure in drawn.items():
        write_whole(pictures / f"closed-forms-{name}.png", png_bytes(figure))
    text = document(scores, (mean, form), noise, optima, sweeps, refined, fits, activations(options.results))
    print(write_whole(options.out, text.encode()))


def document(
    scores: pd.DataFrame,
    synflow: tuple[Fit, Fit],
    noise: Noise,
    optima: Sequence[Optimum],
    sweeps: Mapping[str, Sequence[tuple[float, Optimum]]],
    refined: Sequence[tuple[tuple[float, float], Ends]],
    fits: Mapping[str, tuple[Fit, Fit]],
    of_activations: Mapping[str, Any],
) -> str:
    """The whole page."""
    return rendered(
        "closed_forms.md.j2",
        command=COMMAND,
        table_of=lambda rows: markdown(rows[0], [list(row.values()) for row in rows]),
        gain=float(block_gain(1.0, 1.0)),
        scored=[*synflow_rows(scores, synflow)],
        noise=noise,
        architectures=len(scores.drop_duplicates(NAMES)),
        seeds=sorted(scores["seed"].unique().tolist()),
        optima=[optimum_row(one, scores) for one in optima],
        shares=[share_row(one) for one in optima],
        sweeps={name: [sweep_row(high, one) for high, one in found] for name, found in sweeps.items()},
        refined=[refined_row(budget, ends, optima) for budget, ends in refined],
        fits=[fit_row(name, *pair) for name, pair in fits.items()],
        activations=of_activations,
    )


def synflow_rows(scores: pd.DataFrame, synflow: tuple[Fit, Fit]) -> Iterator[Row]:
    """Of all stored scores, and of the random sample alone, each form's fit."""
    for where, which in (("all stored", np.ones(len(scores), bool)), ("random sample", scores["run"] == SAMPLE)):
        for one, label in zip(synflow, ("ln E[S], nothing fitted", "sum over stages, one constant"), strict=True):
            part = Fit(one.name, one.scored[which], one.predicted[which])
            low, high = part.interval
            yield {
                "Networks": f"{where}, {int(which.sum()):,}",
                "Form": label,
                "R2": f"{part.r2:.5f}",
                "95 %": f"{low:.5f} to {high:.5f}",
                "Mean residual": f"{part.residual.mean():.2f}",
                "sd of residuals": f"{part.residual.std():.2f}",
            }


def optimum_row(found: Optimum, scores: pd.DataFrame) -> Row:
    """The exact optimum, its rivals, and what of it was scored."""
    place, mean, looked_at, bound = by_mean(found)
    best = found.space.architectures({name: column[place : place + 1] for name, column in found.values.items()})[0]
    following = found.next_best
    assert following is not None
    names = list(found.values)
    is_tied = pd.Series(False, index=scores.index)
    for one in found.tied:
        is_tied |= (scores[names] == [one.values[name] for name in names]).all(axis=1)
    own = np.log(scores.loc[is_tied & (scores["classes"] == 10), "score"])
    return {
        "Budget": str(found.space.budget),
        "Architectures": str(found.within_budget),
        "Optimum": str(found.best),
        "MFLOPs": f"{found.measures['flops'][0] / 1e6:.2f}",
        "Form": f"{found.value():.2f}",
        "Tied": len(found.tied),
        "Next": f"{following}: {found.value(len(found.tied)):.2f}",
        "Highest ln E[S]": f"{mean:.2f}" + ("" if best in found.tied else f" ({best})"),
        "Of": looked_at,
        "All others below": f"{bound:.2f}",
        "Scored": f"{own.mean():.2f} (n = {len(own)})" if len(own) else "never",
    }


def share_row(found: Optimum) -> Row:
    """How many the best share are, and what they span."""
    return {
        "Budget": str(found.space.budget),
        "Networks": f"{len(found.highest):,}",
        "Form": f"{found.value(-1):.2f} to {found.value():.2f}",
        **{name: str(kept) for name, kept in found.intervals().items()},
    }


def sweep_row(high: float, found: Optimum) -> Row:
    """The optimum under one budget."""
    return {
        "Up to": f"{high:,.0f}",
        "Optimum": str(found.best).partition("; b")[0],
        "Form": f"{found.value():.1f}",
        "Best 0.001 %": f"{len(found.highest):,}, from {found.value(-1):.1f}",
    }


def refinements(folder: Path) -> Iterator[tuple[tuple[float, float], Ends]]:
    """Budget and last intervals of every finished refinement by synflow, with their medians."""
    for path in sorted(folder.glob("synflow-*/run.json")):
        with opened(path.parent) as reader:
            for one in reader.refinements():
                if one.stopped_because is not None:
                    low, high = one.space["budget"]["flops"]
                    estimates: Any = one.rounds[-1].estimates
                    yield (
                        (low, high),
                        {name: estimates[name] for name in (f"{x}{i}" for x in "dwg" for i in (1, 2, 3))},
                    )


def refined_row(budget: tuple[float, float], ends: Ends, optima: Sequence[Optimum]) -> Row:
    """A refinement beside the exact optimum of its budget."""
    best = next(one for one in optima if one.space.budget.limits()["flops"] == budget).best
    held = [name for name, (low, _, high) in ends.items() if low <= best.values[name] <= high]
    return {
        "Budget": f"{budget[0] / 1e6:g} to {budget[1] / 1e6:g} MFLOPs",
        **{letter: ",".join(f"{ends[f'{letter}{i}'][1]:g}" for i in (1, 2, 3)) for letter in "dwg"},
        "Intervals that hold the optimum": f"{len(held)} of {len(ends)}",
    }


def fitted(results: Path) -> dict[str, tuple[Fit, Fit]]:
    """Of each predictor the fit to networks of the sample that were held out, and to those of its refinement."""
    found = {}
    for name, transform in FITTED.items():
        scores = stored(results, name, "laptop")
        scores = scores[scores["classes"] == 10]
        sample, other = scores[scores["run"] == SAMPLE], scores[scores["run"] != SAMPLE]
        here, there = (transform(one["score"].to_numpy()) for one in (sample, other))
        found[name] = held_out(name, sample, here), elsewhere(name, sample, here, other, there)
    return found


def fit_row(name: str, inside: Fit, outside: Fit) -> Row:
    """How well a fitted form predicts what it was not fitted to."""
    low, high = inside.interval
    return {
        "Predictor": f"{name}, {SCALES[name]}",
        "n": f"{len(inside.scored):,}",
        "R2, held out": f"{inside.r2:.3f}",
        "95 %": f"{low:.3f} to {high:.3f}",
        "sd of residuals": f"{inside.residual.std():.3g}",
        "sd of scores": f"{inside.scored.std():.3g}",
        "R2, refinement": f"{outside.r2:.3f} (n = {len(outside.scored):,})",
    }


def activations(results: Path) -> Row:
    """How much of logdet's ranks is the number of activations, and how much of the rest hyperparameters say."""
    scores = stored(results, "logdet", "laptop")
    sample = scores[scores["run"] == SAMPLE]
    values = {name: sample[name].to_numpy() for name in anynet(10).hyperparameters}
    measures = anynet(10).complexities(values).as_dict()
    logdet: Floats = sample["score"].to_numpy()
    fits = {name: rank_fit(name, logdet, np.asarray(one, float)) for name, one in measures.items()}
    rest = held_out("rest", sample, fits["activations"].residual)
    return {
        "n": len(sample),
        "rows": [
            {
                "Ranks of": name,
                "R2 with ranks of logdet": f"{one.r2:.3f}",
                "95 %": "{:.3f} to {:.3f}".format(*one.interval),
            }
            for name, one in fits.items()
        ],
        "left": 1 - fits["activations"].r2,
        "rest": rest.r2,
        "rest_interval": rest.interval,
        "sd": float(fits["activations"].residual.std()),
    }


if __name__ == "__main__":
    main()
