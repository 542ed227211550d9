"""Modules by their sources: in folders as in memory, one of another definition is refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.experiments.config import ModulesConfiguration
from netlore.experiments.export import export_run, stored_table
from netlore.experiments.score_modules import score_modules_run
from netlore.report.collect import find
from netlore.report.write import _title, select_runs

TINY = ModulesConfiguration(data="noise", batch_size=4, predictors=("synflow", "snip"))

MODULE = """
import warnings
import torch
from torch import nn

def network(width=4, bias=True):
    return nn.Sequential(
        nn.Conv2d(3, width, 3, stride=4, bias=bias), nn.ReLU(), nn.Flatten(), nn.Linear(width * 64, 10)
    )

class Shy(nn.Linear):
    def __init__(self):
        super().__init__(3072, 10)

    def forward(self, x):
        assert len(x) > 1, "alone"
        return super().forward(x.flatten(1))

class Leaving(nn.Linear):
    def __init__(self):
        super().__init__(3072, 10)

    def forward(self, x):
        raise SystemExit("no more")

def on_meta():
    with torch.device("meta"):
        return network()

def quantised():
    warnings.simplefilter("ignore")
    return torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Flatten(), nn.Linear(3072, 10)), {nn.Linear})

def scripted():
    warnings.simplefilter("ignore")
    return torch.jit.script(network())

