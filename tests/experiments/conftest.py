"""One finished refinement that the tests of run folders share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netlore.experiments.config import RefineConfiguration
from netlore.experiments.refine import RefineRun, refine_run

TINY = RefineConfiguration(data="noise", batch_size=8, networks=6, round_limit=2, flops=(1e6, 5e6))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RefineRun:
    """A refinement of two replicates, ; its folder is that of its files. Not to be changed."""
    return refine_run(TINY, tmp_path_factory.mktemp("runs") / "finished", replicates=2)


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes a module of one's own that nothing else has imported, in a folder to work in; returns its name."""
    name = "own_networks"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, name, raising=False)

    def write(text: str) -> str:
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return write
