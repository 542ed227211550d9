"""Families: what a hyperparameter means. Each turns hyperparameter values into a plan.

Third parties add a family through the entry-point group `netlore.families`.
"""

from netlore.space.families.base import FAMILIES, Family, StagedFamily, architecture, check, get

__all__ = ["FAMILIES", "Family", "StagedFamily", "architecture", "check", "get"]