made = network()
five = 5
"""


def of(*modules: str, **settings: object) -> ModulesConfiguration:
    """A configuration that scores those."""
    return TINY.model_copy(update={"modules": modules, **settings})


def values(configuration: ModulesConfiguration, folder: Path | None = None) -> list[float | None]:
    """The scores in their order."""
    return [row.score.value for row in score_modules_run(configuration, folder).table.rows]


def forget() -> None:
    """Let the module be imported once more, as in another process."""
    del sys.modules["own_networks"]


def test_a_function_and_a_network_of_a_file_repeat_under_a_seed(own_module: Callable[[str], str]) -> None:
    own_module(MODULE)
    both = ("own_networks:network", "own_networks:made")
    first = values(of(*both))
    assert len(set(first)) == 4
    forget()
    assert values(of(*both[::-1])) == first[2:] + first[:2]
    forget()
    assert not set(values(of(*both, seed=1))) & set(first)


def test_arguments_are_values(own_module: Callable[[str], str]) -> None:
    own_module(MODULE)
    run = score_modules_run(of("own_networks:network", arguments={"width": "2", "bias": "false"}))
    (found,) = run.modules
    assert found["module"] == "own_networks:network(width=2, bias=False)"
    assert found["params"] == 2 * 27 + 128 * 10 + 10


def test_a_folder_has_all_that_reports_and_exports_need(own_module: Callable[[str], str], tmp_path: Path) -> None:
    own_module(MODULE)
    configuration = of("own_networks:network", "own_networks:Shy", networks=2)
    first = values(configuration, tmp_path / "run")
    reported: list[tuple[int, int]] = []
    again = score_modules_run(configuration, tmp_path / "run", progress=lambda *t: reported.append(t))
    assert reported == [(4, 4)] and [row.score.value for row in again.table.rows] == first
    export_run(tmp_path / "run", "archive", tmp_path / "archive")
    for folder in ("run", "archive"):
        assert {row.score.value for row in stored_table(tmp_path / folder).rows} == set(first)
        selected = select_runs([tmp_path / folder])
        assert _title(selected.folders) == "What predictors see in torch modules on noise"
        (sample,) = find([tmp_path / folder], "").samples
        asked = ["own_networks:network"] * 2 + ["own_networks:Shy"] * 2
        assert sample.frame["module"].tolist() == asked and sample.frame["draw"].tolist() == [0, 1, 0, 1]
        assert sample.missing["snip"]["trees"] == "there are no hyperparameters that all these networks have."
        assert (sample.family, sample.budget) == ("torch modules", "no budget: torch modules")
        assert sample.command == (
            "netlore score --module own_networks:network --module own_networks:Shy --networks 2 "
            "--predictor synflow --predictor snip --data noise --seed 0 --batch-size 4"
        )
    _, networks, _ = export_run(tmp_path / "run", "csv", tmp_path / "csv")
    frame = pd.read_csv(networks).set_index(["module", "draw"])
    assert frame.loc[("own_networks:network", 1), ["params", "flops"]].tolist() == [2_682, 9_738]
    # Refused on one image, scored on the batch: parameters are all that is known of its size.
    shy = frame.loc[("own_networks:Shy", 0)]
    assert shy["params"] == 30_730 and pd.isna(shy["flops"])


def test_what_a_module_raises_is_a_score_without_a_value(own_module: Callable[[str], str]) -> None:
    own_module(MODULE)
    scores = [row.score for row in score_modules_run(of("own_networks:Leaving")).table.rows]
    assert {(one.status, one.reason) for one in scores} == {("error", "SystemExit: no more")}


def test_a_changed_definition_is_refused_in_a_folder(own_module: Callable[[str], str], tmp_path: Path) -> None:
    own_module(MODULE)
    score_modules_run(of("own_networks:network"), tmp_path / "run")
    forget()
    own_module(MODULE.replace("nn.ReLU()", "nn.GELU()"))
    with pytest.raises(DifferentConfiguration, match="definitions is"):
        score_modules_run(of("own_networks:network"), tmp_path / "run")


@pytest.mark.parametrize("path", ["timm:resnet10t", "torchvision:squeezenet1_1"])
def test_models_of_libraries_fit_the_data(path: str, tmp_path: Path) -> None:
    pytest.importorskip(path.partition(":")[0])
    run = score_modules_run(of(path, predictors=("snip",)), tmp_path / "run")
    assert run.modules[0]["module"] == f"{path}(num_classes=10)" and run.failed == 0
    document = json.loads((tmp_path / "run" / "run.json").read_text())
    assert path.partition(":")[0] in document["versions"]


@pytest.mark.parametrize(
    ("modules", "settings", "said"),
    [
        (
            ("own_networks",),
            {},
            "module 'own_networks' does not say from where; write timm:NAME, torchvision:NAME",
        ),
        (("own_networks:",), {}, "module 'own_networks:' does not say from where"),
        (("./own_networks.py:network",), {}, "names a file, not what is imported; write own_networks:network"),
        (
            ("somewhere:else",),
            {},
            r"\(ModuleNotFoundError: .*\); correct it, or write timm:NAME, torchvision:NAME",
        ),
        (("own_networks:on_meta",), {}, "module own_networks:on_meta: the network is on the meta device"),
        (
            ("own_networks:quantised",),
            {},
            "module own_networks:quantised: layer '1' is quantised, and its weights",
        ),
        (("own_networks:scripted",), {}, "module own_networks:scripted: a TorchScript module cannot be examined"),
        (("own_networks:absent",), {}, "module own_networks:absent cannot be loaded"),
        (("own_networks:five",), {}, "module own_networks:five is of the type int"),
        (("absent:made",), {}, "module absent:made cannot be loaded"),
        (("own_networks:made",), {"networks": 2}, "is a network already"),
        (("own_networks:made",), {"arguments": {"width": "2"}}, "takes no arguments"),
        (("own_networks:network",), {"arguments": {"depth": "2"}}, r"network\(depth=2\) fails \(TypeError"),
        (("own_networks:network",) * 2, {}, "name one twice"),
        (
            ("torchvision:resnet17",),
            {},
            "Unknown model resnet17.; name a model that torchvision.models.list_models",
        ),
    ],
)
def test_what_is_no_network_is_refused(
    own_module: Callable[[str], str],
    tmp_path: Path,
    modules: tuple[str, ...],
    settings: dict[str, object],
    said: str,
) -> None:
    own_module(MODULE)
    with pytest.raises(InvalidInput, match=said):
        score_modules_run(of(*modules, **settings), tmp_path / "run")
    assert not (tmp_path / "run").exists()
