"""Predictors as values: made by a decorator, found by name, sent to other processes."""

from __future__ import annotations

import pickle
import sys
from functools import partial
from pathlib import Path

import pytest
from torch import Tensor

import netlore as nl
from netlore.errors import InvalidInput, UnknownName
from netlore.plugins import Registry
from netlore.scoring import predictor as room
from netlore.scoring.predictor import PAPER, PREDICTORS, Predictor, resolve
from netlore.scoring.probe import Probe
from netlore.scoring.transforms import TRANSFORMS
from tests.scoring.cases import BUILT_IN, images_and_labels, small_network


@nl.predictor("flow_of_ours", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test", transform="identity")
def flow_of_ours(probe: Probe) -> Tensor:
    """S = 2 ln of the flow.

    And more, which is not the summary.
    """
    return 2 * probe.log_synaptic_flow


def test_a_decorated_function_is_a_predictor() -> None:
    assert isinstance(flow_of_ours, Predictor)
    assert flow_of_ours.name == "flow_of_ours"
    assert flow_of_ours.summary == "S = 2 ln of the flow."
    assert flow_of_ours.transform == "identity"
    assert flow_of_ours.source == "a test"


def test_a_custom_predictor_is_used_as_an_object_among_names() -> None:
    scores = nl.probe(small_network(), *images_and_labels(resolution=6), predictors=("log_synflow", flow_of_ours))
    assert list(scores) == ["log_synflow", "flow_of_ours"]
    assert float(scores["flow_of_ours"]) == 2 * float(scores["log_synflow"])


def test_an_unknown_transform_is_refused() -> None:
    with pytest.raises(InvalidInput, match="transform 'square' is not known; choose one of identity, log"):
        nl.predictor("any", needs=nl.Evidence.SYNAPTIC_FLOW, source="", transform="square")


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_predictors_describe_themselves(name: str) -> None:
    found = PREDICTORS.get(name)
    assert found.name == name
    assert found.source
    # The docs have the same sentence.
    assert f"| `{name}` | {found.applies_to} |" in Path("docs/predictors.md").read_text()
    assert found.summary.startswith("S = ") or found.summary.startswith("ln")
    assert found.transform in TRANSFORMS


def test_resolve_takes_names_all_and_objects() -> None:
    assert [found.name for found in resolve("all")] == list(PAPER)
    assert [found.name for found in resolve("snip")] == ["snip"]
    assert resolve(flow_of_ours) == (flow_of_ours,)
    assert [found.name for found in resolve(["all", "log_synflow"])] == [*PAPER, "log_synflow"]


@pytest.mark.parametrize("asked", [(), ("snip", "snip"), ("all", "snip"), (flow_of_ours, flow_of_ours)])
def test_resolve_refuses_none_and_twice(asked: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="names none or one twice; name each predictor once"):
        resolve(asked)


@pytest.mark.parametrize("asked", ["nonsense", ("snip", "nonsense"), ""])
def test_resolve_refuses_unknown_names_and_lists_the_known(asked: str | tuple[str, ...]) -> None:
    with pytest.raises(UnknownName, match=r"is not known; choose one of .*grasp.*synflow"):
        resolve(asked)


def test_resolve_refuses_a_function_that_was_not_decorated() -> None:
    with pytest.raises(InvalidInput, match="is no predictor; decorate a function"):
        resolve([lambda probe: probe.log_synaptic_flow])  # type: ignore[list-item]


def test_a_name_means_one_predictor() -> None:
    # Scores are stored by name: two predictors of one name would mix in a store.
    @nl.predictor("snip", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test")
    def other(probe: Probe) -> Tensor:
        """S."""
        return probe.log_synaptic_flow

    with pytest.raises(InvalidInput, match="predictor name 'snip' is taken; choose another name"):
        resolve(other)
    with pytest.raises(InvalidInput, match="predictor name 'snip' is taken"):
        PREDICTORS.add("snip", other)
    assert resolve(PREDICTORS.get("snip"))[0].name == "snip"


def test_a_registered_predictor_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: Registry[Predictor] = Registry("predictor", "netlore.predictors", {})
    registry.add("flow_of_ours", flow_of_ours)
    monkeypatch.setattr(room, "PREDICTORS", registry)
    assert resolve(("flow_of_ours",)) == (flow_of_ours,)
    assert resolve(flow_of_ours) == (flow_of_ours,)


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_predictors_travel_by_name(name: str) -> None:
    found = PREDICTORS.get(name)
    assert pickle.loads(pickle.dumps(found)) is found


def test_custom_predictors_travel_if_they_can_be_imported() -> None:
    assert pickle.loads(pickle.dumps(flow_of_ours)) is flow_of_ours


def _undecorated(probe: Probe) -> Tensor:
    """S."""
    return probe.log_synaptic_flow


def test_what_cannot_be_imported_says_so_before_it_travels() -> None:
    make = nl.predictor("local", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test")

    def local(probe: Probe) -> Tensor:
        """S."""
        return probe.log_synaptic_flow

    # The last two would arrive as something else: the function's name holds the function, not the predictor.
    for compute in (local, lambda probe: probe.log_synaptic_flow, partial(_undecorated), _undecorated):
        with pytest.raises(InvalidInput, match=r"top level of a module, or use one worker"):
            pickle.dumps(make(compute))


@pytest.mark.parametrize("name", ["seed", "draw", "architecture", "two words", "1st", ""])
def test_a_name_that_a_score_table_needs_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="not free"):
        nl.predictor(name, needs=nl.Evidence.SYNAPTIC_FLOW, source="test")


def test_a_name_of_the_family_that_is_scored_is_refused() -> None:
    taken = nl.predictor("d1", needs=nl.Evidence.SYNAPTIC_FLOW, source="test")(flow_of_ours.compute)
    assert nl.probe(small_network(), *images_and_labels(resolution=6), taken)["d1"].status == "ok"
    task = nl.task("noise", batch_size=2)
    anynet = nl.anynet_architecture((1, 1, 1), (2, 2, 2), (1, 1, 1), (1, 1, 1))
    with pytest.raises(InvalidInput, match="predictor name 'd1' is a hyperparameter or a measure of family"):
        nl.score([anynet], taken, task)
    resnext = nl.architecture("resnext", {"d1": 1, "d2": 1, "d3": 1, "w1": 4, "w2": 4, "w3": 8, "b": 2, "c": 4})
    free = nl.predictor("g1", needs=nl.Evidence.SYNAPTIC_FLOW, source="test")(flow_of_ours.compute)
    assert "g1" in nl.score([resnext], free, task).wide.columns


def test_a_predictor_at_an_import_path_has_a_name_of_its_own_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(f"{__name__}:flow_of_ours") == (flow_of_ours,)
    impostor = nl.predictor("snip", needs=nl.Evidence.SYNAPTIC_FLOW, source="test")(flow_of_ours.compute)
    monkeypatch.setattr(sys.modules[__name__], "impostor", impostor, raising=False)
    with pytest.raises(InvalidInput, match="predictor name 'snip' is taken; choose another name"):
        resolve(f"{__name__}:impostor")
