"""Bad input of every kind: exit code 0, 2 or 3, or an error at the first line; never a traceback, never a hang."""
