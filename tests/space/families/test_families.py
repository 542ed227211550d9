from __future__ import annotations

import pytest

from netlore.errors import InvalidArchitecture, UnknownName
from netlore.space import families
from tests.space.small import FAMILIES


def test_the_built_in_families_are_known_by_name():
    assert families.FAMILIES.names()[:4] == list(FAMILIES)
    assert [families.get(name).name for name in FAMILIES] == list(FAMILIES)


def test_an_unknown_family_is_refused():
    with pytest.raises(UnknownName, match="family 'vgg' is not known"):
        families.architecture("vgg", {})


@pytest.mark.parametrize("family", FAMILIES)
def test_every_value_must_be_positive(family):
    ones = dict.fromkeys(families.get(family).hyperparameters, 1)
    families.architecture(family, ones)
    for name in ones:
        with pytest.raises(InvalidArchitecture, match=f"{name} = 0 is not positive; choose 1 or more"):
            families.architecture(family, ones | {name: 0})
