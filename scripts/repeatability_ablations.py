"""What each part of the refinement with memory is for: a table of the rows that ablate_memory.py wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import netlore as nl
from netlore.analysis.interval_overlap import interval_widths, stability
from netlore.errors import InvalidInput
from netlore.report.tables.table import NamedTable, named_table

WHOLE = "as it is"
COLUMNS = (
    "Variant",
    "Seeds",
    "Networks, median",
    "Lowest elite score anew",
    "Median elite score anew",
    "Luck, noise units",
    "Containment",
    "Jaccard",
    "Interval width",
)

READING = """Each variant lacks one part, or has one value changed, all else as it is, and ran on real networks.
The tables are made from rows of `python scripts/ablate_memory.py results/ablations/PREDICTOR-DATA.csv` (of snip
with `--predictor snip --batch-size 16 --seeds 2`). Elite scores are of twelve elites, with `6 elites` of six.

What they say of synflow: looking beyond the box decides. What draws from the box of its elites' ranges alone
ends far lower, and its seeds disagree; remembering alone does not mend that. Widening crowded edges makes seeds
agree, yet below what the others reach, and after several times the networks. Once a search looks beyond its box,
the trend saves a third of the networks or more, and judging by more than one score takes the luck out of the
elites. Neighbours beside the trend, the box, whether the box keeps the elites' pairs of width and group width, and
how far neighbours are, make no difference that five seeds would show. So marginal boxes do lose joint structure,
but a search that does not depend on them does not mind. Smaller rounds are cheaper still there.

Where scores are noisy (snip), what similar architectures scored matters: elites by their own means alone are
luckier, and worth less anew."""
"""What the tables say; to be read again when they are made again."""


def ablation_table(path: Path) -> NamedTable:
    """The table of one file, the whole method first.

    Args:
        path: A file of `ablate_memory.py`, named PREDICTOR-DATA.csv.

    Raises:
        InvalidInput: It has no row of the whole method, so there is nothing to compare with.
    """
    rows = pd.read_csv(path)
    if WHOLE not in set(rows["variant"]):
        raise InvalidInput(f"{path} has no row '{WHOLE}'; run ablate_memory.py for it.")
    noise = float(np.sqrt(np.mean(rows["noise"] ** 2)))
    order = [WHOLE, *(name for name in dict.fromkeys(rows["variant"]) if name != WHOLE)]
    predictor, _, data = path.stem.partition("-")
    caption = (
        f"{predictor} on {data}, the refinement with memory and variants of it. Elite score anew: mean of a "
        "seed's twelve elites, each scored three times under fresh initialisations; luck: how far their own "
        f"scores are above that, mean over the seeds, in units of the noise ({noise:.3g})."
    )
    found = [_row(rows[rows["variant"] == name], noise) for name in order]
    return named_table(f"ablations-{path.stem}", caption, COLUMNS, found)


def _row(rows: pd.DataFrame, noise: float) -> tuple[object, ...]:
    """One variant over its seeds."""
    grids = nl.anynet().grids
    found = [
        {name: (int(row[f"low_{name}"]), int(row[f"middle_{name}"]), int(row[f"high_{name}"])) for name in grids}
        for _, row in rows.iterrows()
    ]
    widths = [
        np.mean(list(interval_widths({name: (one[name][0], one[name][2]) for name in grids}, grids).values()))
        for one in found
    ]
    shares: tuple[object, object] = (None, None)
    if len(found) > 1:
        repeated = stability(found, grids)
        shares = (float(np.mean(repeated.containment)), float(np.mean(repeated.jaccard)))
    return (
        *(rows["variant"].iloc[0], len(rows), int(rows["networks"].median())),
        *(float(rows["fresh"].min()), float(rows["fresh"].median())),
        float((rows["own"] - rows["fresh"]).mean() / noise),
        *shares,
        float(np.mean(widths)),
    )
