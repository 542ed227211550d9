from __future__ import annotations

import sys

import pytest

from netlore import plugins as registry
from netlore.errors import InvalidInput, UnknownName
from netlore.plugins import Registry


class Point:
    """Stands for another package's entry point."""

    def __init__(self, name: str, entry: object) -> None:
        self.name = name
        self.entry = entry
        self.loaded = 0

    def load(self) -> object:
        self.loaded += 1
        return self.entry


@pytest.fixture
def point(monkeypatch):
    """One entry point, "theirs", in the group "toys"."""
    only = Point("theirs", object())

    def entry_points(group: str, name: str | None = None) -> list[Point]:
        return [only] if group == "toys" and name in (None, only.name) else []

    monkeypatch.setattr(registry, "entry_points", entry_points)
    return only


def toys() -> Registry[object]:
    return Registry("toy", "toys", {"colour": "colorsys:rgb_to_hls", "absent": "no_such_module:thing"})


def test_names_are_built_in_then_added_then_of_other_packages(point):
    made = toys()
    made.add("mine", 3)
    assert made.names() == ["colour", "absent", "mine", "theirs"]


def test_entries_are_imported_on_first_use_and_kept(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    made = toys()
    made.names()
    assert "colorsys" not in sys.modules
    first = made.get("colour")
    assert "colorsys" in sys.modules and made.get("colour") is first


def test_entry_points_are_loaded_on_first_use_and_kept(point):
    made = toys()
    assert point.loaded == 0
    assert made.get("theirs") is point.entry is made.get("theirs")
    assert point.loaded == 1


def test_an_unknown_name_is_answered_with_the_known_ones(point):
    with pytest.raises(UnknownName) as caught:
        toys().get("yours")
    assert str(caught.value) == "toy 'yours' is not known; choose one of absent, colour, theirs."


def test_an_import_error_of_an_entry_is_shown_as_it_is():
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        toys().get("absent")


def test_a_taken_name_is_refused_unless_it_is_the_same_object():
    made, entry = toys(), object()
    made.add("mine", entry)
    made.add("mine", entry)
    assert made.get("mine") is entry
    for name in ("mine", "colour"):
        with pytest.raises(InvalidInput, match=f"toy name '{name}' is taken; choose another name"):
            made.add(name, object())
