from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.export import TrainedNetwork
from netlore.export.python import LINE_LENGTH, source_of
from netlore.networks import build_plan
from netlore.space.named import named, names, natural_classes
from netlore.space.plan import Plan
from tests.export.cases import PlanFamily, images, logits_of, registered, trained
from tests.export.plans import CLASSES, cell_plan, odd_plan, plain_plan, plans, token_plan
from tests.export.running import namespace_of, network_of
from tests.space.small import FAMILIES, small_architectures

AWKWARD = ("it's", 'a "cat"', "\\N", '"""', "two\nlines", "naïve", "\udcff", "", "'\"'", "# fmt: off")


def check(network: TrainedNetwork) -> None:
    module = network_of(source_of(network))
    shapes = {name: tensor.shape for name, tensor in module.state_dict().items()}
    assert list(shapes.items()) == [(name, tensor.shape) for name, tensor in network.weights.items()]
    module.load_state_dict(network.weights)
    pixels = images(2)
    with torch.no_grad():
        found, expected = module.eval()(pixels), logits_of(network, pixels)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * max(1.0, float(expected.abs().max())))


@pytest.mark.parametrize("family", FAMILIES)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_every_network_of_a_family_is_written_down(family, data):
    check(trained(data.draw(small_architectures(family))))


@settings(deadline=None, max_examples=100)
@given(plans())
def test_every_plan_is_written_down(plan: Plan):
    with registered(PlanFamily(plan)) as architecture:
        check(trained(architecture, CLASSES))


OTHERS = {"odd": odd_plan, "plain": plain_plan, "cell": cell_plan, "token": token_plan}


@pytest.mark.parametrize("plan", [make() for make in OTHERS.values()], ids=OTHERS)
def test_families_of_other_packages_are_written_down(plan):
    with registered(PlanFamily(plan)) as architecture:
        network = trained(architecture, CLASSES)
        check(network)
        assert "Family of-one: kernel_1 7; gate 7." in source_of(network)
    assert len(list(build_plan(plan))) == len(network_of(source_text(plan)))


def source_text(plan: Plan) -> str:
    with registered(PlanFamily(plan)) as architecture:
        return source_of(trained(architecture, CLASSES))


def test_only_what_a_network_has_is_written():
    text = source_of(trained())
    assert "import torch\n" not in text.replace("    import torch\n", "") and "Cell" not in text
    assert "class Cell(nn.Module)" in source_text(cell_plan()) and "Attention" not in source_text(cell_plan())


def test_awkward_names_come_back_as_they_were():
    facts = {'"""': "\\", "data": 'C:\\users\n"""\nraise SystemExit', "name": 'ends in "'}
    network = trained(classes=len(AWKWARD), class_names=AWKWARD, facts=facts)
    namespace = namespace_of(source_of(network))
    assert namespace["CLASS_NAMES"] == AWKWARD
    assert (namespace["MEAN"], namespace["STD"]) == (network.mean, network.std)
    docstring = ast.get_docstring(ast.parse(source_of(network)))
    assert docstring is not None
    assert 'ends in ": a network' in docstring and 'data: C:\\users """ raise SystemExit' in docstring


def test_one_class_is_a_tuple_too():
    assert namespace_of(source_of(trained(classes=1, class_names=("cat",))))["CLASS_NAMES"] == ("cat",)


def test_pixels_are_normalised_as_in_training():
    namespace = namespace_of(source_of(trained(mean=(0.0, 0.5, 1.0), std=(1.0, 0.5, 0.25))))
    found = namespace["normalise"](torch.full((2, 3, 1, 1), 0.75))
    assert found.flatten(1).tolist() == [[0.75, 0.5, -1.0]] * 2


def test_the_docstring_says_what_the_network_is():
    text = source_of(trained(named("baseline/resnext-29-2x8"), 10, resolution=32, facts={"error": "3.2 %"}))
    docstring = " ".join((ast.get_docstring(ast.parse(text)) or "").split())
    assert f"Family resnext: {named('baseline/resnext-29-2x8')}." in docstring
    for number in ("36,373,130", "215,754", "598,026", "32x32"):
        assert number in docstring
    assert "error: 3.2 %" in docstring and 'torch.load("network.pt", weights_only=True)' in docstring


def test_a_plan_is_short_to_read():
    text = source_of(trained(named("paper/cifar10/synflow"), 10, resolution=32))
    assert "('repeat', 14," in text and text.count("('sum',") == 6
    assert len(text.splitlines()) <= 150, "47 blocks"


def test_a_formatter_and_a_linter_leave_it_as_it_is(tmp_path: Path):
    pytest.importorskip("ruff", reason="ruff is not installed")
    networks = {name: trained(named(name), natural_classes(name)) for name in names()}
    networks["awkward"] = trained(classes=len(AWKWARD), class_names=AWKWARD, facts={"data": 'C:\\users\n"""'})
    networks["one"] = trained(classes=1)
    texts = {name: source_of(network) for name, network in networks.items()}
    texts |= {name: source_text(make()) for name, make in OTHERS.items()}
    for name, text in texts.items():
        assert max(map(len, text.splitlines())) <= LINE_LENGTH
        (tmp_path / f"{name.replace('/', '_').replace('-', '_')}.py").write_text(text, encoding="utf-8")
    for command in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", tmp_path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
