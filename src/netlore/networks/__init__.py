"""Plans become torch modules here."""

from netlore.networks.build import build, build_plan
from netlore.networks.layers import Residual

__all__ = ["Residual", "build", "build_plan"]
