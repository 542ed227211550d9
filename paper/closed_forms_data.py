"""What `paper.closed_forms` finds: predicted against scored, noise, optima over budgets, fitted forms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_val_predict

from netlore.analysis import Floats
from netlore.closed_forms.optimum import Optimum, optimum
from netlore.closed_forms.synaptic_flow import log_mean_of_values, synflow_form
from netlore.errors import InvalidInput
from netlore.space.families.anynet import LETTERS, anynet

NAMES = [f"{letter}{i}" for letter in LETTERS for i in (1, 2, 3)]
CLASSES = {"cifar10": 10, "cifar100": 100}
_COLUMNS = [*NAMES, "family", "seed", "draw", "predictor", "score", "status"]
_RESAMPLES, _FOLDS = 300, 5


def stored(results: Path, predictor: str, parts: str = "*") -> pd.DataFrame:
    """Every distinct score of a predictor on AnyNets and CIFAR's classes.

    A row per architecture, seed, draw, number of classes and score, with `run`, a folder that has it: synflow sees
    no images, so it has one score where others have one for each batch.
    """
    found = []
    for path in sorted(results.glob(f"{parts}/**/archive.parquet")):
        asked = json.loads((path.parent / "run.json").read_text())["configuration"]
        names = asked.get("predictor") or asked.get("predictors") or ()
        if asked.get("data") not in CLASSES or not (
            {predictor, "all"} & {*([names] if isinstance(names, str) else names)}
        ):
            continue
        frame = pd.read_parquet(path)
        if not {*_COLUMNS} <= {*frame}:
            continue
        is_one = (frame["predictor"] == predictor) & (frame["status"] == "ok") & (frame["family"] == "anynet")
        own = frame.loc[is_one, _COLUMNS]
        found.append(own.assign(classes=CLASSES[asked["data"]], run=path.parent.name))
    whole = pd.concat(found, ignore_index=True).astype(dict.fromkeys(NAMES, "int64"))
    return whole.drop_duplicates([*NAMES, "seed", "draw", "classes", "score"], ignore_index=True)


@dataclass(frozen=True, eq=False)
class Fit:
    """How well predicted values are scores: `scored` and `predicted` have shape (n,)."""

    name: str
    scored: Floats
    predicted: Floats

    @property
    def residual(self) -> Floats:
        """Scored less predicted."""
        return self.scored - self.predicted

    @property
    def r2(self) -> float:
        """1 - sum of squares of residuals over that about the mean; nothing is fitted but where it is said."""
        return _r2(self.scored, self.predicted)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of R2 over resamples of the networks."""
        rng, n = np.random.default_rng(0), len(self.scored)
        found = []
        for _ in range(_RESAMPLES):
            drawn = rng.integers(n, size=n)
            found.append(_r2(self.scored[drawn], self.predicted[drawn]))
        low, high = np.percentile(found, (2.5, 97.5))
        return float(low), float(high)


def _r2(scored: Floats, predicted: Floats) -> float:
    return float(1 - np.square(scored - predicted).sum() / np.square(scored - scored.mean()).sum())


def synflow_fits(frame: pd.DataFrame) -> list[Fit]:
    """ln S by its mean, which has no constant, and by the sum over stages and a constant, the mean difference."""
    # Ratios cancel, in the mean too: one architecture stands for all that differ in them alone.
    kept = NAMES[:9]
    rows, place = np.unique(frame[kept].to_numpy(), axis=0, return_inverse=True)
    values = dict(zip(kept, rows.T, strict=True)) | dict.fromkeys(NAMES[9:], np.ones(len(rows), dtype=np.int64))
    ten = log_mean_of_values("anynet", values, 10)[place.ravel()]
    scored = np.log(frame["score"].to_numpy())
    # The mean of S is proportional to the number of logits that are added up.
    classes = np.log(frame["classes"].to_numpy() / 10)
    d, w, g = (frame[[f"{letter}{i}" for i in (1, 2, 3)]].to_numpy(float) for letter in "dwg")
    form = synflow_form(d, w, g) + classes
    return [Fit("mean", scored, ten + classes), Fit("form", scored, form + (scored - form).mean())]


