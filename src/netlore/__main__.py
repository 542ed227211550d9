"""`python -m netlore`."""

from netlore.cli import main

main()
