from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netlore as nl
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.named import named, parse
from netlore.space.plan import head
from tests.space.small import FAMILIES, small_architectures


class Toy:
    """Two numbers."""

    name, hyperparameters = "toy", ("d1", "w1")

    def check(self, values):
        """Anything goes."""

    def plan(self, values, num_classes, channels):
        """One classifier, whatever the values."""
        return head(channels, num_classes)


@pytest.fixture(autouse=True)
def toy():
    families.FAMILIES.add("toy", Toy())
    yield
    families.FAMILIES.remove("toy")


def test_an_id_is_the_family_and_64_bits_of_the_sha256_of_the_json_form():
    # Stores on disk hold this id: it may never change.
    assert named("paper/cifar10/synflow").id == "anynet-f88bbc51b5169af4"
    text = (
        '{"family":"anynet","values":{"b1":1,"b2":1,"b3":1,"d1":15,"d2":16,"d3":16,'
        '"g1":8,"g2":16,"g3":16,"w1":8,"w2":16,"w3":64}}'
    )
    assert named("paper/cifar10/synflow").to_json() == text
    assert named("paper/cifar10/synflow").id == "anynet-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def test_the_order_of_the_mapping_changes_neither_id_nor_equality():
    values = named("paper/cifar10/jacov").values
    backwards = dict(reversed(values.items()))
    again = families.architecture("anynet", backwards)
    assert again == named("paper/cifar10/jacov") and again.id == named("paper/cifar10/jacov").id
    assert list(again.values) == list(values)


@pytest.mark.parametrize("family", FAMILIES)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_json_is_read_back(family, data):
    architecture = data.draw(small_architectures(family))
    again = parse(architecture.to_json())
    assert again == architecture and again.id == architecture.id and hash(again) == hash(architecture)


def test_the_same_values_in_two_families_have_two_ids():
    values = named("paper/cifar10/jacov").values | {"b1": 1, "b2": 1, "b3": 1}
    assert families.architecture("anynet", values).id != families.architecture("anynet-printed", values).id


def test_text_groups_values_by_letter():
    assert str(named("paper/cifar10/synflow")) == "d 15,16,16; w 8,16,64; g 8,16,16; b 1,1,1"
    assert str(named("baseline/resnext-29-2x8")) == "d 3,3,3; w 16,32,64; b 2; c 4"
    regnet = nl.regnet_architecture(depth=13, w_0=24, w_a=36.0, w_m=2.49, group_width=8)
    assert str(regnet) == "d 13; w0 24; wa 36; wm 2.49; g 8"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"d1": 1}, "the toy architecture lacks w1; give exactly d1, w1."),
        ({"d1": 1, "w1": 2, "x": 3}, "the toy architecture does not know x; give exactly d1, w1."),
        ({"d1": 1, "w1": True}, "w1 = True is not a whole number; give an integer."),
        ({"d1": 1, "w1": 2.0}, "w1 = 2.0 is not a whole number; give an integer."),
        ({"d1": 1, "w1": "2"}, "w1 = '2' is not a whole number; give an integer."),
        ({"d1": None, "w1": 2}, "d1 = None is not a whole number; give an integer."),
    ],
)
def test_values_that_are_not_exactly_the_hyperparameters_are_refused(values, message):
    with pytest.raises(InvalidArchitecture) as caught:
        families.architecture("toy", values)
    assert str(caught.value) == message


def test_integers_of_numpy_become_plain_ones():
    made = families.architecture("toy", {"d1": np.int64(3), "w1": np.uint8(4)})
    assert made == Architecture("toy", (("d1", 3), ("w1", 4)))
    assert [type(value) for value in made.values.values()] == [int, int]
    assert json.loads(made.to_json())["values"] == {"d1": 3, "w1": 4}


def test_a_whole_number_for_a_real_one_is_the_real_one() -> None:
    values = {"d": 20, "w0": 64, "wa": 32, "wm": 2, "g": 16}
    one, other = (families.architecture("regnet-x", values | real) for real in ({}, {"wa": 32.0, "wm": 2.0}))
    assert one.id == other.id and isinstance(one.values["wa"], float)
