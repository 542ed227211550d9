"""`netlore doctor`: what is installed, what the machine has, and whether scores are right."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import typer

from netlore.cli import options
from netlore.cli.console import print_json, show_table
from netlore.cli.exit_codes import keeping_nothing


def doctor(as_json: options.Json = False) -> None:
    """Say what is installed and what the machine has, and compare scores of three networks with stored ones."""
    from netlore.experiments.doctor import TOLERANCE, findings, self_test

    with keeping_nothing():
        found, test = findings(Path("runs")), self_test()
    if as_json:
        difference = test.difference if math.isfinite(test.difference) else None  # which is no JSON
        result = {**asdict(test), "difference": difference, "passed": test.passed}
        print_json({"findings": [asdict(one) for one in found], "self_test": result})
    else:
        show_table("This installation", [{"what": f.what, "found": f.found, "advice": f.advice} for f in found])
        print(
            f"Self-test: {test.scores} scores in {test.seconds:.1f} s, the farthest from its stored value by "
            f"{test.difference:.1g} of it ({test.where}): "
            + (
                "passed."
                if test.passed
                else f"FAILED, the limit is {TOLERANCE:g}; install the versions of constraints.txt."
            )
        )
    if not test.passed:
        raise typer.Exit(1)
