"""What the paper says of where predictors end (Figs. 6 to 9), as rules on principles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reproduction_claims import PREDICTORS, Claim
from reproduction_course import Found, each, replicates

import netlore as nl
from netlore.report.data import StudyData
from netlore.report.names import interval_text
from netlore.report.text.phrases import count as plural

Principles = Mapping[str, tuple[int, int]]
Others = Mapping[str, Principles]

GRIDS = nl.anynet(num_classes=10).grids
DEEP = ("grad_norm", "snip", "grasp", "synflow", "fisher")


@dataclass(frozen=True)
class Statement:
    """What the paper says of where predictors end, and the rule by which principles satisfy it.

    `look` gets the principles of the predictor, and the predictor's peers: principles of all other predictors.
    """

    place: str
    says: str
    rule: str
    predictors: tuple[str, ...]
    look: Callable[[Principles, Others], Found]
    why: str = ""

    def claim(self, study: StudyData, papers: Others) -> Claim:
        """The claim, checked on CIFAR-10, which Figs. 6 to 9 are about; `papers` are the paper's principles."""
        first = {
            name: found[0].found.principles for name in PREDICTORS if (found := replicates(study, "cifar10", name))
        }
        checks = each(
            study,
            self.predictors,
            lambda _, name: self.look(papers[name], _without(papers, name))[0],
            lambda one: self.look(one.found.principles, _without(first, one.run.predictor)),
            ("cifar10",),
        )
        return Claim(self.place, self.says, self.rule, checks, self.why)


def _without(found: Others, name: str) -> Others:
    return {other: principles for other, principles in found.items() if other != name}


def middle(name: str, interval: tuple[int, int]) -> float:
    """Where on its grid the middle of an interval lies: 0 for the first value, 1 for the last."""
    grid = GRIDS[name]
    return (grid.index(interval[0]) + grid.index(interval[1])) / 2 / (len(grid) - 1)


def count(name: str, interval: tuple[int, int]) -> int:
    """How many values of the grid an interval holds."""
    return sum(interval[0] <= value <= interval[1] for value in GRIDS[name])


def _told(found: Principles, *names: str) -> str:
    return ", ".join(f"{name} {interval_text(*found[name])}" for name in names)


def _within(found: Principles, **limits: tuple[int, int]) -> Found:
    holds = all(low <= found[name][0] and found[name][1] <= high for name, (low, high) in limits.items())
    return _told(found, *limits), holds


def _depths(found: Principles, deep: Sequence[bool]) -> Found:
    names = ("d1", "d2", "d3")
    holds = all((middle(name, found[name]) > 0.5) == wanted for name, wanted in zip(names, deep, strict=True))
    return _told(found, *names), holds


def _doubles(found: Principles, _: Others) -> Found:
    chains = [
        one for one in GRIDS["w1"] if all(found[n][0] <= one * k <= found[n][1] for n, k in _DOUBLING.items())
    ]
    return _told(found, *_DOUBLING), bool(chains)


_DOUBLING = {"w1": 1, "w2": 2, "w3": 4}


def _wide(found: Principles, others: Others) -> Found:
    holds = found["w1"][1] >= 32 and found["w2"][1] >= 8
    beside = [middle("w1", other["w1"]) for other in others.values()]
    text = f"{_told(found, 'w1', 'w2')}; w1 beside {plural(len(beside), 'other predictor')}"
    return text, holds and all(middle("w1", found["w1"]) > one for one in beside) if beside else None


def _loose(found: Principles, _: Others) -> Found:
    several = sum(low < high for low, high in found.values())
    return f"{several} of {len(found)} intervals hold several values", 2 * several > len(found)


def _wide_groups(found: Principles, others: Others) -> Found:
    names = ("g1", "g2", "g3")
    size = sum(count(name, found[name]) for name in names)
    beside = {other: sum(count(name, one[name]) for name in names) for other, one in others.items()}
    text = f"{_told(found, *names)}: {size} values; the others {', '.join(f'{n} {k}' for n, k in beside.items())}"
    return text, size > max(beside.values()) if beside else None


