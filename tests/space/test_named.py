from __future__ import annotations

import json
import os

import pytest

from netlore.errors import InvalidArchitecture, InvalidInput, UnknownName
from netlore.space import families
from netlore.space.named import named, names, natural_classes, parse
from tests.golden.table2 import TABLE2

SYNFLOW = named("paper/cifar10/synflow")


@pytest.mark.parametrize("name", names())
def test_every_name_is_an_architecture(name):
    assert parse(name) == named(name)
    families.check(named(name))


@pytest.mark.parametrize("row", TABLE2, ids=str)
def test_the_catalogue_holds_table_2(row):
    assert str(named(row.name)) == row.architecture
    assert natural_classes(row.name) == (row.num_classes if row.name.startswith("paper/") else 10)


def test_the_catalogue_holds_nothing_else():
    assert sorted(names()) == sorted({row.name for row in TABLE2})


@pytest.mark.parametrize(
    "text", ["", "paper/", "paper/cifar10/nosuch", "baseline/resnext-29-3x3", "resnet-20", "2x8"]
)
def test_an_unknown_name_is_answered_with_the_known_ones(text):
    with pytest.raises(UnknownName, match=r"is not known; choose one of .*baseline/resnet-20"):
        parse(text)


def test_json_text_is_read():
    assert parse(SYNFLOW.to_json()) == SYNFLOW
    assert parse("\n  " + json.dumps({"values": SYNFLOW.values})) == SYNFLOW, "without a family, anynet is meant"
    assert parse(named("baseline/resnet-20").to_json()) == named("baseline/resnet-20")


def test_a_json_file_is_read(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(json.loads(SYNFLOW.to_json()), indent=2), encoding="utf-8")
    assert parse(str(path)) == SYNFLOW


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"values": {"d1": 1', "the architecture is not valid JSON"),
        ('{"values": {"d1": ' + "9" * 5_000 + "}}", "the architecture is not valid JSON"),
        ("{}", 'the architecture has no "values" object; write'),
        ('{"values": [1, 2]}', 'the architecture has no "values" object; write'),
        ('{"family": 3, "values": {}}', 'the architecture has no "values" object; write'),
        ('{"values": {"d1": 1}}', "the anynet architecture lacks d2, d3, w1"),
    ],
)
def test_json_that_is_no_architecture_is_refused(text, message):
    with pytest.raises(InvalidArchitecture, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"w2": 24, "g2": 16},
            "w2 = 24 is not divisible by g2 = 16; choose w2 from {16, 32, ...} or lower g2.",
        ),
        ({"d1": True}, "d1 = True is not a whole number; give an integer."),
        ({"d1": 2.0}, "d1 = 2.0 is not a whole number; give an integer."),
        ({"d1": "2"}, "d1 = '2' is not a whole number; give an integer."),
        ({"d1": None}, "d1 = None is not a whole number; give an integer."),
        ({"b3": 0}, "b3 = 0 is not positive; choose 1 or more."),
        ({"g1": -8}, "g1 = -8 is not positive; choose 1 or more."),
    ],
)
def test_values_that_are_no_network_are_refused(changes, message):
    with pytest.raises(InvalidArchitecture) as caught:
        parse(json.dumps({"family": "anynet", "values": SYNFLOW.values | changes}))
    assert str(caught.value) == message


def test_an_unknown_family_is_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match="family 'vgg' is not known; choose one of anynet, anynet-imagenet, "):
        parse('{"family": "vgg", "values": {}}')


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"architecture file .*absent\.json cannot be read"):
        parse(str(tmp_path / "absent.json"))
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InvalidInput, match="cannot be read"):
        parse(str(tmp_path / "folder.json"))
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(InvalidInput, match=r"cannot be read \(it is a pipe\)"):
        parse(str(tmp_path / "pipe.json"))
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InvalidInput, match="cannot be read"):
        parse(str(tmp_path / "bytes.json"))
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(InvalidArchitecture, match='no "values" object'):
        parse(str(tmp_path / "list.json"))
