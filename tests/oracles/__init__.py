"""Slow, independent implementations of what the library computes, and networks to compare them on.

Nothing in here imports the library: every definition is written down a second time, in the plainest way that is
affordable, so that an agreement between the two means something.
"""
