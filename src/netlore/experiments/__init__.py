"""Runs in folders: what was asked for, what came of it, and going on with it."""
