"""The snippets of docs/export.md, run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netlore.export import FORMATS
from netlore.networks import build
from netlore.space.named import named
from tests.export.cases import trained

TEXT = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
SECTIONS = {
    section.partition("\n")[0]: "\n".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL))
    for section in TEXT.split("\n## ")[1:]
}
NETWORK = trained(named("baseline/resnet-20"), 10, resolution=32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("onnx", "onnxruntime", "onnxscript", "safetensors"):
        pytest.importorskip(package, reason="the extras `onnx` and `train` are not installed")
    folder = tmp_path_factory.mktemp("export")
    for write in FORMATS.values():
        write(NETWORK, folder)
    return folder


@pytest.mark.parametrize("title", SECTIONS)
def test_snippets_run(title, folder: Path, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    assert SECTIONS[title], "every section has code"
    namespace: dict[str, object] = {}
    exec(compile(SECTIONS[title], f"docs/export.md, {title}", "exec"), namespace)
    if "print" in SECTIONS[title]:
        assert re.fullmatch(r"\[('class \d'(, )?){8}\]\n", capsys.readouterr().out)


def test_the_page_knows_every_format_and_its_tolerance():
    assert re.findall(r"--format (\w+)", TEXT) == list(FORMATS)
    assert "at most 1e-4 for ONNX" in TEXT and "1e-5 for Python" in TEXT
    from netlore.export import onnx as as_onnx
    from netlore.export import python as as_python

    assert (as_onnx.TOLERANCE, as_python.TOLERANCE) == (1e-4, 1e-5)


def test_the_python_module_s_weights_fit_netlore_s_network(folder: Path):
    import torch

    build(NETWORK.architecture, 10).load_state_dict(torch.load(folder / "network.pt", weights_only=True))
