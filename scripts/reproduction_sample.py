"""Claims of the paper on a sample of the initial design space (section VI-A, Figs. 2 and 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from reproduction_claims import PREDICTORS, Check, Claim, missing, percent

from netlore.analysis.correlation import kendall_matrix
from netlore.report.data import SampleData

SIMILAR, NEGLIGIBLE = 0.5, 0.2  # of Kendall's tau
BEST = 0.3  # of the networks


def sample_claims(sample: SampleData | None) -> list[Claim]:
    """Everything that section VI-A says about the sample of the initial space."""
    return [_exponential(sample), *_correlations(sample), *(_best(sample, name) for name in PREDICTORS)]


def basis(sample: SampleData, n: int) -> str:
    """What a number of the sample rests on."""
    return f"n = {n:,}, seed {sample.seed}"


def _exponential(sample: SampleData | None) -> Claim:
    checks = []
    for name in PREDICTORS:
        test = None if sample is None else sample.exponential.get(name)
        if sample is None or test is None:
            checks.append(missing(name, "exponential"))
            continue
        form, raw = sample.positive_forms[name], sample.frame[name].to_numpy(dtype=np.float64)
        values = np.abs(raw[np.isfinite(raw)])
        values = values / values.max()  # the square of synflow's scores would overflow
        ratio = float(values.std() / values.mean())
        p = "p at most 0.001" if test.p_value < 0.00105 else f"p = {test.p_value:.3f}"
        word = "rejected" if test.rejected else "not rejected"
        plain = 1.358 / math.sqrt(test.n)
        ours = (
            f"{word} for {form}: D = {test.statistic:.3f} (plain limit {plain:.3f}), {p}; std / mean {ratio:.2f}"
        )
        checks.append(Check(name, "exponential", ours, basis(sample, test.n), not test.rejected))
    return Claim(
        "VI-A",
        "All predictor values have exponential distributions (Kolmogorov-Smirnov, 95 %)",
        "Lilliefors' test, which allows for the estimated mean, does not reject at 5 %",
        tuple(checks),
        "How the paper tested is not stated. The plain Kolmogorov-Smirnov test at 5 % rejects where D exceeds the "
        "plain limit, 1.358 / sqrt(n), and an exponential distribution has a std / mean of 1; both stand beside "
        "each D. jacov is negative and grasp has either sign, so they cannot be exponential as "
        "they are, nor have a logarithm.",
    )


def _correlations(sample: SampleData | None) -> list[Claim]:
    alike = ("grad_norm", "snip", "fisher")
    pairs = [(alike[0], alike[1]), (alike[0], alike[2]), (alike[1], alike[2])]
    apart = [("logdet", "grasp"), *((one, other) for one in ("logdet", "grasp") for other in (*alike, "synflow"))]
    others = [("jacov", other) for other in PREDICTORS if other != "jacov"]
    unsure = (
        "In float32, the sign of grasp is rounding on deep networks: one of 48 blocks gave -31,607 and +29,011 in "
        "two memory layouts; two published runs of one code agree on grasp with a Spearman correlation of 0.70, "
        "on the other predictors with 0.96 to 1.00. See also the note on grasp below."
    )
    return [
        _related(sample, "grad_norm, snip and fisher have similar preferences", "similar", pairs, (SIMILAR, 1.01)),
        _related(
            sample,
            "synflow has a small correlation with them",
            "small",
            [("synflow", one) for one in alike],
            (NEGLIGIBLE, SIMILAR),
            "The paper prints its matrix as a picture only; what it calls small is our reading.",
        ),
        _related(sample, "logdet and grasp are not correlated", "none", apart, (-NEGLIGIBLE, NEGLIGIBLE), unsure),
        _related(
            sample, "jacov slightly disagrees with the other metrics", "slightly negative", others, (-SIMILAR, 0)
        ),
    ]


def _related(
    sample: SampleData | None,
    says: str,
    printed: str,
    pairs: Sequence[tuple[str, str]],
    band: tuple[float, float],
    why: str = "",
) -> Claim:
    """A claim about Kendall's tau, which has to lie in a band, its lower end included."""
    low, high = band
    words = f"at least {low:g}" if high > 1 else f"from {low:g} to below {high:g}"
    checks = []
    for one, other in pairs:
        what, found = f"tau of {one} and {other}", None if sample is None else sample.correlation
        if sample is None or found is None or one not in found.names or other not in found.names:
            checks.append(missing(what, printed))
            continue
        i, j = found.names.index(one), found.names.index(other)
        tau = float(found.tau[i, j])
        holds = None if math.isnan(tau) else low <= tau < high
        checks.append(Check(what, printed, f"{tau:+.3f}", basis(sample, int(found.n[i, j])), holds))
    return Claim("Fig. 2", says, f"Kendall's tau-b is {words}", tuple(checks), why)


