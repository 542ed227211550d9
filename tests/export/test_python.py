from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from netlore.export import write_python
from netlore.space.complexity import complexity
from netlore.space.named import named, names, natural_classes
from tests.export.cases import SMALL, images, logits_of, trained
from tests.export.running import network_of


@pytest.mark.parametrize("name", names())
def test_the_module_computes_what_the_network_computes(name, tmp_path: Path):
    network = trained(named(name), natural_classes(name), resolution=16)
    path, weights = write_python(network, tmp_path)
    module = network_of(path.read_text(encoding="utf-8"))
    state = torch.load(weights, weights_only=True)
    assert list(module.state_dict()) == list(state) == list(network.weights)
    module.load_state_dict(state)
    given = images(2, 16)
    with torch.no_grad():
        found, expected = module.eval()(given), logits_of(network, given)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * max(1.0, float(expected.abs().max())))
    count = sum(parameter.numel() for parameter in module.parameters())
    assert count == complexity(network.architecture, network.num_classes).params


def test_the_files_are_used_without_netlore(tmp_path: Path):
    network = trained(SMALL)
    write_python(network, tmp_path)
    pixels = images() * torch.tensor(network.std).view(3, 1, 1) + torch.tensor(network.mean).view(3, 1, 1)
    torch.save(pixels, tmp_path / "pixels.pt")
    code = (
        "import sys, torch; sys.path.insert(0, '.'); sys.modules['netlore'] = None\n"
        "from network import CLASS_NAMES, RESOLUTION, Network, normalise\n"
        "network = Network().eval()\n"
        "network.load_state_dict(torch.load('network.pt', weights_only=True))\n"
        "torch.save(network(normalise(torch.load('pixels.pt'))), 'logits.pt')\n"
        "print(RESOLUTION, *CLASS_NAMES)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout == "12 class 0 class 1 class 2 class 3\n"
    found = torch.load(tmp_path / "logits.pt")
    torch.testing.assert_close(found, logits_of(network, images()), rtol=1e-4, atol=1e-4)
