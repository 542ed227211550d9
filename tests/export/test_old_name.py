import importlib

import pytest

import netlore.export


def test_the_old_name_works_and_warns():
    with pytest.warns(DeprecationWarning, match=r"netlore\.takeaway is netlore\.export"):
        old = importlib.reload(importlib.import_module("netlore.takeaway"))
    assert old.TrainedNetwork is netlore.export.TrainedNetwork
    assert old.write_python is netlore.export.write_python
