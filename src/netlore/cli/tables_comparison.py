"""What `netlore compare` prints on a terminal."""

from __future__ import annotations

from netlore.cli.console import show_table
from netlore.cli.tables import show_failures, show_files
from netlore.report.compare.tables import BEST_MEANS, MAIN
from netlore.report.compare.write import Comparison


def show_comparison(found: Comparison) -> None:
    """The sentences, the tables that are looked for first, scores that are missing, and the files."""
    for sentence in found.sentences:
        print(sentence)
    print()
    for table in found.tables:
        if table.name in MAIN:
            # Beside fresh scores a terminal has no room for the best means, which are the luckiest.
            shown = table.texts.drop(columns=list(BEST_MEANS) if found.findings.anew else [], errors="ignore")
            show_table(
                table.caption, [str(name) for name in shown], list(shown.itertuples(index=False, name=None))
            )
    show_failures([(row.architecture, row.predictor, row.score) for row in found.failures])
    show_files(found.files)