# Per predictor: conditions (name, sign, value) on its best networks, and the share of these that the paper gives.
_RULES: dict[str, tuple[tuple[tuple[str, str, int], ...], float | None]] = {
    **dict.fromkeys(("grad_norm", "snip", "synflow", "fisher"), ((("d3", ">=", 6),), None)),
    "grasp": ((("w3", ">=", 24),), 0.48),
    "jacov": ((("w1", ">=", 6), ("d3", "<", 5)), 0.44),
    "logdet": ((("d1", ">=", 3),), None),
}


def _best(sample: SampleData | None, name: str) -> Claim:
    """What a predictor's best networks have in common, by its tree and by counting."""
    conditions, printed = _RULES[name]
    words = " and ".join(f"{which} {sign} {value}" for which, sign, value in conditions)
    first, asked = conditions[0][0], "all; asked for: over half" if printed is None else percent(printed)
    whats = ("first split of the tree", "largest rule for high scores", f"best {percent(BEST)} with {words}")
    papers = (f"on {first}", words, asked)
    checks = [missing(what, paper) for what, paper in zip(whats, papers, strict=True)]
    if sample is not None and name in sample.trees:
        rests_on = basis(sample, sample.trees[name].n)
        looked = _looked_at(sample, name)
        checks = [
            Check(what, paper, ours, rests_on, holds)
            for what, paper, (ours, holds) in zip(whats, papers, looked, strict=True)
        ]
    return Claim(
        "Fig. 3",
        f"{name}: the best networks have {words}" + ("" if printed is None else f" ({percent(printed)} of them)"),
        "the split is on that hyperparameter, at any value; the rule bounds the same ones from the same side, at "
        "any value; the share is above the paper's (half, if it is all) and above that of all networks",
        tuple(checks),
        _SIGN if name == "grasp" else "",
    )


def _looked_at(sample: SampleData, name: str) -> tuple[tuple[str, bool], ...]:
    """The first split, the largest rule and the share of the best networks, and whether each is the paper's."""
    conditions, printed = _RULES[name]
    split, rule = sample.trees[name].root.split, sample.trees[name].rules[0]
    # A rule bounded on both sides reads `16 <= w1 < 64`.
    bounded = all(f"{which} {sign} " in rule.text or f"<= {which} <" in rule.text for which, sign, _ in conditions)
    best, every = shares(sample, name, conditions)
    return (
        (
            "none" if split is None else f"{split[0]} >= {split[1]}",
            split is not None and split[0] == conditions[0][0],
        ),
        (f"{rule.text} ({percent(rule.share)} of all)", bounded and rule.level == "high"),
        (
            f"{percent(best)} (of all networks {percent(every)})",
            best > every and best > (0.5 if printed is None else printed),
        ),
    )


_SIGN = (
    "Not known for certain. The paper analyses the logarithm of every predictor, and grasp, of either sign, has "
    "none; the note on grasp below shows what its size |S| prefers."
)


def shares(
    sample: SampleData, name: str, conditions: Sequence[tuple[str, str, int]], by_size: bool = False
) -> tuple[float, float]:
    """Part of the best 30 % of the networks that satisfies all conditions, and part of all networks.

    Networks without a score are left out; of equal scores the network that was drawn first is the better one.
    """
    scored = sample.frame[np.isfinite(sample.frame[name].to_numpy(dtype=np.float64))]
    scores = scored[name].to_numpy(dtype=np.float64)
    order = np.argsort(-(np.abs(scores) if by_size else scores), kind="stable")
    satisfied = np.ones(len(scored), dtype=np.bool_)
    for which, sign, value in conditions:
        column = scored[which].to_numpy()
        satisfied &= column >= value if sign == ">=" else column < value
    best = order[: max(1, round(BEST * len(scored)))]
    return float(satisfied[best].mean()), float(satisfied.mean())


def size_of_grasp(sample: SampleData | None) -> str:
    """What grasp would prefer if its sign did not matter."""
    if sample is None or not {"grasp", "grad_norm"} <= set(sample.predictors):
        return ""
    raw = sample.frame["grasp"].to_numpy(dtype=np.float64)
    negative = float((raw < 0).sum() / np.isfinite(raw).sum())
    pair = {"size": np.abs(raw), "grad_norm": sample.frame["grad_norm"].to_numpy(dtype=np.float64)}
    tau = float(kendall_matrix(pair).tau[0, 1])
    best, every = shares(sample, "grasp", (("w3", ">=", 24),), by_size=True)
    return (
        f"*A note on grasp.* {percent(negative)} of its scores in the sample are negative. Ranked by size, |S|, "
        f"instead of by S, {percent(best)} of the best {percent(BEST)} have w3 >= 24 (of all networks "
        f"{percent(every)}), and the tau of |S| and grad_norm is {tau:+.3f}."
    )
