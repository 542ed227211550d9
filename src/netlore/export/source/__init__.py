"""Networks as Python source: a fold over their plans, the counterpart of `networks.build`."""

from netlore.export.source.module import source_of

__all__ = ["source_of"]
