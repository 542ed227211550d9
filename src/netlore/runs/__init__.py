"""Run folders: what a command does, resumable, and the files it leaves behind."""
