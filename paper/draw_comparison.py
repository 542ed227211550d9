"""Draw how the intervals of two refinements narrow apart: the figure on the README's first screen.

    python -m paper.draw_comparison RUN_A RUN_B OUT.png

Both are folders of `netlore refine` over the same design space; the first replicate of each is drawn.
"""

from __future__ import annotations

from netlore.experiments.refine import stored_refinements
from netlore.report.figures.figure import png_bytes
from netlore.report.figures.overlaid import overlaid_figure
from netlore.storage.atomic import write_whole
from paper.pages import parser


def main() -> None:
    """Draw the figure."""
    options = parser(__doc__, "run_a", "run_b", "out").parse_args()
    first, second = (stored_refinements(run)[1][0] for run in (options.run_a, options.run_b))
    figure = overlaid_figure({first.predictor: first, second.predictor: second}, first.space.hyperparameters)
    print(write_whole(options.out, png_bytes(figure)))


if __name__ == "__main__":
    main()
