from __future__ import annotations

import inspect
import json
import math
from pathlib import Path

import pytest

import netlore as nl
from netlore.cli import compute
from netlore.cli.options import configured
from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.experiments.config import Configuration, RefineConfiguration, ScoreConfiguration
from netlore.experiments.record import identity, record, recorded, saying_all
from netlore.networks.devices import versions
from netlore.refinement import methods
from netlore.refinement.fronts import nsga2
from netlore.refinement.refine import random_search, refine, refine_with_memory, regularised_evolution
from netlore.storage.documents import checked, write_document
from tests.experiments.documents import strictly

METHODS = {
    "paper": refine,
    "memory": refine_with_memory,
    "random": random_search,
    "evolution": regularised_evolution,
    "nsga2": nsga2,
}


def test_the_defaults_are_the_paper_s() -> None:
    found = RefineConfiguration()
    assert (found.space, found.flops, found.networks, found.method) == ("anynet", (10e6, 50e6), 500, "paper")


def test_the_command_and_its_configuration_have_the_same_defaults() -> None:
    options = {name: one.default for name, one in inspect.signature(compute.refine).parameters.items()}
    # None given means the paper's.
    usual = {name: RefineConfiguration.model_fields[name].default for name in ("method", "networks")}
    assert configured(RefineConfiguration, options | usual) == RefineConfiguration()


@pytest.mark.parametrize(
    "limits", [{"flops": (0, 50e6)}, {"params": (1e5, math.inf)}, {"flops": None, "activations": (0.5, math.inf)}]
)
def test_a_configuration_comes_back_from_its_file(tmp_path: Path, limits) -> None:
    for command, kind in (("refine", RefineConfiguration), ("score", ScoreConfiguration)):
        configuration = kind(data="noise", **limits)
        path = record(tmp_path, command, configuration, space=nl.anynet().to_document(), replicates=3)
        strictly(path.read_text())
        there = recorded(tmp_path)
        assert (there.command, there.configuration) == (command, configuration)
        assert type(there.configuration) is kind
        assert there.replicates == 3 and there.versions == versions()


