"""Sentences of a report, each with its number."""
