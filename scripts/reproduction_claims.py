"""Claims, each cut into checks that hold or do not; and those that need no run: the space and Table II."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import netlore as nl

PREDICTORS = ("grad_norm", "snip", "grasp", "synflow", "fisher", "jacov", "logdet")  # in the order of Table I
DATA = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
CLASSES = {"cifar10": 10, "cifar100": 100}
LIMITS = (10e6, 50e6)  # FLOPs
AGREES, PARTLY, DIFFERS, MISSING = "agrees", "agrees in part", "differs", "not computed"
NO_VALUE = "\N{EN DASH}"


@dataclass(frozen=True)
class Check:
    """One thing that can be compared: what, the paper's value, ours, what ours rests on; None: not computed."""

    what: str
    paper: str
    ours: str
    basis: str
    holds: bool | None


@dataclass(frozen=True)
class Claim:
    """A claim of the paper: where it stands, what it says, when a check holds, and why we differ, if known."""

    place: str
    says: str
    rule: str
    checks: tuple[Check, ...]
    why: str = ""

    @property
    def verdict(self) -> str:
        """What the checks that were computed come to."""
        return verdict([check.holds for check in self.checks])


def verdict(holds: Sequence[bool | None]) -> str:
    """All of the computed checks hold: agrees; at least half of them: agrees in part; fewer: differs."""
    computed = [one for one in holds if one is not None]
    if not computed:
        return MISSING
    if all(computed):
        return AGREES
    return PARTLY if 2 * sum(computed) >= len(computed) else DIFFERS


def missing(what: str, paper: str) -> Check:
    """The check of something that was not computed."""
    return Check(what, paper, MISSING, NO_VALUE, None)


def percent(part: float) -> str:
    """A share, as the text writes it."""
    return f"{100 * part:.0f} %"


def size_claim() -> Claim:
    """The number of architectures, exactly."""
    spaces = {data: nl.anynet(num_classes=classes, flops=LIMITS) for data, classes in CLASSES.items()}
    whole = spaces["cifar10"].cardinality
    within = [f"{space.cardinality_within_budget:,} for {DATA[data]}" for data, space in spaces.items()]
    ours = f"{whole:,}; within 10 to 50 MFLOPs {' and '.join(within)}"
    check = Check("architectures in Omega_0", "(16 x 45 x 3)^3, about 10^10", ours, "counted", whole == 2160**3)
    return Claim("V-B", "The initial space holds about 10^10 networks", "the counts are equal", (check,))


def complexity_claim(table: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Claim:
    """FLOPs, parameters and activations of Table II's architectures."""
    checks = []
    for data, rows in table.items():
        for name, printed in rows.items():
            found = nl.complexity(nl.named(name), num_classes=CLASSES[data], resolution=32)
            flops, params, activations = int(found.flops), int(found.params), int(found.activations)
            counted = (f"{flops / 1e6:.2f}", params, activations)
            checks.append(
                Check(
                    f"{DATA[data]}, {name.removeprefix('paper/').removeprefix(data + '/')}",
                    f"{printed['mflops']:.2f} M, {printed['params']:,}, {printed['activations']:,}",
                    f"{flops:,}, {params:,}, {activations:,}",
                    "counted",
                    counted == (f"{printed['mflops']:.2f}", printed["params"], printed["activations"]),
                )
            )
    rule = "FLOPs are equal in millions to two decimals, parameters and activations are equal as integers"
    return Claim("Table II", "FLOPs, parameters and activations of 26 networks", rule, tuple(checks))
