"""Passes over any module, by autograd."""
