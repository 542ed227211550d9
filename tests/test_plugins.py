from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from netlore import plugins
from netlore.errors import InvalidInput, UnknownName
from netlore.plugins import BrokenPlugin, Registry


class Package:
    """Stands for the distribution that an entry point belongs to."""

    def __init__(self, name: str) -> None:
        self.name, self.version = name, "1.0"


class Point:
    """Stands for another package's entry point."""

    group = "toys"

    def __init__(self, name: str, value: str, package: str = "acme") -> None:
        self.name, self.value, self.dist = name, value, Package(package)


@pytest.fixture
def points(monkeypatch):
    """Entry points of the group "toys": one that works, one that is broken, one name that two packages claim."""
    found = [
        Point("theirs", "fractions:Fraction"),
        Point("broken", "acme_gone:toy"),
        Point("contested", "fractions:Fraction"),
        Point("contested", "decimal:Decimal", "other"),
        Point("twice", "fractions:Fraction"),
        Point("twice", "fractions:Fraction"),
        Point("colour", "acme_gone:toy"),
    ]
    reads = []

    def entry_points(group: str) -> list[Point]:
        reads.append(group)
        return found if group == "toys" else []

    monkeypatch.setattr(plugins, "entry_points", entry_points)
    return reads


def toys() -> Registry[object]:
    return Registry("toy", "toys", {"colour": "colorsys:rgb_to_hls"}, callable)


def test_names_are_built_in_then_added_then_of_other_packages_and_read_once(points):
    made = toys()
    made.add("mine", int)
    assert made.names() == made.names() == ["colour", "mine", "theirs", "broken", "contested", "twice"]
    assert points == ["toys"]


def test_entries_are_imported_on_first_use_and_kept(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    made = toys()
    made.names()
    assert "colorsys" not in sys.modules
    first = made.get("colour")
    assert "colorsys" in sys.modules and made.get("colour") is first


def test_entry_points_are_found_by_name(points):
    from fractions import Fraction

    made = toys()
    assert made.get("theirs") is made.get("twice") is Fraction


def test_a_built_in_name_is_ours_whatever_others_call_theirs(points):
    from colorsys import rgb_to_hls

    assert toys().get("colour") is rgb_to_hls


def test_an_unknown_name_is_answered_with_the_known_ones(points):
    with pytest.raises(UnknownName) as caught:
        toys().get("yours")
    assert str(caught.value) == (
        "toy 'yours' is not known; choose one of broken, colour, contested, theirs, twice."
    )


def test_a_broken_plugin_is_named_with_its_package_and_stops_no_other(points):
    made = toys()
    with pytest.raises(BrokenPlugin) as caught:
        made.get("broken")
    assert str(caught.value) == (
        "toy 'broken' of the package acme 1.0 cannot be loaded (ModuleNotFoundError: No module named 'acme_gone')"
        "; reinstall or remove the package."
    )
    assert list(made) == ["colour", "theirs", "twice"]
    assert set(made.broken()) == {"broken", "contested"} and made.broken()["broken"] == str(caught.value)
    assert "broken" in made and "yours" not in made


def test_a_name_that_two_packages_claim_is_refused_when_it_is_asked_for(points):
    with pytest.raises(BrokenPlugin) as caught:
        toys().get("contested")
    assert str(caught.value) == (
        "toy 'contested' is the name of fractions:Fraction of acme 1.0 and decimal:Decimal of other 1.0; "
        "uninstall one package, or give an import path."
    )


def test_an_import_path_stands_for_a_name(points, tmp_path, monkeypatch):
    Path(tmp_path, "my_own_toys.py").write_text("def car(): ...\nnumber = 3\n")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    made = toys()
    assert made.get("my_own_toys:car").__name__ == "car"
    assert "my_own_toys:car" not in made.names()
    refused = {
        "my_own_toys:number": "toy 'my_own_toys:number' is of the type int, which is no toy; name an object "
        "that is.",
        "my_own_toys:bus": "toy 'my_own_toys:bus' cannot be loaded (AttributeError: module 'my_own_toys' has no "
        "attribute 'bus'); correct the path or the module.",
        ":bus": "toy ':bus' has no import path in ':bus'; write package.module:name.",
    }
    for path, message in refused.items():
        with pytest.raises(BrokenPlugin) as caught:
            made.get(path)
        assert str(caught.value) == message


@pytest.mark.parametrize("body", ["raise SystemExit(3)", "1 / 0", "def f(:"])
def test_whatever_a_module_raises_is_one_line(body, tmp_path, monkeypatch):
    Path(tmp_path, "raises_on_import.py").write_text(body)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BrokenPlugin, match=r"^toy 'raises_on_import:x' cannot be loaded \([^\n]*\); [^\n]*$"):
        toys().get("raises_on_import:x")


def test_a_taken_name_is_refused_unless_it_is_the_same_object():
    made, entry = toys(), object()
    made.add("mine", entry)
    made.add("mine", entry)
    assert made.get("mine") is entry
    for name in ("mine", "colour"):
        with pytest.raises(InvalidInput, match=f"toy name '{name}' is taken; choose another name"):
            made.add(name, object())


def test_what_was_added_can_be_removed_and_nothing_else():
    made = toys()
    made.add("mine", int)
    made.remove("mine")
    assert "mine" not in made
    for name in ("mine", "colour"):
        with pytest.raises(UnknownName):
            made.remove(name)


def test_a_package_whose_module_is_gone_is_named_in_one_line(tmp_path):
    """A real entry point, found through the metadata of an installed package."""
    info = tmp_path / "acme_netlore-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-netlore\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[netlore.families]\nacme = acme_netlore_gone:family\n")
    code = (
        "from netlore.space.families import FAMILIES as F; print('acme' in list(F), len(F.broken())); "
        "print(F.broken()['acme'])"
    )
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"
    run = subprocess.run([sys.executable, "-c", path], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [
        "False 1",
        "family 'acme' of the package acme-netlore 1.0 cannot be loaded (ModuleNotFoundError: No module named "
        "'acme_netlore_gone'); reinstall or remove the package.",
    ]