def test_an_open_budget_is_null_in_json() -> None:
    configuration = Configuration(params=(1e5, math.inf))
    assert configuration.model_dump(mode="json")["params"] == [1e5, None]
    assert checked(Configuration, {"params": [1e5, None]}) == configuration
    assert Configuration(params=(1e5, math.inf)).params == (1e5, math.inf)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"networks": 0}, "networks = 0 is not allowed: input should be greater than or equal to 1"),
        ({"networks": "many"}, "networks = 'many' is not allowed: input should be a valid integer"),
        ({"seed": -1}, "seed = -1 is not allowed"),
        ({"dtype": "float16"}, "dtype = 'float16' is not allowed: input should be 'float32' or 'float64'"),
        ({"flops": (None, 5)}, "flops.0 = None is not allowed"),
        ({"flops": (1, 2, 3)}, "flops = (1, 2, 3) is not allowed"),
        (
            {"method": "fancy"},
            "method = 'fancy' is not allowed: method 'fancy' is not known; choose one of ",
        ),
        *(
            (
                {"method": method, "bootstrap": "monte-carlo"},
                f"bootstrap = 'monte-carlo' is not allowed: the method {method} has no bootstrap, so leave it at ",
            )
            for method in ("memory", "random", "evolution")
        ),
        ({"nets": 5}, "nets = 5 is not allowed: no such key; choose from"),
    ],
)
def test_what_is_not_allowed_is_said_with_the_rule(values, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(RefineConfiguration, values)
    assert message in str(caught.value)


@pytest.mark.parametrize("limits", [(5, 1), (-1, 5), (math.nan, 5), (1, math.nan)])
def test_an_empty_budget_is_refused_with_the_space(limits) -> None:
    configuration = Configuration(data="noise", batch_size=2, flops=limits)
    with pytest.raises(InvalidInput, match="is empty; give 0 <= low <= high"):
        configuration.make_space(configuration.make_task())


def test_the_space_is_made_for_the_data() -> None:
    configuration = Configuration(data="cifar100", batch_size=2, space="anynet-printed", params=(0, 1e6))
    space = configuration.make_space(configuration.make_task())
    assert (space.family, space.num_classes, space.resolution) == ("anynet-printed", 100, 32)
    assert space.budget.limits() == {"flops": (10e6, 50e6), "params": (0, 1e6)}


def test_what_would_stop_the_first_network_is_found_before() -> None:
    for changes, message in (({"device": "abacus"}, "device 'abacus'"), ({"flops": (1, 2)}, "acceptance rate 0")):
        configuration = Configuration(data="noise", batch_size=2, **changes)
        task = configuration.make_task()
        with pytest.raises(InvalidInput, match=message):
            configuration.check(task, configuration.make_space(task))


def test_commands_settings_and_batches_have_different_identities() -> None:
    configuration = RefineConfiguration(data="noise", batch_size=2, params=(0, math.inf))
    task = configuration.make_task()
    found = identity("refine", configuration, task)
    assert strictly(json.dumps(found)) == found
    assert found != identity("score", configuration, task)
    assert found != identity("refine", RefineConfiguration(data="noise", batch_size=2), task)
    other = RefineConfiguration(data="noise", batch_size=2, data_seed=1).make_task()
    assert found != identity("refine", configuration, other)


def test_folders_without_a_word_of_chunks_are_those_of_all_images_at_once(tmp_path: Path) -> None:
    configuration = ScoreConfiguration(data="noise", batch_size=2)
    path = record(tmp_path, "score", configuration, space=nl.anynet().to_document())
    document = json.loads(path.read_text())
    del document["configuration"]["chunk_size"]
    write_document(path, document)
    assert recorded(tmp_path).configuration == configuration
    task = configuration.make_task()
    assert "chunk_size" not in identity("score", configuration, task)
    chunks = ScoreConfiguration(data="noise", batch_size=2, chunk_size=1)
    assert identity("score", chunks, task) == {**identity("score", configuration, task), "chunk_size": 1}


def test_folders_without_a_word_of_a_method_are_the_paper_s(tmp_path: Path) -> None:
    configuration = RefineConfiguration(data="noise", batch_size=2)
    path = record(tmp_path, "refine", configuration, space=nl.anynet().to_document())
    document = json.loads(path.read_text())
    del document["configuration"]["method"]
    write_document(path, document)
    assert recorded(tmp_path).configuration == configuration
    task = configuration.make_task()
    facts = identity("refine", configuration, task)
    assert "method" not in facts
    memory = RefineConfiguration(data="noise", batch_size=2, method="memory")
    assert identity("refine", memory, task) == {**facts, "method": "memory"}


def test_the_usual_number_of_networks_goes_by_the_method() -> None:
    found = {name: inspect.signature(method).parameters["networks"].default for name, method in METHODS.items()}
    assert {name: methods.METHODS.get(name).networks for name in METHODS} == found
    assert found == {"paper": 500, "memory": 60, "random": 50, "evolution": 50, "nsga2": 50}


def test_a_refusal_also_says_what_identities_leave_out() -> None:
    def refused(there: dict, here: dict) -> str:
        with pytest.raises(DifferentConfiguration) as caught, saying_all():
            raise DifferentConfiguration(Path("run"), there, here)
        return str(caught.value)

    refined, scored = {"command": "refine"}, {"command": "score"}
    assert 'method is "paper" there and "memory" here;' in refused(refined, {**refined, "method": "memory"})
    assert "chunk_size is 3 there and 0 here;" in refused({**scored, "chunk_size": 3}, scored)
    assert "another configuration: command is" in refused(scored, refined)
    assert refused({"seed": 0}, {"seed": 1}).count(" there and ") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "{}",
        '{"command": "dance", "configuration": {}}',
        '{"command": "refine"}',
        '{"command": []}',
    ],
)
def test_a_file_that_is_no_run_s_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(
        InvalidInput,
        match=r"run\.json (cannot be used|is no readable JSON)|a dance run",
    ):
        recorded(tmp_path)


def test_a_run_of_a_later_version_with_unknown_settings_is_refused(tmp_path: Path) -> None:
    write_document(tmp_path / "run.json", {"command": "refine", "configuration": {"moon": "full"}})
    with pytest.raises(InvalidInput, match="moon = 'full' is not allowed"):
        recorded(tmp_path)


def test_what_is_not_json_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_document(tmp_path / "some.json", {"value": math.inf})
    assert not list(tmp_path.iterdir())
