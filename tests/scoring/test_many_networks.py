"""A process that scores network after network holds no more after many than after a few."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from netlore.executors import Processes
from tests.scoring import many_networks
from tests.scoring.many_networks import Footprint, Measuring, OneSetup, after_few_and_many, settings

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or platform.libc_ver()[0] != "glibc", reason="measures memory of Linux and glibc"
)

# Allowed for 150 networks. In use: 1.5 MB more were measured, most of it by the first of them, and next to nothing
# by the next thousand. Resident: where freed memory lies is chance, and up to 20 MB more of it were measured.
MORE_IN_USE, MORE_RESIDENT = 4e6, 30e6


def check(few: Footprint, many: Footprint) -> None:
    """No more in use, no more resident, no more tensors."""
    assert many.used <= few.used + MORE_IN_USE
    assert many.resident <= few.resident + MORE_RESIDENT
    assert many.tensors == few.tensors


def test_the_command_line_s_process_does_not_grow(tmp_path: Path) -> None:
    command = [sys.executable, "-m", many_networks.__name__, str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    few, many = (Footprint(*measured) for measured in json.loads(done.stdout))
    check(few, many)


def test_a_worker_process_does_not_grow(tmp_path: Path) -> None:
    with closing(OneSetup(Processes(1), Measuring(settings()))) as running:
        few, many = after_few_and_many(running, tmp_path)
    check(few, many)
