from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from netlore.export import write_torchscript
from netlore.space.named import named
from tests.export.cases import SMALL, images, logits_of, trained

# Whoever writes it is told in the docs.
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*deprecated:FutureWarning")


@pytest.mark.parametrize(
    "network",
    [trained(SMALL), trained(named("paper/cifar10/synflow"), 10, resolution=32)],
    ids=["small", "paper/cifar10/synflow"],
)
def test_what_is_loaded_computes_what_the_network_computes(network, tmp_path: Path):
    (path,) = write_torchscript(network, tmp_path)
    module = torch.jit.load(path)
    assert not module.training
    for count in (1, 2, 7):
        given = images(count, network.resolution)
        with torch.no_grad():
            torch.testing.assert_close(module(given), logits_of(network, given), rtol=1e-5, atol=1e-5)


def test_metadata_are_an_extra_file(tmp_path: Path):
    (path,) = write_torchscript(trained(), tmp_path)
    extra = {"metadata.json": ""}
    torch.jit.load(path, _extra_files=extra)
    assert json.loads(extra["metadata.json"]) == trained().metadata()


def test_it_is_loaded_without_netlore(tmp_path: Path):
    network = trained()
    write_torchscript(network, tmp_path)
    torch.save(images(), tmp_path / "images.pt")
    code = (
        "import sys; sys.modules['netlore'] = None; import torch; "
        "torch.save(torch.jit.load('network.torchscript')(torch.load('images.pt')), 'logits.pt')"
    )
    subprocess.run([sys.executable, "-I", "-W", "ignore", "-c", code], cwd=tmp_path, check=True)
    torch.testing.assert_close(
        torch.load(tmp_path / "logits.pt"), logits_of(network, images()), rtol=1e-5, atol=1e-5
    )


@pytest.mark.filterwarnings("error")
def test_whoever_writes_it_is_not_warned(tmp_path: Path):
    write_torchscript(trained(), tmp_path)
