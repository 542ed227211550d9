"""Files that somebody wrote: studies, recipes, architectures, tables, images; each with something wrong in it."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import netlore as nl
from netlore.validation.own_tables import read_accuracies
from tests.fuzz import garble
from tests.fuzz.case import Case, call, command
from tests.fuzz.room import RECIPE, SMALL, STUDY, Room

_SHOWN = ("--architecture", SMALL.to_json(), "--predictor", "params", "--batch-size", 4)
_STRINGS = (
    "64-41414-1_02_333",
    "00000000",
    "8:8:8:8:8",
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    "paper/cifar10/synflow",
)


def study(rng: random.Random, room: Room) -> Case:
    """A study that is only planned."""
    content = garble.text(STUDY.replace("networks = 3", "networks = 2"), rng)

    def run() -> tuple[str, str]:
        Path("study.toml").write_text(content, encoding="utf-8", errors="surrogateescape")
        return command("run", "study.toml", "--size", "small", "--dry-run")

    return Case("studies", f"run study.toml: {_difference(STUDY, content)}", run)


def recipe(rng: random.Random, room: Room) -> Case:
    """A recipe, of a training whose data are not there."""
    content = garble.text(RECIPE, rng)
    change = rng.choice(
        ("", f"epochs={rng.choice(garble.WORDS)}", f"{rng.choice(garble.WORDS)}=1", "epochs=" + "[" * 9_000)
    )

    def run() -> tuple[str, str]:
        Path("recipe.toml").write_text(content, encoding="utf-8", errors="surrogateescape")
        more = ("--set", change) if change else ()
        return command("train", SMALL.to_json(), "--data", "nowhere.parquet", "--recipe", "recipe.toml", *more)

    return Case("recipes", f"train --recipe {_difference(RECIPE, content)} {change[:40]}", run)


def architecture(rng: random.Random, room: Room) -> Case:
    """An architecture as JSON, as a string of a benchmark, or in a file."""
    space = rng.choice((nl.anynet, nl.mnasnet, nl.regnet, nl.nats_size, nl.autoformer))()
    original = rng.choice((nl.sample(space, 1, rng.randrange(100))[0].to_json(), rng.choice(_STRINGS)))
    text = garble.text(original, rng)
    in_file, command_name = rng.random() < 0.3, rng.choice(("show", "show", "score", "train"))
    said = "one.json" if in_file else text

    def run() -> tuple[str, str]:
        if in_file:
            Path("one.json").write_text(text, encoding="utf-8", errors="surrogateescape")
        match command_name:
            case "show":
                return command("show", "--json", "--", said)
            case "score":
                words = ("--data", "noise", "--batch-size", 2, "--predictor", "params")
                return command("score", f"--architecture={said}", *words)
            case _:
                return command("train", "--data", "nowhere.parquet", "--", said, writes=False)

    return Case("architectures", f"{command_name} {text[:100]!r}", run)


def data(rng: random.Random, room: Room) -> Case:
    """Images whose file, folder or table is broken."""
    kind = rng.choice(("bytes", "picture", "columns", "rows"))
    seed = rng.randrange(2**32)

    def run() -> tuple[str, str]:
        own = random.Random(seed)
        if kind == "picture":
            folder = room.copied("images")
            victim = own.choice(sorted(folder.rglob("*.png")))
            victim.write_bytes(garble.content(victim.read_bytes(), own))
            return command("score", "--data", folder, *_SHOWN)
        file = room.copied("images.parquet")
        if kind == "bytes":
            file.write_bytes(garble.content(file.read_bytes(), own))
        else:
            pq.write_table(_columns(own) if kind == "columns" else _rows(pq.read_table(file), own), file)
        return command("score", "--data", file, *_SHOWN)

    return Case("data", f"score --data with broken {kind}, seed {seed}", run)


def _columns(rng: random.Random) -> pa.Table:
    images = rng.choice(
        ([b"x"] * 4, ["x"] * 4, [None] * 4, [1, 2, 3, 4], [{"bytes": b"x"}] * 4, [{"path": "/x"}] * 4)
    )
    labels = rng.choice(
        ([0, 1, 0, 1], ["a", "b", "a", "b"], [None] * 4, [-1, 0, 1, 2], [0.5] * 4, [2**40] * 4, [[0]] * 4)
    )
    names = (rng.choice(("img", "image", "x", "")), rng.choice(("label", "fine_label", "img", "x")))
    return pa.Table.from_arrays([pa.array(images), pa.array(labels)], names=list(names))


def _rows(table: pa.Table, rng: random.Random) -> pa.Table:
    match rng.randrange(4):
        case 0:
            return table.slice(0, rng.randrange(3))
        case 1:
            return table.drop_columns([rng.choice(table.column_names)])
        case 2:
            labels = pa.array([rng.choice((0, 1, None, -1, 10**6)) for _ in range(len(table))])
            return table.set_column(1, "label", labels)
        case _:
            images = [{"bytes": garble.content(one["bytes"], rng)} for one in table["img"].to_pylist()]
            return table.set_column(0, "img", pa.array(images))


def accuracies(rng: random.Random, room: Room) -> Case:
    """A table of accuracies."""
    seed = rng.randrange(2**32)

    def run() -> tuple[str, str]:
        own = random.Random(seed)
        file = room.copied("accuracies.csv")
        if own.random() < 0.5:
            changed = garble.text(file.read_text(), own)
            file.write_text(changed, encoding="utf-8", errors="surrogateescape")
        else:
            file.write_bytes(garble.content(file.read_bytes(), own))
        return call(read_accuracies, file, "architecture", "accuracy", own.choice(("", "anynet", "nats-size")))

    return Case("accuracies", f"read_accuracies of a broken file, seed {seed}", run)


def _difference(original: str, changed: str) -> str:
    """The first line that is another one."""
    pairs = zip([*original.splitlines(), ""], [*changed.splitlines(), ""], strict=False)
    return next((repr(other[:80]) for one, other in pairs if one != other), "the same")
