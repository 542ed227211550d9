"""Arithmetic on activations that is faster than torch's own, for plans and modules alike."""