def _indifferent(found: Principles, _: Others) -> Found:
    return _within_all(found, ("b1", "b2", "b3"))


def _within_all(found: Principles, names: Sequence[str]) -> Found:
    return _told(found, *names), all(found[name] == (GRIDS[name][0], GRIDS[name][-1]) for name in names)


STATEMENTS = (
    Statement(
        "Fig. 6",
        "grad_norm, snip, grasp, synflow and fisher maximise the depths of all stages",
        "the middle of every depth's interval lies in the upper half of 1 to 16",
        DEEP,
        lambda p, _: _depths(p, (True, True, True)),
    ),
    Statement(
        "Fig. 6",
        "jacov converges to small depths",
        "no interval of a depth goes beyond 4",
        ("jacov",),
        lambda p, _: _within(p, d1=(1, 4), d2=(1, 4), d3=(1, 4)),
    ),
    Statement(
        "Fig. 6",
        "logdet has deep first stages and a shallow last one",
        "the middles of d1 and d2 lie in the upper half of 1 to 16, that of d3 in the lower",
        ("logdet",),
        lambda p, _: _depths(p, (True, True, False)),
        "The paper's own row for CIFAR-100 has d1 16 and d2 [1, 7]: there, too, one stage is deep, not two.",
    ),
    Statement(
        "Fig. 7",
        "Predictors that prefer depth choose small w1 and w2",
        "neither interval goes beyond 32, the largest value that the paper's rows have there (the "
        "grid ends at 512)",
        DEEP,
        lambda p, _: _within(p, w1=(1, 32), w2=(1, 32)),
    ),
    Statement(
        "Fig. 7",
        "w3 is in [64, 128] for grad_norm, snip, grasp and fisher",
        "the interval lies within [64, 128]",
        ("grad_norm", "snip", "grasp", "fisher"),
        lambda p, _: _within(p, w3=(64, 128)),
    ),
    Statement(
        "Fig. 7",
        "synflow doubles the width on each stage",
        "the intervals hold a w1, a w2 = 2 w1 and a w3 = 4 w1",
        ("synflow",),
        _doubles,
        "The paper's own synflow networks of Table II have widths 8, 16 and 64 on both data sets: they do not "
        "double either.",
    ),
    Statement(
        "Fig. 7",
        "jacov prefers wider networks in the first stages, contrary to the others",
        "w1 and w2 reach up to 32 and 8 or more, where the paper's intervals begin, and w1 is centred higher than "
        "that of every other predictor that was computed",
        ("jacov",),
        _wide,
    ),
    Statement(
        "Fig. 7",
        "jacov does not converge to tight intervals",
        "most intervals hold several values",
        ("jacov",),
        _loose,
    ),
    Statement(
        "Fig. 8",
        "jacov converges to wider intervals of group widths than the others",
        "its three intervals hold more values of the grid than those of every other predictor that was computed",
        ("jacov",),
        _wide_groups,
    ),
    Statement("Fig. 8", "synflow has g2 = 16", "g2 is 16", ("synflow",), lambda p, _: _within(p, g2=(16, 16))),
    Statement(
        "Fig. 9",
        "Most predictors have no preference for bottleneck ratios",
        "every interval is [1, 4], the whole grid",
        ("snip", "grasp", "fisher", "jacov"),
        _indifferent,
    ),
    Statement(
        "Fig. 9",
        "grad_norm prefers b1 in [2, 4] and b3 in [1, 2]",
        "the intervals lie within these",
        ("grad_norm",),
        lambda p, _: _within(p, b1=(2, 4), b3=(1, 2)),
    ),
    Statement(
        "Fig. 9",
        "synflow has b1 = b2 = b3 = 1",
        "all three are 1",
        ("synflow",),
        lambda p, _: _within(p, b1=(1, 1), b2=(1, 1), b3=(1, 1)),
    ),
    Statement(
        "Fig. 9",
        "logdet has b1 = b2 = 4",
        "both are 4",
        ("logdet",),
        lambda p, _: _within(p, b1=(4, 4), b2=(4, 4)),
    ),
)
