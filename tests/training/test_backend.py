"""Training starts whatever backend of matplotlib a notebook's kernel passed on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("lightning")


def test_an_inherited_backend_that_is_missing_ends_no_training() -> None:
    program = (
        "from netlore.drawing import import_matplotlib; import_matplotlib(); "
        "from netlore.training.fit import fit; import os; print(os.environ['MPLBACKEND'])"
    )
    backend = "module://matplotlib_inline.backend_inline"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "MPLBACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == backend
