"""Draw how the intervals of two refinements narrow apart: the figure on the README's first screen.

    python -m paper.draw_comparison RUN_A RUN_B OUT.png

Both are folders of `netlore refine` over the same design space; the first replicate of each is drawn.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from netlore.experiments.refine import stored_refinements
from netlore.report.figures.figure import png_bytes
from netlore.report.figures.intervals import overlaid_figure
from netlore.storage.atomic import write_whole


def main() -> None:
    """Draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run_a", type=Path)
    parser.add_argument("run_b", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    first, second = (stored_refinements(run)[1][0] for run in (options.run_a, options.run_b))
    figure = overlaid_figure({first.predictor: first, second.predictor: second}, first.space.hyperparameters)
    write_whole(options.out, png_bytes(figure))
    print(options.out)


if __name__ == "__main__":
    main()
