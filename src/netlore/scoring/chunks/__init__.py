"""Batches evaluated in parts."""
