"""Training is tested where its extra is installed."""

from __future__ import annotations

import pytest

pytest.importorskip("lightning", reason="the extra `train` is not installed")
