from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.space.device_table import DeviceTable
from netlore.storage.device_tables import read_device_table, write_steps

TABLE = DeviceTable(
    "latency", "ms", {"runtime": "torch", "threads": 1}, {"linear": {"count": 0.25, "flops": 1.5e-9}}
)


def written(path: Path, **document: Any) -> Path:
    path.write_text(json.dumps({"format": "netlore device table", **document}))
    return path


def test_a_table_is_read_as_it_was_written(tmp_path: Path):
    found = read_device_table(write_steps(tmp_path / "table.json", TABLE))
    assert found == TABLE and found.digest == TABLE.digest
    assert found.about == "runtime torch, threads 1"


def test_a_table_of_architectures_names_them_as_commands_do(tmp_path: Path):
    cells = {one.string: 1.5 for one in nl.sample(nl.nats_topology(), 3)}
    found = read_device_table(written(tmp_path / "a.json", measure="energy", unit="mJ", architectures=cells))
    assert (found.family, found.resolution, found.measure, len(found.values)) == ("nats-topology", 0, "energy", 3)
    texts = {one.to_json(): 2.0 for one in nl.sample(nl.anynet(), 2)}
    other = read_device_table(written(tmp_path / "b.json", architectures=texts, resolution=32))
    assert (other.family, other.resolution, other.unit) == ("anynet", 32, "ms")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "has both steps and architectures, or none"),
        ({"steps": {"linear": {"count": 1.0}}, "architectures": {"baseline/resnet-20": 1.0}}, "has both steps"),
        ({"steps": {"linear": {"count": -1.0}}}, "steps.linear.count = -1.0 is not allowed"),
        ({"steps": {"linears": {"count": 1.0}}}, "has the step 'linears'"),
        ({"architectures": {"baseline/resnet-20": 1.0, "paper/cifar10/snip": 1.0}}, "a table for each family"),
        ({"architectures": {"secrets.json": 1.0}}, "write its values, not where they are"),
        ({"steps": {"linear": {"count": 1.0}}, "colour": "red"}, "colour"),
        ({"format": "another"}, "format = 'another' is not allowed"),
        ({"schema": 2}, "has schema 2"),
        ({"measure": "../../x", "steps": {"linear": {"count": 1.0}}}, "measure = '../../x' is not allowed"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, document: dict[str, Any], message: str):
    with pytest.raises(InvalidInput, match=message):
        read_device_table(written(tmp_path / "table.json", **document))


def test_the_tables_of_the_page_on_budgets_are_tables(tmp_path: Path):
    page = (Path(__file__).parents[2] / "docs" / "budgets.md").read_text()
    blocks = re.findall(r"```text\n(\{.*?\n\})\n```", page, re.DOTALL)
    found = []
    for number, text in enumerate(blocks):
        (tmp_path / f"{number}.json").write_text(text)
        found.append(read_device_table(tmp_path / f"{number}.json"))
    assert [(one.measure, bool(one.coefficients), len(one.values)) for one in found] == [
        ("latency", True, 0),
        ("energy", False, 1),
    ]
