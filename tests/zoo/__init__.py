"""Modules of many kinds, and what each predictor says of them."""