@dataclass(frozen=True)
class Noise:
    """Of architectures that were scored with several initial weights.

    Attributes:
        sd: Standard deviation of ln S over initial weights, pooled.
        left: Standard deviation of what ln E[S] leaves of the same scores.
        architectures: How many they are.
        scores: How many scores they have.
    """

    sd: float
    left: float
    architectures: int
    scores: int


def noise_of(frame: pd.DataFrame, mean: Fit) -> Noise:
    """How far ln S varies where only initial weights do, beside what ln E[S] leaves of it."""
    # One draw of weights on data of other classes has the same weights but for the classifier's.
    table = frame.assign(left=mean.residual).drop_duplicates([*NAMES, "seed", "draw"])
    groups = table.groupby(NAMES)["left"]
    several = table[groups.transform("size") > 1]
    # Within an architecture ln E[S] is a constant.
    within = several["left"] - several.groupby(NAMES)["left"].transform("mean")
    count = len(several.drop_duplicates(NAMES))
    sd = float(np.sqrt(np.square(within).sum() / (len(several) - count)))
    return Noise(sd, float(several["left"].std()), count, len(several))


FLOPS = tuple(np.geomspace(5e6, 1e9, 18).round(-3))
PARAMS = tuple(np.geomspace(20e3, 2e6, 13).round())
FACTOR = 5
"""A budget reaches from a fifth of its upper end to it, as the paper's."""


def swept(measure: str, highs: Sequence[float]) -> Iterator[tuple[float, Optimum]]:
    """The paper's space by synflow under budgets of one measure, by their upper ends."""
    for high in highs:
        yield float(high), optimum(anynet(10).within({measure: (float(high) / FACTOR, float(high))}), "synflow")


def by_mean(found: Optimum) -> tuple[int, float, int, float]:
    """The place of the highest ln E[S] of all architectures within the budget, and that; how many could have it,
    which are looked at; and what no other can exceed.

    ln E[S] is at most ln of a logit's mean without borders, plus ln of the number of logits and of the layers on
    the longest path, 2 + 3 (16 + 16 + 16): borders only take from it, and S counts each path's layers.

    Raises:
        InvalidInput: The best share is too small to have all that could be highest.
    """
    space, ends = found.space, [max(found.space.grids[f"d{i}"]) for i in (1, 2, 3)]
    above = float(np.log(space.num_classes * (2 + 3 * sum(ends))))
    most = found.highest * found.objective.unit + above
    first = {name: column[:1] for name, column in found.values.items()}
    known = log_mean_of_values(space.family, first, space.num_classes, space.resolution)[0]
    count = int((most >= known).sum())
    if count == len(most):
        raise InvalidInput(f"{count} architectures are too few to find the highest mean; raise the share.")
    some = {name: column[:count] for name, column in found.values.items()}
    mean = log_mean_of_values(space.family, some, space.num_classes, space.resolution)
    return int(mean.argmax()), float(mean.max()), count, float(most[count])


def rank_fit(name: str, scored: Floats, by: Floats) -> Fit:
    """Ranks of scores against ranks of something else, by a straight line."""
    x, y = rankdata(by), rankdata(scored)
    slope = np.cov(x, y)[0, 1] / x.var(ddof=1)
    return Fit(name, y, y.mean() + slope * (x - x.mean()))


def terms(frame: pd.DataFrame) -> Floats:
    """What fitted forms are linear in: of each stage d, ln d, the logarithms of w, g and b, and d times
    each of these; shape (n, 24).
    """
    columns = []
    for i in (1, 2, 3):
        d, *others = (frame[f"{letter}{i}"].to_numpy(float) for letter in LETTERS)
        logs = [np.log(one) for one in others]
        columns += [d, np.log(d), *logs, *(d * one for one in logs)]
    return np.stack(columns, axis=1)


def held_out(name: str, frame: pd.DataFrame, scored: Floats) -> Fit:
    """Every network predicted by a form that was fitted to four fifths of the others."""
    folds = KFold(_FOLDS, shuffle=True, random_state=0)
    return Fit(name, scored, cross_val_predict(LinearRegression(), terms(frame), scored, cv=folds))


def elsewhere(name: str, frame: pd.DataFrame, scored: Floats, other: pd.DataFrame, other_scored: Floats) -> Fit:
    """Networks of a refinement, predicted by a form that was fitted to the sample."""
    fitted = LinearRegression().fit(terms(frame), scored)
    return Fit(name, other_scored, fitted.predict(terms(other)))
