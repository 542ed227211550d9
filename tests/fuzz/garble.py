"""Texts and bytes with something wrong in them."""

from __future__ import annotations

import random
import re

WORDS = (
    *(
        "",
        "x",
        "-1",
        "0",
        "1.5",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "true",
        "null",
        "9" * 30,
        "9" * 5_000,
        "0x10",
        "1_0",
    ),
    *(
        "''",
        '""',
        "[]",
        "{}",
        "[[]]",
        "[red]x[/red]",
        "=1+1",
        "$(x)",
        "%s",
        "{x}",
        "../../x",
        "/dev/null",
        "/",
        ".",
    ),
    *(
        "\\frac{1}{2}",
        "<b>x</b>",
        "\u0663",
        "\u202ex",
        "\x1b[31mx",
        "x" * 5_000,
        "\udcff",
        "a b",
        "a,b",
        "a:b",
        "a=b",
        "*",
    ),
)
"""What stands where something else is expected."""

_TOKEN = re.compile(r'"[^"]*"|-?\d+(?:\.\d+)?|\btrue\b|\bfalse\b|\bnull\b')
_TOKENS = (
    *('""', '"x"', "-1", "0", "1.5", "1e400", "NaN", "true", "null", "9" * 30, "9" * 5_000, "[]", "{}", "[null]"),
    *(
        '{"x": 1}',
        "[" * 40 + "]" * 40,
        "[" * 100_000,
        '"../../x"',
        '"\\u0000"',
        '"\\ud800"',
        '"' + "x" * 5_000 + '"',
    ),
)


def text(original: str, rng: random.Random) -> str:
    """A document in which one value is another one, a line is missing or doubled, or the end is."""
    lines = original.splitlines(keepends=True) or [""]
    number = rng.randrange(len(lines))
    match rng.randrange(8):
        case 0:
            return "".join(lines[:number] + lines[number + 1 :])
        case 1:
            return "".join(lines[: number + 1] + lines[number:])
        case 2:
            return original[: rng.randrange(len(original) + 1)]
        case 3:
            place = rng.randrange(len(original) + 1)
            return original[:place] + rng.choice(WORDS) + original[place:]
        case 4:
            return rng.choice(("", "\ufeff" + original, original.replace("\n", "\r\n"), "[" * 50_000, "null", "3"))
        case _:
            tokens = list(_TOKEN.finditer(original))
            if not tokens:
                return rng.choice(WORDS)
            found = rng.choice(tokens)
            return original[: found.start()] + rng.choice(_TOKENS) + original[found.end() :]


def content(original: bytes, rng: random.Random) -> bytes:
    """Bytes of which some are changed, missing, doubled or others altogether."""
    place, size = rng.randrange(len(original) + 1), rng.choice((1, 1, 4, 64, 1_024))
    match rng.randrange(6):
        case 0:
            return original[:place]
        case 1:
            return original[:place] + rng.randbytes(size) + original[place + size :]
        case 2:
            return original[:place] + original[place + size :]
        case 3:
            return original[:place] + original[place : place + size] * 3 + original[place + size :]
        case 4:
            return rng.choice(
                (b"", b"\0" * 64, b"PAR1", b"SQLite format 3\0", rng.randbytes(256), b"\x89PNG\r\n\x1a\n")
            )
        case _:
            flipped = bytearray(original)
            for _ in range(size):
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
            return bytes(flipped)
