from __future__ import annotations

import math
import shlex

import pytest

from netlore import cli
from netlore.experiments import refine as refining
from netlore.experiments.config import RefineConfiguration
from netlore.report.command_lines import refine_command
from tests.experiments.conftest import TINY


class Asked(Exception):  # noqa: N818 - carries a configuration out of a command
    """What a command line asks for."""


@pytest.mark.parametrize(
    "configuration",
    [
        RefineConfiguration(),
        TINY,
        RefineConfiguration(flops=None, params=(12_345.5, math.inf), activations=(0, 1_234_567)),
        RefineConfiguration(
            data="a folder/with spaces", space="anynet-printed", seed=3, dtype="float64", data_seed=2
        ),
        RefineConfiguration(method="memory", networks=60),
        RefineConfiguration(space="regnet", space_options={"se": False}, flops=(200e6, 600e6)),
        RefineConfiguration(space="regnet", space_options={"se": "True"}, flops=None),
        RefineConfiguration(restrict={"d1": (1, 4), "w2": (16, 16)}),
        RefineConfiguration(space="tests.networks.own_spaces:make_space", restrict={"act": ("relu", "silu")}),
        RefineConfiguration(budget={"params": (0.5, 1e6)}),
        RefineConfiguration(method="evolution", networks=50, round_limit=60),
        RefineConfiguration(common_draws=True),
        RefineConfiguration(resize=256, crop=224, skip_bad=True, image_column="a picture", label_column="kind"),
        RefineConfiguration(bootstrap="monte-carlo", batch_size=128, device="cuda"),
    ],
)
def test_the_command_of_a_report_asks_for_the_same_again(configuration, monkeypatch) -> None:
    def asked(*arguments: object) -> None:
        raise Asked(arguments[0], arguments[2])

    monkeypatch.setattr(refining, "refine_run", asked)
    monkeypatch.setattr(cli, "own_process", lambda: None)
    program, *words = shlex.split(refine_command(configuration, replicates=2))
    assert program == "netlore"
    with pytest.raises(Asked) as caught:
        cli.main(words)
    assert caught.value.args == (configuration, 2)
