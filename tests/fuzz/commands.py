"""Commands with options that are wrong: other values, missing ones, unknown names, words too many."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import typer

from netlore.cli.application import app
from tests.fuzz import garble
from tests.fuzz.case import Case, command
from tests.fuzz.room import SMALL, TINY, Room, without_figures

_NETWORK = ("--architecture", SMALL.to_json(), "--predictor", "params")

RIGHT: dict[str, tuple[object, ...]] = {
    "refine": ("--predictor", "params", "--round-limit", 1, *TINY),
    "score": ("--predictor", "params", *TINY),
    "pick": ("refined",),
    "train": (SMALL.to_json(), "--data", "nowhere.parquet"),
    "bench": ("--predictor", "params", *TINY),
    "run": ("study.toml", "--size", "small", "--dry-run"),
    "analyze": ("nowhere",),
    "report": ("nowhere",),
    "compare": ("nowhere", "--out", "compared"),
    "validate": ("--accuracies", "accuracies.csv", "--predictor", "params", "--data", "nowhere.parquet"),
    "export": ("sampled",),
    "show": (SMALL.to_json(),),
    "list": ("recipes",),
}
"""Every command, as it is right or nearly so, and quick."""

_NEEDS = {"pick": "refined", "export": "sampled", "run": "study.toml", "validate": "accuracies.csv"}
_LONG = (
    "--measure",
    "--networks",
    "--seeds",
    "--most",
    "--workers",
    "--replicates",
    "--round-limit",
    "--devices",
    "--again",
)
"""Options with which right values can make a command run for long: these get wrong ones alone."""


@cache
def options() -> dict[str, list[Any]]:
    """The options of every command, as the command line knows them."""
    group: Any = typer.main.get_command(app)
    return {
        name: [one for one in inner.params if one.param_type_name == "option" and one.name != "help"]
        for name, inner in group.commands.items()
    }


def case(rng: random.Random, room: Room) -> Case:
    """A command with one thing wrong, or two."""
    name = rng.choice(list(RIGHT))
    words = [str(word) for word in RIGHT[name]]
    for _ in range(rng.choice((1, 1, 2))):
        words = _changed(name, words, rng)

    def run() -> tuple[str, str]:
        if name in _NEEDS:
            room.copied(_NEEDS[name])
        with without_figures():
            return command(name, *words)

    return Case(
        "options", " ".join([name, *(word if len(word) < 60 else f"{word[:57]}..." for word in words)]), run
    )


def _changed(name: str, words: list[str], rng: random.Random) -> list[str]:
    kind = rng.randrange(10)
    if kind == 0:
        return [*words, rng.choice(("--no-such-option", "--", "-x", "--seed=", rng.choice(garble.WORDS)))]
    if kind == 1 and words:
        place = rng.randrange(len(words))
        return [*words[:place], *words[place + 1 :]]
    if kind == 2 and words:
        place = rng.randrange(len(words))
        return [*words[:place], rng.choice(garble.WORDS), *words[place + 1 :]]
    one = rng.choice(options()[name])
    option = one.opts[0]
    if one.is_flag:
        return words if option in _LONG or option == "--dry-run" else [*words, option]
    values = [rng.choice(garble.WORDS) for _ in range(one.nargs)]
    if option in _LONG and values[0] in ("1_0", "\u0663"):
        values = ["x"]
    return [*words, option, *values]
